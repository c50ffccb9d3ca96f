import Engine

/// Adds a network's layers to a graph under one name, with parameters that start as PyTorch's do, and
/// collects the results of its blocks.
struct LayerBuilder {
  var graph: Graph
  let name: String
  var random: RandomSource
  var blocks: [String: Graph.Node] = [:]

  init(_ graph: Graph, name: String, random: RandomSource) {
    (self.graph, self.name, self.random) = (graph, name, random)
  }

  /// Convolves so that a stride of 1 keeps the size; weights and biases uniform in ±1/√(fan-in).
  mutating func convolve(
    _ input: Graph.Node, name: String, channels: Int, kernel: Int, stride: Int = 1,
    border: Border = .zero, hasBias: Bool = true
  ) throws -> Graph.Node {
    let inputs = input.shape[1]
    let bound = 1 / Float(inputs * kernel * kernel).squareRoot()
    let weights = try parameter(
      "\(name).conv.weight",
      random.uniform([channels, inputs, kernel, kernel], in: -bound..<bound))
    let bias =
      hasBias
      ? try parameter("\(name).conv.bias", random.uniform([channels], in: -bound..<bound)) : nil
    return try graph.convolve(
      input, weights: weights, bias: bias, stride: stride, padding: (kernel - 1) / 2,
      border: border)
  }

  /// The adjoint of a convolution of this stride; weights and biases start as PyTorch's do.
  mutating func convolveTransposed(
    _ input: Graph.Node, name: String, channels: Int, kernel: Int, stride: Int, padding: Int
  ) throws -> Graph.Node {
    let bound = 1 / Float(channels * kernel * kernel).squareRoot()
    let weights = try parameter(
      "\(name).conv.weight",
      random.uniform([input.shape[1], channels, kernel, kernel], in: -bound..<bound))
    let bias = try parameter(
      "\(name).conv.bias", random.uniform([channels], in: -bound..<bound))
    return try graph.convolveTransposed(
      input, weights: weights, bias: bias, stride: stride, padding: padding)
  }

  /// Normalises by the statistics of the picture itself; scales 1, shifts 0.
  mutating func normalize(_ node: Graph.Node, name: String) throws -> Graph.Node {
    let channels: Shape = [node.shape[1]]
    let scale = try parameter("\(name).norm.weight", Tensor(channels, repeating: 1))
    let shift = try parameter("\(name).norm.bias", Tensor(channels))
    return try graph.batchNormalize(node, scale: scale, shift: shift)
  }

  /// The same without a scale and a shift to learn: instance normalisation, as there is one picture.
  mutating func standardize(_ node: Graph.Node) throws -> Graph.Node {
    let channels: Shape = [node.shape[1]]
    return try graph.batchNormalize(
      node, scale: graph.constant(Tensor(channels, repeating: 1)),
      shift: graph.constant(Tensor(channels)))
  }

  /// The 1×1 convolution, or one with another kernel, that makes the picture.
  mutating func addOutput(
    _ input: Graph.Node, channels: Int, kernel: Int = 1, border: Border = .zero,
    hasBias: Bool = true, hasSigmoid: Bool = true
  ) throws -> Graph.Node {
    var output = try convolve(
      input, name: "output", channels: channels, kernel: kernel, border: border, hasBias: hasBias)
    if hasSigmoid { output = try graph.sigmoid(output) }
    blocks["output"] = output
    return output
  }

  mutating func parameter(_ suffix: String, _ initial: Tensor) throws -> Graph.Node {
    try graph.parameter("\(name).\(suffix)", initial: initial)
  }
}
