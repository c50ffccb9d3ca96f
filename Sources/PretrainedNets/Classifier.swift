import Engine

/// A network with the weights of a file.
///
/// A file that lacks deeper layers serves the layers it has.
public struct Classifier: Sendable {
  public let architecture: Architecture
  /// What the weights are read from when a graph is built.
  public let file: WeightFile
  /// The layers that can be asked for, in order: those whose weights, and those of all that comes
  /// before them, are in the file.
  public let availableLayers: [String]

  /// Reads the names and shapes of a file of weights, under assumptions where it is to be read otherwise than
  /// it suggests.
  ///
  /// - Throws: ``WeightFileError`` where the file is no such file, has no layer of the network, or
  ///   one of another shape.
  public init(
    _ architecture: Architecture, weightsAt path: String, reading: WeightReading = WeightReading()
  ) throws(WeightFileError) {
    let file = try WeightFile(at: path)
    try self.init(architecture.port(to: file.family), weights: file, reading: reading)
  }

  /// As ``init(_:weightsAt:reading:)``, with a network that is what the file means: its port to the file's
  /// family is not sought.
  public init(
    _ network: Architecture, weights: WeightFile, reading: WeightReading = WeightReading()
  ) throws(WeightFileError) {
    let architecture = reading.apply(to: network)
    var file = weights
    (file.turnsKernels, file.swapsRows) = (reading.turnsKernels, reading.swapsRows)
    let path = file.path
    (self.architecture, self.file) = (architecture, file)
    let held = Set(file.held(of: architecture.weightedLayers))
    if held.isEmpty {
      throw .missingLayer(
        file: path, layer: architecture.weightedLayers[0].name, held: [], upTo: nil,
        network: architecture.name)
    }
    if let (entry, expected) = file.misfits(of: architecture.weightedLayers).first {
      throw .shape(
        file: path, inside: entry.path, expected: expected, found: entry.extents,
        network: architecture.name)
    }
    var available: Set<String> = [Architecture.pictureName]
    for layer in architecture.layers
    where layer.inputs.allSatisfy(available.contains)
      && (!layer.hasWeights || held.contains(layer.name))
    {
      available.insert(layer.name)
    }
    availableLayers = architecture.layers.map(\.name).filter(available.contains)
  }

  /// Adds the network, frozen, to a graph, as deep as the layers asked for.
  ///
  /// - Parameters:
  ///   - graph: what it is added to.
  ///   - picture: `[1, 3, H, W]`, R, G, B, 0 ... 1; any size down to where a layer has no output,
  ///     the architecture's own where a dense layer is asked for.
  ///   - layers: the names of the layers wanted.
  /// - Throws: ``ClassifierError`` for an unknown layer or a picture of the wrong size,
  ///   ``WeightFileError`` where the file lacks a layer or is damaged.
  /// - Returns: the output of each layer wanted, by the name asked for.
  public func build(
    in graph: inout Graph, from picture: Graph.Node, upTo layers: [String]
  ) throws -> [String: Graph.Node] {
    try build(in: &graph, from: picture, upTo: layers) { (_, output, _) in output }
  }

  /// As ``build(in:from:upTo:)``; `altered` tells what stands for a layer's output in all that follows.
  package func build(
    in graph: inout Graph, from picture: Graph.Node, upTo layers: [String],
    altered: (Layer, Graph.Node, inout Graph) throws(EngineError) -> Graph.Node
  ) throws -> [String: Graph.Node] {
    let wanted = try layers.map { (asked: $0, layer: try check(layer: $0)) }
    let needed = architecture.ancestry(of: wanted.map(\.layer.name))
    let names = Set(needed.map(\.name))
    let weights = try file.weights(
      of: architecture.weightedLayers.filter { names.contains($0.name) },
      network: architecture.name)
    let nodes: [String: Graph.Node]
    do {
      let prepared = try architecture.preprocessing.build(in: &graph, of: picture)
      nodes = try Architecture.build(needed, in: &graph, from: prepared, altered: altered) {
        (layer, graph) throws(EngineError) in
        (weights[layer.name]?.tensors ?? [:]).mapValues { graph.constant($0) }
      }
    } catch {
      throw ClassifierError.pictureSize(
        network: architecture.name, width: picture.shape[3], height: picture.shape[2],
        expected: architecture.inputSize, reason: error.description)
    }
    return wanted.reduce(into: [:]) { $0[$1.asked] = nodes[$1.layer.name] }
  }

  /// The layer of this name or alias, if it is known and the file can serve it.
  ///
  /// - Throws: ``ClassifierError/unknownLayer(_:network:nearest:)`` or
  ///   ``WeightFileError/missingLayer(file:layer:held:upTo:network:)``.
  @discardableResult
  public func check(layer name: String) throws -> Layer {
    let layer = try architecture.layer(named: name)
    if availableLayers.contains(layer.name) { return layer }
    let held = file.held(of: architecture.weightedLayers)
    let missing = architecture.ancestry(of: [layer.name])
      .first { $0.hasWeights && !held.contains($0.name) }
    throw WeightFileError.missingLayer(
      file: file.path, layer: missing?.name ?? layer.name,
      held: held, upTo: availableLayers.last, network: architecture.name)
  }

  /// The outputs of layers for a picture `[1, 3, H, W]`, R, G, B, 0 ... 1, by the names asked for.
  ///
  /// - Throws: as ``build(in:from:upTo:)``.
  public func features(
    of picture: Tensor, at layers: [String], threads: ThreadPool
  ) throws -> [String: Tensor] {
    var graph = Graph()
    let input = graph.input(picture.shape)
    let nodes = try build(in: &graph, from: input, upTo: layers)
    let program = try Program(
      evaluating: layers.compactMap { nodes[$0] }, in: graph, threads: threads)
    try program.set(input, to: picture)
    program.forward()
    return nodes.mapValues { program.value(of: $0) }
  }
}
