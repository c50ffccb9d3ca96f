import Engine

/// A classifier's layers and what its pictures go through, without weights.
public struct Architecture: Sendable {
  /// The name by which commands know it.
  public let name: String
  /// The name by which people know it.
  public let title: String
  /// The layers, each after all it takes.
  public private(set) var layers: [Layer]
  /// The side of the pictures it was trained on, in pixels.
  public internal(set) var inputSize: Int { didSet { measure() } }
  public var preprocessing: Preprocessing
  /// The names of its classes.
  public let labels: ClassLabels
  /// The layers with weights, with the shapes that they have at ``inputSize``.
  public private(set) var weightedLayers: [WeightedLayer] = []
  /// The shape of each layer's output for one picture of side ``inputSize``, by name.
  public private(set) var shapes: [String: Shape] = [:]
  /// What the networks of other families do otherwise, by family.
  private var ports: [WeightFamily: Architecture] = [:]

  /// What the inputs of the first layer are called.
  public static let pictureName = "data"

  /// All architectures, by their names.
  public static let all = [
    alexNet, caffeNet, alexNetTorchvision, vgg16, vgg19, squeezeNet1_0, squeezeNet1_1, googLeNet,
    resNet18, resNet50, darknetTiny, textures, texturesFaulty,
  ]

  init(
    name: String, title: String, inputSize: Int, preprocessing: Preprocessing,
    labels: ClassLabels = .imageNet, _ describe: (inout LayerTable) -> Void
  ) {
    var table = LayerTable()
    describe(&table)
    self.init(
      name: name, title: title, inputSize: inputSize, preprocessing: preprocessing, labels: labels,
      layers: table.layers)
  }

  init(
    name: String, title: String, inputSize: Int, preprocessing: Preprocessing,
    labels: ClassLabels, layers: [Layer]
  ) {
    (self.name, self.title, self.layers) = (name, title, layers)
    (self.inputSize, self.preprocessing, self.labels) = (inputSize, preprocessing, labels)
    measure()
  }

  /// Finds the shapes of layers and weights.
  private mutating func measure() {
    // The graph checks the table and tells its shapes; weights stand in it as inputs of no cost.
    var graph = Graph()
    var weighted: [WeightedLayer] = []
    let picture = graph.input([1, 3, inputSize, inputSize])
    do {
      let nodes = try Self.build(layers, in: &graph, from: picture) {
        (layer, graph) throws(EngineError) in
        var layer = layer
        layer.ordinal = weighted.count { $0.isOfKind(of: layer) }
        weighted.append(layer)
        return layer.parameters.reduce(into: [:]) { $0[$1.role] = graph.input($1.shape) }
      }
      shapes = nodes.mapValues(\.shape)
    } catch { preconditionFailure("the table of \(name) does not fit together: \(error)") }
    weightedLayers = weighted
  }

  /// The architecture of this name; case and punctuation do not matter (`SqueezeNet-1.1`).
  ///
  /// - Throws: ``ClassifierError/unknownNetwork(_:nearest:known:)`` with the nearest names.
  public static func named(_ name: String) throws(ClassifierError) -> Architecture {
    let known = all.map(\.name)
    func folded(_ name: String) -> String {
      name.lowercased().filter { $0.isLetter || $0.isNumber }
    }
    if let found = all.first(where: { folded($0.name) == folded(name) }) { return found }
    throw .unknownNetwork(name, nearest: nearest(to: name, among: known), known: known)
  }

  /// The network as files of a family mean it: the same layers, but with what was done otherwise as it was
  /// trained anew or ported.
  public func port(to family: WeightFamily) -> Architecture { ports[family] ?? self }

  /// This network, which files of a family mean otherwise.
  func ported(to family: WeightFamily, _ change: (inout Architecture) -> Void) -> Architecture {
    var port = self
    change(&port)
    var copy = self
    copy.ports[family] = port
    return copy
  }

  /// The layer of this name, or of this alias.
  ///
  /// - Throws: ``ClassifierError/unknownLayer(_:network:nearest:)`` with the nearest names.
  public func layer(named name: String) throws(ClassifierError) -> Layer {
    if let layer = layers.first(where: { $0.name == name || $0.aliases.contains(name) }) {
      return layer
    }
    throw .unknownLayer(
      name, network: self.name, nearest: nearest(to: name, among: layers.map(\.name)))
  }

  /// Changes layers; their names and inputs stay.
  mutating func changeLayers(_ change: (inout Layer) -> Void) {
    for index in layers.indices { change(&layers[index]) }
    measure()
  }

  /// The layers that these depend on, themselves included, in order.
  package func ancestry(of names: [String]) -> [Layer] {
    var needed = Set(names)
    var found: [Layer] = []
    for layer in layers.reversed() where needed.contains(layer.name) {
      needed.formUnion(layer.inputs)
      found.append(layer)
    }
    return found.reversed()
  }

  /// Adds layers to a graph, from a preprocessed picture; `parameters` gives the nodes of a layer's, and
  /// `altered` what stands for a layer's output in all that follows.
  package static func build(
    _ layers: [Layer], in graph: inout Graph, from picture: Graph.Node,
    altered: (Layer, Graph.Node, inout Graph) throws(EngineError) -> Graph.Node = {
      (_, output, _) in output
    },
    parameters: (WeightedLayer, inout Graph) throws(EngineError) -> [ParameterRole: Graph.Node]
  ) throws(EngineError) -> [String: Graph.Node] {
    var nodes = [pictureName: picture]
    for layer in layers {
      let inputs = layer.inputs.compactMap { nodes[$0] }
      var own: [ParameterRole: Graph.Node] = [:]
      if let weighted = layer.weights(for: inputs[0].shape) {
        own = try parameters(weighted, &graph)
      }
      let output = try layer.build(in: &graph, of: inputs, parameters: own)
      nodes[layer.name] = try altered(layer, output, &graph)
    }
    nodes[pictureName] = nil
    return nodes
  }
}

extension Architecture {
  /// The last layer with weights: its output, averaged over the picture, is the score of each class
  /// before rectification and softmax.
  public var scoreLayer: String { weightedLayers.last(where: \.isScoring)?.name ?? "" }

  /// The number of classes.
  public var classCount: Int { weightedLayers.last(where: \.isScoring)?.channels ?? 0 }

  /// The number of weights and biases.
  public var parameterCount: Int { weightedLayers.reduce(0) { $0 + $1.parameterCount } }

  /// The distance in pixels between neighbouring neurons of a layer: the product of the strides up
  /// to it.
  public func stride(of layer: String) -> Int {
    var strides = [Self.pictureName: 1]
    for layer in ancestry(of: [layer]) {
      let before = layer.inputs.compactMap { strides[$0] }.max() ?? 1
      strides[layer.name] = before * layer.stride
    }
    return strides[layer] ?? 1
  }
}
