import Engine

extension ONNXNetwork {
  mutating func addArithmetic(_ node: ONNXOperator) throws(WeightFileError) {
    let (a, b) = (try value(0, of: node), try value(1, of: node))
    switch (a, b) {
    case (.features(let x), .features(let y)): try addArithmetic(node, x, y)
    case (.features(let x), _): try addAffine(node, x, b, isReversed: false)
    case (_, .features(let x)): try addAffine(node, x, a, isReversed: true)
    default:
      guard let x = try numbers(of: a), let y = try numbers(of: b) else {
        throw node.fail("(\(node.kind)) computes with large tensors of the file")
      }
      let combined =
        switch node.kind {
        case "Add": x.combined(with: y, +)
        case "Sub": x.combined(with: y, -)
        case "Mul": x.combined(with: y, *)
        default: x.combined(with: y, /)
        }
      guard let combined else {
        throw node.fail("(\(node.kind)) does not fit: \(x.extents) and \(y.extents)")
      }
      try give(.constant(combined), for: node)
    }
  }

  /// Two values of the picture, of which one may have a single pixel or, for products, channel.
  private mutating func addArithmetic(
    _ node: ONNXOperator, _ x: ONNXFeatures, _ y: ONNXFeatures
  ) throws(WeightFileError) {
    guard node.kind == "Add" || node.kind == "Mul" else {
      throw node.fail("(\(node.kind)) is supported with a constant only")
    }
    guard x.axes == y.axes else {
      throw node.fail("(\(node.kind)) takes \(x.extents) and \(y.extents) with other axes")
    }
    let inputs = x.shape.count >= y.shape.count ? [x, y] : [y, x]
    try addLayer(
      node.kind == "Add" ? .addition : .multiplication, of: inputs, for: node)
  }

  /// A value of the picture with one constant, or one a channel.
  private mutating func addAffine(
    _ node: ONNXOperator, _ x: ONNXFeatures, _ other: ONNXValue, isReversed: Bool
  ) throws(WeightFileError) {
    let extents = other.extents
    // Its axes are counted from the last; none but that of the channels may be there.
    let fits = extents.enumerated().allSatisfy { index, extent in
      let axis = x.axes.count - extents.count + index
      return extent == 1 || axis >= 0 && x.axes[axis] == 1 && extent == x.shape[1]
    }
    guard fits, let constant = try numbers(of: other), !constant.numbers.isEmpty else {
      throw node.fail(
        "(\(node.kind)) takes \(x.extents) and a constant \(extents), where one number or one a "
          + "channel is supported")
    }
    let numbers = constant.numbers.map { Float($0) }
    let (scales, shifts): ([Float], [Float])
    switch node.kind {
    case "Add": (scales, shifts) = ([1], numbers)
    case "Sub": (scales, shifts) = isReversed ? ([-1], numbers) : ([1], numbers.map { -$0 })
    case "Mul": (scales, shifts) = (numbers, [])
    default:
      guard !isReversed else { throw node.fail("(Div) divides a constant by features") }
      (scales, shifts) = (numbers.map { 1 / $0 }, [])
    }
    guard (scales + shifts).allSatisfy(\.isFinite) else {
      throw node.fail("(\(node.kind)) has a constant that is not finite, or divides by 0")
    }
    try take(numbers.count, for: node)
    try addLayer(.affine(scales: scales, shifts: shifts), of: [x], for: node)
  }

  mutating func addConcatenation(_ node: ONNXOperator) throws(WeightFileError) {
    var parts: [ONNXFeatures] = []
    var constants: [ONNXConstant] = []
    for index in node.node.inputs.indices {
      let value = try value(index, of: node)
      if case .features(let features) = value {
        parts.append(features)
      } else if let constant = try numbers(of: value) {
        try take(constant.numbers.count, for: node)
        constants.append(constant)
      }
    }
    guard parts.count == node.node.inputs.count, let first = parts.first else {
      guard constants.count == node.node.inputs.count, !constants.isEmpty,
        constants.allSatisfy({ $0.extents.count == 1 })
      else { throw node.fail("(Concat) joins what is not supported together") }
      return try give(.constant(ONNXConstant(joining: constants)), for: node)
    }
    let axis = try node.axis(node.integer("axis", default: 1), of: first.axes.count)
    let fits = parts.allSatisfy { part in
      part.axes == first.axes && part.shape[2] == first.shape[2] && part.shape[3] == first.shape[3]
    }
    guard first.axes[axis] == 1, fits else {
      throw node.fail(
        "(Concat) joins \(parts.map(\.extents)) along axis \(axis), and only channels are supported"
      )
    }
    try addLayer(.concatenation, of: parts, for: node)
  }
}

extension ONNXConstant {
  fileprivate init(joining parts: [ONNXConstant]) {
    let numbers = parts.flatMap(\.numbers)
    self.init([numbers.count], numbers)
  }
}
