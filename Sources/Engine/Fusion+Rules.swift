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
    if case .joined(let forms) = form(of: inputs[0]) {
      return try normalize(operation, joining: forms, inputs)
    }
    let values = try values(of: inputs)
    let terms = try add(NormalizationTerms(epsilon: operation.epsilon), values)
    return .pending(values[0], terms: terms, slope: 1)
  }

  /// The terms of an enlargement are had from what is enlarged.
  private mutating func normalize(
    _ operation: BatchNormalization, joining forms: [Form], _ inputs: [Graph.Node]
  ) throws(EngineError) -> Form {
    var parts: [Graph.Node] = []
    var method = UpsamplingMethod.nearest
    for form in forms {
      if case .enlarged(let small, let its) = form {
        method = its
        parts.append(try join([small]))
      } else {
        parts.append(try join([form]))
      }
    }
    let terms = try add(
      NormalizationTerms(
        epsilon: operation.epsilon, parts: parts.count, smoothsLast: method == .bilinear),
      parts + (try values(of: Array(inputs.dropFirst()))))
    return .pendingJoin(
      plain: parts.count == 1 ? nil : parts[0], enlarged: parts[parts.count - 1], method,
      terms: terms, slope: 1)
  }

  /// A rectifier joins the normalisation before it, or the convolution (see ``convolve(_:_:_:)``).
  private func rectify(_ operation: LeakyReLU, _ inputs: [Graph.Node]) -> Form? {
    guard operation.slope <= 1 else { return nil }
    if case .pending(let node, let terms, 1) = form(of: inputs[0]) {
      return .pending(node, terms: terms, slope: operation.slope)
    }
    if case .pendingJoin(let plain, let enlarged, let method, let terms, 1) = form(of: inputs[0]) {
      return .pendingJoin(
        plain: plain, enlarged: enlarged, method, terms: terms, slope: operation.slope)
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
    switch form(of: inputs[0]) {
    case .pending(let x, let terms, let slope):
      operation.inputSlope = slope
      operands = [x] + (try values(of: Array(inputs.dropFirst()))) + [terms]
    case .pendingJoin(let plain, let enlarged, .bilinear, let terms, _):
      let bilinear = BilinearConvolution(
        border: operation.border, hasBias: operation.hasBias, hasPlain: plain != nil)
      operands = [enlarged] + (try values(of: Array(inputs.dropFirst()))) + [terms]
      if let plain { operands.append(plain) }
      return .value(try add(bilinear, operands))
    case .pendingJoin(let plain, let enlarged, .nearest, let terms, let slope):
      operation.inputSlope = slope
      operation.enlarges = plain?.shape.channels ?? 0
      operands = [enlarged] + (try values(of: Array(inputs.dropFirst()))) + [terms]
      if let plain { operands.append(plain) }
    default: operands = try values(of: inputs)
    }
    switch onlyReader(of: node)?.operation {
    case is BatchNormalization: operation.gathersMoments = node.shape.batch == 1
    case let rectifier as LeakyReLU where rectifier.slope <= 1:
      operation.outputSlope = rectifier.slope
      rectifiedConvolutions.insert(node.index)
      if let next = onlyReader(of: node).flatMap({ onlyReader(of: $0.node) }),
        next.operation is BatchNormalization
      {
        operation.gathersMoments = node.shape.batch == 1
      }
    default: break
    }
    return .value(try add(operation, operands))
  }

  /// An enlargement by two waits for the join that reads it.
  private func enlarge(
    _ operation: Upsampling, _ inputs: [Graph.Node], _ node: Graph.Node
  ) -> Form? {
    guard operation.factor == 2, node.shape.batch == 1 else { return nil }
    switch form(of: inputs[0]) {
    case .value, .pending: break
    default: return nil
    }
    let form = Form.enlarged(form(of: inputs[0]), operation.method)
    return gainsByEnlarging([form], inputs, node) ? .joined([form]) : form
  }

  /// Whether the node is normalised and read by one convolution that does better on the small picture.
  private func gainsByEnlarging(
    _ forms: [Form], _ inputs: [Graph.Node], _ node: Graph.Node
  ) -> Bool {
    guard forms.count <= 2, case .enlarged(_, let method) = forms[forms.count - 1] else {
      return false
    }
    if forms.count == 2, case .enlarged = forms[0] { return false }
    guard let normalization = onlyReader(of: node), normalization.operation is BatchNormalization,
      var reader = onlyReader(of: normalization.node)
    else { return false }
    // A rectifier is not to be had before the enlargement where that makes new numbers.
    if method == .nearest, let rectifier = reader.operation as? LeakyReLU, rectifier.slope <= 1 {
      guard let next = onlyReader(of: reader.node) else { return false }
      reader = next
    }
    guard let convolution = reader.operation as? Convolution,
      let weights = inputShapes(of: reader.node).dropFirst().first
    else { return false }
    let plain = forms.count == 1 ? 0 : inputs[0].shape.channels
    return convolution.gains(
      byEnlarging: node.shape.channels, after: plain, method, height: node.shape.height,
      width: node.shape.width, weights)
  }

  /// A concatenation of one size reads its branches through whatever is pending.
  private mutating func concatenate(
    _ operation: Concatenation, _ inputs: [Graph.Node], _ node: Graph.Node
  ) throws(EngineError) -> Form? {
    guard node.shape.batch == 1,
      inputs.allSatisfy({
        $0.shape.height == node.shape.height && $0.shape.width == node.shape.width
      })
    else { return nil }
    let forms = inputs.map { form(of: $0) }
    return gainsByEnlarging(forms, inputs, node) ? .joined(forms) : .value(try join(forms))
  }
}
