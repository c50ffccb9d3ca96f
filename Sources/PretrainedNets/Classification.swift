import Engine

/// A class that a network sees in a picture.
public struct Prediction: Sendable, Equatable {
  /// The index of the class.
  public let index: Int
  /// Its probability, 0 ... 1.
  public let probability: Float
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
    guard let last = architecture.layers.last?.name, let first = pictures.first else { return [] }
    var graph = Graph()
    let input = graph.input(first.shape)
    let nodes = try build(in: &graph, from: input, upTo: [last])
    guard let output = nodes[last] else { return [] }
    let program = try Program(evaluating: [output], in: graph, threads: threads)
    return try pictures.map { picture in
      try program.set(input, to: picture)
      program.forward()
      return program.value(of: output).elements
    }
  }

  /// Whether the file holds what ``classify(_:top:threads:)`` needs.
  public var canClassify: Bool { availableLayers.last == architecture.layers.last?.name }
}
