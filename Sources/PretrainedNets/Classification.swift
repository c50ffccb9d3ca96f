import Engine

/// A class that a network sees in a picture.
public struct Prediction: Sendable, Equatable {
  /// The index of the class.
  public let index: Int
  /// Its probability, 0 ... 1.
  public let probability: Float

  public init(index: Int, probability: Float) {
    (self.index, self.probability) = (index, probability)
  }
}

extension Classifier {
  /// The likeliest classes of a picture `[1, 3, H, W]`, R, G, B, 0 ... 1, the likeliest first.
  ///
  /// - Throws: as ``build(in:from:upTo:)``.
  public func classify(
    _ picture: Tensor, top count: Int = 5, threads: ThreadPool
  ) throws -> [Prediction] {
    guard let last = architecture.layers.last?.name else { return [] }
    let probabilities = try features(of: picture, at: [last], threads: threads)[last]
    return (probabilities?.elements ?? []).enumerated()
      .sorted { $0.element > $1.element }.prefix(count)
      .map { Prediction(index: $0.offset, probability: $0.element) }
  }

  /// The likeliest class of each picture, all of one shape.
  ///
  /// - Throws: as ``build(in:from:upTo:)``.
  func likeliest(of pictures: [Tensor], threads: ThreadPool) throws -> [Prediction] {
    try probabilities(of: pictures, threads: threads).map { probabilities in
      let best = probabilities.enumerated().max { $0.element < $1.element }
      return Prediction(index: best?.offset ?? 0, probability: best?.element ?? 0)
    }
  }

  /// The probabilities of all classes in each picture `[1, 3, H, W]`, R, G, B, 0 ... 1, all of one shape:
  /// the network is compiled once.
  ///
  /// - Throws: as ``build(in:from:upTo:)``.
  public func probabilities(of pictures: [Tensor], threads: ThreadPool) throws -> [[Float]] {
    guard let first = pictures.first else { return [] }
    let compiled = try CompiledClassifier(self, pictureShape: first.shape, threads: threads)
    return try pictures.map { try compiled.probabilities(of: $0) }
  }

  /// Whether the file holds what ``classify(_:top:threads:)`` needs.
  public var canClassify: Bool { availableLayers.last == architecture.layers.last?.name }
}

/// A classifier that is ready for pictures of one shape.
public final class CompiledClassifier {
  public let classifier: Classifier
  private let program: Program
  private let input: Graph.Node
  private let output: Graph.Node

  /// - Parameters:
  ///   - classifier: what is compiled, as far as its probabilities.
  ///   - pictureShape: `[1, 3, H, W]`.
  ///   - threads: what it spreads over.
  /// - Throws: as ``Classifier/build(in:from:upTo:)``.
  public init(_ classifier: Classifier, pictureShape: Shape, threads: ThreadPool) throws {
    let last = classifier.architecture.layers.last?.name ?? ""
    var graph = Graph()
    input = graph.input(pictureShape)
    let nodes = try classifier.build(in: &graph, from: input, upTo: [last])
    output = nodes[last] ?? input
    program = try Program(evaluating: [output], in: graph, threads: threads)
    self.classifier = classifier
  }

  /// The probabilities of all classes in a picture, R, G, B, 0 ... 1.
  ///
  /// - Throws: `EngineError` for another shape.
  public func probabilities(of picture: Tensor) throws -> [Float] {
    try program.set(input, to: picture)
    program.forward()
    return program.value(of: output).elements
  }
}
