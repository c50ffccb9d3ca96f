// The rules of fusion: one function a kind of operation. A rule returns the form of its node, or nil where
// it does not apply, and the operation is taken over as it is.
extension Fusion {
  mutating func apply(
    _ operation: any Operation, to inputs: [Graph.Node], as node: Graph.Node
  ) throws(EngineError) -> Form? {
    switch operation {
    case let operation as BatchNormalization: try normalize(operation, inputs)
    case let operation as LeakyReLU: rectify(operation, inputs)
    case let operation as Convolution: try convolve(operation, inputs, node)
    case let operation as Upsampling: enlarge(operation, inputs, node)
    case let operation as Concatenation: try concatenate(operation, inputs, node)
    default: nil
    }
  }

  /// A normalisation is a few numbers a channel, and its readers apply them.
  private mutating func normalize(
    _ operation: BatchNormalization, _ inputs: [Graph.Node]
  ) throws(EngineError) -> Form? {
    guard inputs[0].shape.batch == 1 else { return nil }
    let values = try values(of: inputs)
    let terms = try add(NormalizationTerms(epsilon: operation.epsilon), values)
    return .pending(values[0], terms: terms, slope: 1)
  }

  /// A rectifier joins the normalisation before it, or the convolution (see ``convolve(_:_:_:)``).
  private func rectify(_ operation: LeakyReLU, _ inputs: [Graph.Node]) -> Form? {
    guard operation.slope <= 1 else { return nil }
    if case .pending(let node, let terms, 1) = form(of: inputs[0]) {
      return .pending(node, terms: terms, slope: operation.slope)
    }
    return rectifiedConvolutions.contains(inputs[0].index) ? form(of: inputs[0]) : nil
  }

  /// A convolution reads through a normalisation, leaves the moments for the next one, and rectifies its
  /// output where nobody else wants it.
  private mutating func convolve(
    _ operation: Convolution, _ inputs: [Graph.Node], _ node: Graph.Node
  ) throws(EngineError) -> Form? {
    var operation = operation
    var operands: [Graph.Node] = []
    if case .pending(let x, let terms, let slope) = form(of: inputs[0]) {
      operation.inputSlope = slope
      operands = [x] + (try values(of: Array(inputs.dropFirst()))) + [terms]
    } else {
      operands = try values(of: inputs)
    }
    switch onlyReader(of: node)?.operation {
    case is BatchNormalization: operation.gathersMoments = node.shape.batch == 1
    case let rectifier as LeakyReLU where rectifier.slope <= 1:
      operation.outputSlope = rectifier.slope
      rectifiedConvolutions.insert(node.index)
    default: break
    }
    return .value(try add(operation, operands))
  }

  /// An enlargement by two waits for the join that reads it.
  private func enlarge(
    _ operation: Upsampling, _ inputs: [Graph.Node], _ node: Graph.Node
  ) -> Form? {
    guard operation.factor == 2, node.shape.batch == 1 else { return nil }
    if case .enlarged = form(of: inputs[0]) { return nil }
    return .enlarged(form(of: inputs[0]), operation.method)
  }

  /// A concatenation of one size reads its branches through whatever is pending.
  private mutating func concatenate(
    _ operation: Concatenation, _ inputs: [Graph.Node], _ node: Graph.Node
  ) throws(EngineError) -> Form? {
    guard node.shape.batch == 1,
      inputs.allSatisfy({ $0.shape.height == node.shape.height && $0.shape.width == node.shape.width })
    else { return nil }
    return .value(try join(inputs.map { form(of: $0) }))
  }
}
