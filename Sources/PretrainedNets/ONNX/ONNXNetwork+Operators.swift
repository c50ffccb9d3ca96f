import Engine

extension ONNXNetwork {
  /// Adds what a node computes.
  ///
  /// - Throws: ``WeightFileError/node(file:node:problem:)`` where it is not supported or damaged.
  mutating func add(_ node: ONNXOperator) throws(WeightFileError) {
    guard node.node.domain.isEmpty || node.node.domain == "ai.onnx" else {
      throw node.fail("is a \(node.node.domain).\(node.kind), which is not supported")
    }
    switch node.kind {
    // Layers with weights.
    case "Conv": try addConvolution(node)
    case "Gemm": try addGemm(node)
    case "MatMul": try addProduct(node)
    case "BatchNormalization": try addBatchNormalization(node)
    // Activations.
    case "Relu": try addActivation(.relu, node)
    case "LeakyRelu": try addLeakyReLU(node)
    case "Clip": try addClip(node)
    case "Sigmoid": try addActivation(.sigmoid, node)
    case "HardSigmoid":
      try addActivation(
        .hardSigmoid(
          slope: node.number("alpha", default: 0.2), offset: node.number("beta", default: 0.5)),
        node)
    case "HardSwish": try addActivation(.hardSwish, node)
    case "Softmax": try addSoftmax(.softmax, node)
    case "LogSoftmax": try addSoftmax(.logSoftmax, node)
    case "LRN": try addResponseNormalization(node)
    // Windows.
    case "MaxPool": try addMaxPool(node)
    case "AveragePool": try addAveragePool(node)
    case "GlobalAveragePool":
      try addLayer(.globalAveragePool, of: [picture(0, of: node)], for: node)
    case "ReduceMean": try addMean(node)
    case "Pad": try addPadding(node)
    // Arithmetic.
    case "Add", "Sub", "Mul", "Div": try addArithmetic(node)
    case "Concat": try addConcatenation(node)
    // Places.
    case "Flatten": try addFlattening(node)
    case "Reshape": try addReshaping(node)
    case "Transpose": try addTransposition(node)
    case "Squeeze": try addSqueezing(node)
    case "Unsqueeze": try addUnsqueezing(node)
    case "Gather": try addGathering(node)
    case "Slice": try addSlice(node)
    case "Shape": try addShape(node)
    // What passes a value on.
    case "Identity", "Dropout": try addIdentity(node)
    case "Cast": try addCast(node)
    // Constants.
    case "Constant": try addConstant(node)
    case "ConstantOfShape": try addConstantOfShape(node)
    default: throw node.fail("is a \(node.kind), which is not supported")
    }
  }

  // MARK: Layers with weights

  private mutating func addConvolution(_ node: ONNXOperator) throws(WeightFileError) {
    var x = try picture(0, of: node)
    let weight = try parameter(1, of: node)
    let groups = node.integer("group", default: 1)
    let shape = weight.extents
    guard shape.count == 4, !weight.isTransposed else {
      throw node.fail("(Conv) has kernels of \(shape), and only those of pictures are supported")
    }
    let (channels, overflows) = shape[1].multipliedReportingOverflow(by: groups)
    guard groups >= 1, !overflows, channels == x.shape[1], shape[0] % groups == 0 else {
      throw node.fail(
        "(Conv) has kernels \(shape) in \(groups) groups for an input of \(x.shape[1]) channels")
    }
    let kernel = try node.sides("kernel_shape", default: nil, orElse: (shape[2], shape[3]))
    guard kernel == (shape[2], shape[3]) else {
      throw node.fail("(Conv) has the kernel_shape \(kernel) and kernels \(shape)")
    }
    try node.requireNoDilation()
    let stride = try node.stride()
    var margins = try node.margins(
      kernel: kernel, stride: stride, height: x.shape[2], width: x.shape[3])
    if margins.top != margins.bottom || margins.left != margins.right {
      x = try addPreparation("padded", .padding(margins), of: x, for: node)
      margins = Layer.Margins()
    }
    var parameters: [ParameterRole: StoredParameter] = [.weight: place(weight)]
    if node.input(2) != nil { parameters[.bias] = try vector(2, of: node, count: shape[0]) }
    let window = Layer.Window(
      channels: shape[0], kernelHeight: shape[2], kernelWidth: shape[3], stride: stride,
      paddingHeight: margins.top, paddingWidth: margins.left, groups: groups,
      hasBias: parameters[.bias] != nil)
    try addLayer(
      .convolution(window), of: [x], for: node, aliases: Self.aliases(of: weight),
      parameters: parameters)
  }

