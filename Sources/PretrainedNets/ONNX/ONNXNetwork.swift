import Engine

/// A network as an ONNX graph describes it: its layers, named as the values that they give, and where the
/// weights of each lie.
///
/// Nodes are read one after the other. What depends on the picture becomes a layer; what does not is
/// computed at once, as it is how exporters write shapes.
struct ONNXNetwork {
  let archive: ONNXArchive
  let version: Int
  private(set) var layers: [Layer] = []
  private(set) var layout = ONNXLayout()
  /// The side of the pictures that the file is made for.
  private(set) var inputSize = 224
  /// How many pictures at once the file is made for, where it says so.
  private(set) var batch = 1
  private var values: [String: ONNXValue] = [:]
  /// The layers, with weights that cost nothing, to know shapes by.
  private var graph = Graph()
  private var nodes: [String: Graph.Node] = [:]
  /// How many numbers the constants that are left may have together.
  private var room = 1 << 24

  /// The versions of the operator set whose operations are read as they are meant.
  static let versions = 7...24
  static let nodeLimit = 20_000
  /// The numbers of a layer's output for one picture.
  static let outputLimit = 1 << 28

  /// - Throws: ``WeightFileError`` where the graph is damaged, or names what is not supported.
  init(_ archive: ONNXArchive) throws(WeightFileError) {
    self.archive = archive
    let graph = archive.model.graph
    let version = archive.model.operatorSets.last { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    self.version = Int(clamping: version?.version ?? 1)
    guard Self.versions.contains(self.version) else {
      throw .refused(
        file: archive.path, inside: "version \(self.version) of ONNX's operators",
        reason: "only \(Self.versions.lowerBound) to \(Self.versions.upperBound) are supported; "
          + "export the network anew")
    }
    guard graph.nodes.count <= Self.nodeLimit else {
      throw .refused(
        file: archive.path, inside: "its graph",
        reason: "of \(graph.nodes.count) nodes at most \(Self.nodeLimit) are read")
    }
    for tensor in graph.initializers {
      values[tensor.name] = stored(tensor.name, extents: tensor.extents)
    }
    try addPicture()
    for node in graph.nodes {
      try add(ONNXOperator(file: archive.path, node: node, version: self.version))
    }
    try addProbabilities()
    guard !layout.places.isEmpty else {
      throw .refused(
        file: archive.path, inside: "its graph", reason: "no layer of it has weights")
    }
  }

  /// A tensor of the file; one without numbers, or of something else, is an empty constant.
  private func stored(_ name: String, extents: [Int64]) -> ONNXValue {
    guard let tensor = archive.stored[name] else {
      let isEmpty = extents.contains(0) && extents.allSatisfy { $0 >= 0 }
      return .constant(ONNXConstant(isEmpty ? extents.map { Int(clamping: $0) } : [0], []))
    }
    return .stored(ONNXStored(name: name, extents: tensor.entry.extents))
  }

  // MARK: Input and output

  private mutating func addPicture() throws(WeightFileError) {
    func refuse(_ reason: String) -> WeightFileError {
      .refused(file: archive.path, inside: "its graph", reason: reason)
    }
    let inputs = archive.model.graph.inputs.filter { values[$0.name] == nil }
    guard inputs.count == 1 else {
      let names = inputs.prefix(3).map { $0.name.prefix(100) }.joined(separator: ", ")
      throw refuse(
        "it takes \(inputs.count) inputs (\(names)), where a classifier takes one picture")
    }
    let input = inputs[0]
    // Unknown extents are 0 here.
    var extents = [0, 3, 0, 0]
    if input.hasType, input.type.tensor.hasShape {
      extents = input.type.tensor.shape.extents.map { $0.hasValue ? Int(clamping: $0.value) : 0 }
    }
    guard extents.count == 4 else {
      throw refuse("it takes a tensor of \(extents.count) axes, where pictures have four")
    }
    let hasChannelsLast = extents[3] == 3 && extents[1] != 3
    let order = hasChannelsLast ? [0, 2, 3, 1] : [0, 1, 2, 3]
    let channels = hasChannelsLast ? 3 : extents[1]
    guard channels == 3 || channels == 0 else {
      throw refuse("it takes pictures of \(channels) channels, where pictures have 3")
    }
    let sides = (hasChannelsLast ? extents[1...2] : extents[2...3]).filter { $0 != 0 }
    if let side = sides.first {
      guard sides.allSatisfy({ $0 == side }), (1...ONNXOperator.longestSide).contains(side) else {
        throw refuse(
          "it takes pictures of \(sides.map(String.init).joined(separator: "×")) pixels, and only "
            + "squares of up to \(ONNXOperator.longestSide) are supported")
      }
      inputSize = side
    }
    batch = max(1, extents[0])
    let node = graph.input([1, 3, inputSize, inputSize])
    nodes[Architecture.pictureName] = node
    values[input.name] = .features(
      ONNXFeatures(layer: Architecture.pictureName, shape: node.shape, axes: order))
  }

  /// Ends the network with the probabilities of classes: the first output, or its softmax.
  private mutating func addProbabilities() throws(WeightFileError) {
    let outputs = archive.model.graph.outputs.compactMap { output -> ONNXFeatures? in
      if case .features(let features) = values[output.name] { features } else { nil }
    }
    guard let output = outputs.first, let layer = layers.first(where: { $0.name == output.layer })
    else {
      throw .refused(
        file: archive.path, inside: "its graph", reason: "no output of it depends on the picture")
    }
    let isSoftmax = layer.operation == .softmax
    guard output.shape[2] * output.shape[3] == 1, !isSoftmax || layers.last?.name != layer.name
    else { return }
    let name = unused("prob")
    let softmax = ONNXNode.with { $0.outputs = [name] }
    try addLayer(
      name, .softmax, of: isSoftmax ? layer.inputs : [layer.name],
      for: ONNXOperator(file: archive.path, node: softmax, version: version))
  }

  // MARK: Layers

  /// Adds a layer and tells the shape of its output.
  ///
  /// - Throws: ``WeightFileError/node(file:node:problem:)`` where it does not fit.
  @discardableResult
  mutating func addLayer(
    _ name: String, _ operation: Layer.Operation, of inputs: [String], for node: ONNXOperator,
    aliases: [String] = [], parameters: [ParameterRole: StoredParameter] = [:]
  ) throws(WeightFileError) -> Shape {
    guard nodes[name] == nil else { throw node.fail("gives '\(name)', which there is already") }
    let layer = Layer(name: name, aliases: aliases, operation: operation, inputs: inputs)
    let taken = inputs.compactMap { nodes[$0] }
    let output: Graph.Node
    do throws(EngineError) {
      let weights = layer.weights(for: taken[0].shape)?.parameters ?? []
      let own = weights.reduce(into: [:]) { $0[$1.role] = graph.input($1.shape) }
      output = try layer.build(in: &graph, of: taken, parameters: own)
    } catch { throw node.fail("(\(node.kind)) does not fit: \(error)") }
    let count = output.shape.extents.reduce(1 as Int?) { count, extent in
      count.flatMap { count in
        let (product, overflows) = count.multipliedReportingOverflow(by: extent)
        return overflows || product > Self.outputLimit ? nil : product
      }
    }
    guard count != nil else {
      throw node.fail("(\(node.kind)) gives \(output.shape), which is too large")
    }
    layers.append(layer)
    nodes[name] = output
    if !parameters.isEmpty { layout.places[name] = parameters }
    return output.shape
  }

  /// Adds the layer that gives a node's output, under the axes of its input or others.
  mutating func addLayer(
    _ operation: Layer.Operation, of inputs: [ONNXFeatures], for node: ONNXOperator,
    axes: [Int]? = nil, aliases: [String] = [], parameters: [ParameterRole: StoredParameter] = [:]
  ) throws(WeightFileError) {
    let name = node.output == Architecture.pictureName ? unused(node.output) : node.output
    let isNamed = !node.node.name.isEmpty && node.node.name != name
    let shape = try addLayer(
      name, operation, of: inputs.map(\.layer), for: node,
      aliases: (isNamed ? [node.node.name] : []) + aliases, parameters: parameters)
    let features = ONNXFeatures(layer: name, shape: shape, axes: axes ?? inputs[0].axes)
    try give(.features(features), for: node)
  }

  /// Adds a layer before the one that gives the node's output.
  mutating func addPreparation(
    _ suffix: String, _ operation: Layer.Operation, of input: ONNXFeatures, for node: ONNXOperator,
    parameters: [ParameterRole: StoredParameter] = [:]
  ) throws(WeightFileError) -> ONNXFeatures {
    let name = unused("\(node.output) \(suffix)")
    let shape = try addLayer(
      name, operation, of: [input.layer], for: node, parameters: parameters)
    return ONNXFeatures(layer: name, shape: shape, axes: input.axes)
  }

  /// A name that no layer has and no value.
  private func unused(_ name: String) -> String {
    var unused = name
    while nodes[unused] != nil || values[unused] != nil { unused += "'" }
    return unused
  }

  // MARK: Values

  /// Sets what a node gives.
  mutating func give(_ value: ONNXValue, for node: ONNXOperator) throws(WeightFileError) {
    if case .constant(let constant) = value { try take(constant.numbers.count, for: node) }
    guard !node.output.isEmpty else { throw node.fail("(\(node.kind)) gives nothing") }
    guard values.updateValue(value, forKey: node.output) == nil else {
      throw node.fail("gives '\(node.output)', which there is already")
    }
  }

  /// Makes sure that constants stay small, however often a graph joins and repeats them.
  mutating func take(_ count: Int, for node: ONNXOperator) throws(WeightFileError) {
    room -= count
    guard room >= 0 else { throw node.fail("(\(node.kind)) makes the graph's constants too large") }
  }

  /// Sets what a Constant node gives that has a tensor.
  mutating func giveStored(_ tensor: ONNXTensor, for node: ONNXOperator) throws(WeightFileError) {
    try give(stored(node.output, extents: tensor.extents), for: node)
  }

  /// What a node takes; `nil` where it leaves that input out.
  func optional(_ index: Int, of node: ONNXOperator) throws(WeightFileError) -> ONNXValue? {
    guard let name = node.input(index) else { return nil }
    guard let value = values[name] else {
      throw node.fail("takes '\(name)', which nothing before it gives")
    }
    return value
  }

  func value(_ index: Int, of node: ONNXOperator) throws(WeightFileError) -> ONNXValue {
    guard let value = try optional(index, of: node) else {
      throw node.fail("(\(node.kind)) lacks its input \(index)")
    }
    return value
  }

  /// An input that depends on the picture.
  func features(_ index: Int, of node: ONNXOperator) throws(WeightFileError) -> ONNXFeatures {
    if case .features(let features) = try value(index, of: node) { return features }
    throw node.fail("(\(node.kind)) takes a constant where the picture's features are supported")
  }

  /// An input `[N, C, H, W]`.
  func picture(_ index: Int, of node: ONNXOperator) throws(WeightFileError) -> ONNXFeatures {
    let found = try features(index, of: node)
    guard found.isPicture else {
      throw node.fail("(\(node.kind)) takes \(found.extents) in another order than N, C, H, W")
    }
    return found
  }

  /// A parameter: a tensor of the file.
  func parameter(_ index: Int, of node: ONNXOperator) throws(WeightFileError) -> ONNXStored {
    if case .stored(let stored) = try value(index, of: node) { return stored }
    throw node.fail(
      "(\(node.kind)) computes its input \(index), which must be a tensor of the file")
  }

  /// Where a vector of this length lies.
  func vector(
    _ index: Int, of node: ONNXOperator, count: Int
  ) throws(WeightFileError) -> StoredParameter {
    let stored = try parameter(index, of: node)
    guard stored.extents.reduce(1, { $0 &* $1 }) == count else {
      throw node.fail("(\(node.kind)) has \(stored.extents) for its input \(index), not [\(count)]")
    }
    return place(stored)
  }

  /// Where a tensor of the file lies, whose shape has been checked.
  func place(_ stored: ONNXStored, order: StoredOrder = .canonical) -> StoredParameter {
    let entry = archive.stored[stored.name]?.entry
    return StoredParameter([entry].compactMap { $0 }, entry?.extents ?? [], order: order)
  }

  /// An input's numbers where they are the same for every picture; `nil` where it is left out.
  func constant(_ index: Int, of node: ONNXOperator) throws(WeightFileError) -> ONNXConstant? {
    guard let value = try optional(index, of: node) else { return nil }
    guard let constant = try numbers(of: value) else {
      throw node.fail("(\(node.kind)) computes its input \(index) from the picture, or it is large")
    }
    return constant
  }

  /// A value's numbers; `nil` where they depend on the picture or are many.
  func numbers(of value: ONNXValue) throws(WeightFileError) -> ONNXConstant? {
    switch value {
    case .features: return nil
    case .constant(let constant): return constant
    case .stored(let stored):
      guard let tensor = archive.stored[stored.name],
        tensor.entry.extents.reduce(1, { $0 &* $1 }) <= ONNXConstant.limit
      else { return nil }
      let numbers = try tensor.read().elements.map(Double.init)
      if stored.isTransposed {
        return ONNXConstant(tensor.entry.extents, numbers).transposed([1, 0])
      }
      return ONNXConstant(stored.extents, numbers)
    }
  }

  /// Integers that newer versions take as an input and older ones as an attribute.
  func integers(
    _ name: String, orInput index: Int, of node: ONNXOperator
  ) throws(WeightFileError) -> [Int]? {
    if let integers = node.integers(name) { return integers }
    return try constant(index, of: node)?.integers
  }
}
