import Engine

extension Layer {
  /// Adds the layer to a graph, with the nodes of its parameters.
  func build(
    in graph: inout Graph, of inputs: [Graph.Node], parameters: [ParameterRole: Graph.Node]
  ) throws(EngineError) -> Graph.Node {
    func own(_ role: ParameterRole) -> Graph.Node {
      guard let node = parameters[role] else { preconditionFailure("\(name) has a \(role)") }
      return node
    }
    let x = inputs[0]
    switch operation {
    case .convolution(let window):
      return try graph.convolve(
        x, weights: own(.weight), bias: parameters[.bias], stride: window.stride,
        padding: window.paddingHeight, paddingWidth: window.paddingWidth, border: .zero,
        groups: window.groups)
    case .fullyConnected:
      return try graph.fullyConnect(x, weights: own(.weight), bias: parameters[.bias])
    case .batchNormalization(let epsilon):
      return try graph.batchNormalize(
        x, scale: own(.scale), shift: own(.shift), mean: own(.mean), variance: own(.variance),
        epsilon: epsilon)
    case .responseNormalization(let rule):
      return try graph.normalizeResponse(
        x, window: rule.size, alpha: rule.alpha, beta: rule.beta, k: rule.k,
        convention: rule.convention)
    case .relu: return try graph.relu(x)
    case .leakyReLU(let slope): return try graph.leakyReLU(x, slope: slope)
    case .sigmoid: return try graph.sigmoid(x)
    case .hardSigmoid(let slope, let offset):
      return try graph.hardSigmoid(x, slope: slope, offset: offset)
    case .hardSwish:
      return try graph.multiply(x, by: graph.hardSigmoid(x, slope: 1 / 6, offset: 0.5))
    case .clip(let low, let high): return try graph.clip(x, low: low, high: high)
    case .affine(let scales, let shifts):
      let channels = x.shape[1]
      return try graph.affine(
        x, scales: scales,
        shift: shifts.count == 1 ? Array(repeating: shifts[0], count: channels) : shifts)
    case .maxPool(let kernel, let stride, let padding, let rounding):
      return try graph.maxPool(
        x, kernel: kernel, stride: stride, padding: padding, rounding: rounding)
    case .averagePool(let kernel, let stride, let padding, let rounding, let countsPadding):
      return try graph.averagePool(
        x, kernel: kernel, stride: stride, padding: padding, rounding: rounding,
        countsPadding: countsPadding)
    case .globalAveragePool: return try graph.globalAveragePool(x)
    case .concatenation: return try graph.concatenate(inputs)
    case .addition: return try graph.add(x, inputs[1])
    case .multiplication: return try graph.multiply(x, by: inputs[1])
    case .selection(let channels): return try graph.select(channels: channels, of: x)
    case .padding(let margins):
      return try graph.pad(
        x, top: margins.top, left: margins.left, bottom: margins.bottom, right: margins.right,
        value: margins.value)
    case .flattening: return try graph.flatten(x)
    case .dropout: return x
    case .softmax: return try graph.softmax(x)
    case .logSoftmax: return try graph.logSoftmax(x)
    }
  }
}

extension Graph {
  /// slope · x + offset, between 0 and 1.
  fileprivate mutating func hardSigmoid(
    _ x: Node, slope: Float, offset: Float
  ) throws(EngineError) -> Node {
    let line = try affine(
      x, scale: slope, shift: Array(repeating: offset, count: x.shape[1]))
    return try clip(line, low: 0, high: 1)
  }
}