  /// PyTorch's name of a layer, which the names of its weights begin with.
  private static func aliases(of weight: ONNXStored) -> [String] {
    weight.name.hasSuffix(".weight") ? [String(weight.name.dropLast(7))] : []
  }

  /// alpha · A · B + beta · C.
  private mutating func addGemm(_ node: ONNXOperator) throws(WeightFileError) {
    try node.require("transA", is: 0)
    let isTransposed = node.integer("transB", default: 0) != 0
    let alpha = try node.number("alpha", default: 1)
    let beta = try node.number("beta", default: 1)
    let weight = try parameter(1, of: node)
    let hasBias = node.input(2) != nil
    let (x, place, outputs) = try matrix(weight, isTransposed: isTransposed, of: node)
    let aliases = Self.aliases(of: weight)
    let isPlain: Bool =
      if alpha != 1 || beta != 1 { false } else if !hasBias { true } else {
        if case .stored(let bias) = try value(2, of: node) {
          bias.extents.reduce(1) { $0 &* $1 } == outputs
        } else {
          false
        }
      }
    if isPlain {
      var parameters: [ParameterRole: StoredParameter] = [.weight: place]
      if hasBias { parameters[.bias] = try vector(2, of: node, count: outputs) }
      return try addLayer(
        .fullyConnected(channels: outputs, hasBias: hasBias), of: [x], for: node, axes: [0, 1],
        aliases: aliases, parameters: parameters)
    }
    let product = try addPreparation(
      "product", .fullyConnected(channels: outputs, hasBias: false), of: x, for: node,
      parameters: [.weight: place])
    var shifts = try constant(2, of: node).map { $0.numbers.map { Float($0) * beta } } ?? [0]
    guard shifts.count == 1 || shifts.count == outputs, shifts.allSatisfy(\.isFinite) else {
      throw node.fail("(Gemm) has \(shifts.count) biases for \(outputs) outputs, or infinite ones")
    }
    if shifts.count == 1 { shifts = Array(repeating: shifts[0], count: outputs) }
    try addLayer(
      .affine(scales: [alpha], shifts: shifts), of: [product], for: node, axes: [0, 1],
      aliases: aliases)
  }

  private mutating func addProduct(_ node: ONNXOperator) throws(WeightFileError) {
    let weight = try parameter(1, of: node)
    let (x, place, outputs) = try matrix(weight, isTransposed: false, of: node)
    try addLayer(
      .fullyConnected(channels: outputs, hasBias: false), of: [x], for: node, axes: [0, 1],
      aliases: Self.aliases(of: weight), parameters: [.weight: place])
  }

  /// The input of a dense layer, where its matrix lies and the number of its outputs; the matrix is
  /// (in, out), or (out, in) where it is transposed.
  private func matrix(
    _ weight: ONNXStored, isTransposed: Bool, of node: ONNXOperator
  ) throws(WeightFileError) -> (ONNXFeatures, StoredParameter, Int) {
    let x = try features(0, of: node)
    guard x.axes == [0, 1] else {
      throw node.fail("(\(node.kind)) multiplies \(x.extents), and only [N, K] is supported")
    }
    let place = place(weight)
    // The file's own order of axes decides how it is read.
    let isOutputFirst = isTransposed != weight.isTransposed
    let sides = isTransposed ? weight.extents.reversed() : weight.extents
    guard sides.count == 2, place.extents.count == 2, sides[0] == x.shape[1] else {
      throw node.fail("(\(node.kind)) multiplies \(x.extents) by a matrix \(weight.extents)")
    }
    return (
      x, isOutputFirst ? place : self.place(weight, order: .inputOutput(flattens: nil)), sides[1]
    )
  }

