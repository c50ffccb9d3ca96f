import Engine
import Inversion
import PretrainedNets

/// A class's score as a function of the picture, compiled once, with its gradient with respect to the picture
/// or to what a layer puts out.
struct ScoreProgram {
  private static let moved = "moved"
  private let program: Program
  private let input: Graph.Node?
  private let features: Graph.Node?

  /// With the gradient with respect to the picture.
  init(
    _ classifier: Classifier, _ classIndex: Int, _ shape: Shape, _ threads: ThreadPool
  ) throws {
    var graph = Graph()
    // A parameter, since gradients are taken with respect to parameters alone.
    let picture = try graph.parameter(Self.moved, initial: Tensor(shape))
    let layer = classifier.architecture.scoreLayer
    let nodes = try classifier.build(in: &graph, from: picture, upTo: [layer])
    let score = try Self.score(classIndex, of: nodes[layer], in: &graph)
    (input, features) = (nil, nil)
    program = try Program(minimizing: score, over: Self.moved, in: graph, threads: threads)
  }

  /// With the gradient with respect to a layer's output.
  init(
    _ classifier: Classifier, _ classIndex: Int, at layer: Layer, _ shape: Shape,
    _ threads: ThreadPool
  ) throws {
    var graph = Graph()
    let picture = graph.input(shape)
    let last = classifier.architecture.scoreLayer
    guard classifier.architecture.ancestry(of: [last]).contains(layer) else {
      throw AttributionError.noPlaces(layer: layer.name)
    }
    let nodes = try classifier.build(in: &graph, from: picture, upTo: [layer.name, last]) {
      (built, output, graph) throws(EngineError) in
      guard built.name == layer.name else { return output }
      // Nothing is added, but what is added has a gradient.
      return try graph.add(
        output, graph.parameter(Self.moved, initial: Tensor(output.shape)))
    }
    guard let features = nodes[layer.name] else { throw FeatureInversionError.noLayer }
    guard features.shape[2] * features.shape[3] > 1 else {
      throw AttributionError.noPlaces(layer: layer.name)
    }
    let score = try Self.score(classIndex, of: nodes[last], in: &graph)
    (input, self.features) = (picture, features)
    program = try Program(
      minimizing: score, over: Self.moved, in: graph, observing: [features], threads: threads)
  }

  private static func score(
    _ classIndex: Int, of features: Graph.Node?, in graph: inout Graph
  ) throws -> Graph.Node {
    guard let features else { throw FeatureInversionError.noLayer }
    return try Excitation.score(ofClass: classIndex).build(in: &graph, of: features)
  }

  private func set(_ picture: Tensor) throws {
    if let input {
      try program.set(input, to: picture)
    } else {
      try program.setParameter(Self.moved, to: picture)
    }
  }

  func score(of picture: Tensor) throws -> Float {
    try set(picture)
    program.forward()
    return program.loss
  }

  func gradient(at picture: Tensor) throws -> (score: Float, gradient: Tensor) {
    try set(picture)
    let score = program.forwardAndBackward()
    return (score, try program.gradient(Self.moved))
  }

  /// What the layer puts out for the last picture.
  var output: Tensor? { features.map { program.value(of: $0) } }
}