  private mutating func addBatchNormalization(_ node: ONNXOperator) throws(WeightFileError) {
    try node.require("training_mode", is: 0)
    try node.require("spatial", is: 1)
    let x = try features(0, of: node)
    guard x.hasChannelsSecond else {
      throw node.fail("(BatchNormalization) takes \(x.extents), and only N, C, H, W is supported")
    }
    let epsilon = try node.number("epsilon", default: 1e-5)
    guard epsilon >= 0 else { throw node.fail("(BatchNormalization) has the epsilon \(epsilon)") }
    var parameters: [ParameterRole: StoredParameter] = [:]
    for (index, role) in [ParameterRole.scale, .shift, .mean, .variance].enumerated() {
      parameters[role] = try vector(index + 1, of: node, count: x.shape[1])
    }
    try addLayer(
      .batchNormalization(epsilon: epsilon), of: [x], for: node,
      aliases: Self.aliases(of: try parameter(1, of: node)), parameters: parameters)
  }

  // MARK: Activations

  private mutating func addActivation(
    _ operation: Layer.Operation, _ node: ONNXOperator
  ) throws(WeightFileError) {
    try addLayer(operation, of: [features(0, of: node)], for: node)
  }

  private mutating func addLeakyReLU(_ node: ONNXOperator) throws(WeightFileError) {
    try addActivation(.leakyReLU(slope: node.number("alpha", default: 0.01)), node)
  }

  private mutating func addClip(_ node: ONNXOperator) throws(WeightFileError) {
    func bound(_ name: String, _ index: Int, _ none: Float) throws(WeightFileError) -> Float {
      if let attribute = node.attribute(name) { return attribute.number }
      guard let constant = try constant(index, of: node) else { return none }
      guard constant.numbers.count == 1 else {
        throw node.fail("(Clip) has \(constant.numbers.count) numbers for its \(name)")
      }
      return Float(constant.numbers[0])
    }
    let low = try bound("min", 1, -.infinity)
    let high = try bound("max", 2, .infinity)
    guard low <= high else { throw node.fail("(Clip) has the bounds \(low) and \(high)") }
    try addActivation(.clip(low: low, high: high), node)
  }

  private mutating func addSoftmax(
    _ operation: Layer.Operation, _ node: ONNXOperator
  ) throws(WeightFileError) {
    let x = try features(0, of: node)
    let isOld = node.version < 13
    let axis = try node.axis(node.integer("axis", default: isOld ? 1 : -1), of: x.axes.count)
    // Older versions take all axes from this one on together.
    let isOverChannels =
      x.axes[axis] == 1 && (!isOld || x.extents[(axis + 1)...].allSatisfy { $0 == 1 })
    guard isOverChannels else {
      throw node.fail(
        "(\(node.kind)) goes over axis \(axis) of \(x.extents), and only channels are supported")
    }
    try addLayer(operation, of: [x], for: node)
  }

  private mutating func addResponseNormalization(_ node: ONNXOperator) throws(WeightFileError) {
    let size = node.integer("size", default: 0)
    let k = try node.number("bias", default: 1)
    guard (1...ONNXOperator.longestSide).contains(size), size % 2 == 1, k > 0 else {
      throw node.fail(
        "(LRN) has the size \(size) and the bias \(k), which must be odd and positive")
    }
    let rule = Layer.ResponseNormalization(
      size: size, alpha: try node.number("alpha", default: 1e-4),
      beta: try node.number("beta", default: 0.75), k: k)
    try addLayer(.responseNormalization(rule), of: [picture(0, of: node)], for: node)
  }

  // MARK: What passes a value on

  private mutating func addIdentity(_ node: ONNXOperator) throws(WeightFileError) {
    let value = try value(0, of: node)
    guard case .features(let x) = value else { return try give(value, for: node) }
    try addLayer(.dropout, of: [x], for: node)
  }

  private mutating func addCast(_ node: ONNXOperator) throws(WeightFileError) {
    let value = try value(0, of: node)
    guard case .features(let x) = value else {
      guard var constant = try numbers(of: value) else { return try give(value, for: node) }
      let isFraction = [1, 10, 11, 16].contains(node.integer("to", default: 1))
      if !isFraction { constant.numbers = constant.numbers.map { $0.rounded(.towardZero) } }
      return try give(.constant(constant), for: node)
    }
    guard [1, 10, 11, 16].contains(node.integer("to", default: 1)) else {
      throw node.fail("(Cast) makes features integers, which is not supported")
    }
    try addLayer(.dropout, of: [x], for: node)
  }
}

extension ONNXOperator {
  /// A pair of sides, or another pair where it is left out.
  func sides(
    _ name: String, default value: Int?, orElse sides: (Int, Int)
  ) throws(WeightFileError) -> (Int, Int) {
    attribute(name) == nil ? sides : try self.sides(name, default: value)
  }
}
