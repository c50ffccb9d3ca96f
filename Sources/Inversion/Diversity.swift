import Engine
import PretrainedNets

/// Pictures that another is to be unlike, by what goes together in them at a layer.
///
/// The likeness of two pictures is the cosine between the Gram matrices of their features, as in Olah et al.,
/// Feature Visualization (Distill 2017), where all pictures are sought at once; here one is after the other.
public struct Diversity: Sendable {
  public let layer: String
  /// What being unlike is worth: this share of the excitation of a picture that is like no other.
  public var share: Float
  /// That excitation, once it is known.
  public var excitation: Float = 0
  /// The Gram matrices of the others.
  public private(set) var others: [Tensor] = []

  public init(layer: String, share: Float = 0.25) { (self.layer, self.share) = (layer, share) }

  /// At the last layer that still tells apart a ninth of the picture's sides, where textures and parts of things
  /// are seen.
  ///
  /// - Throws: errors of reading the weights.
  public init(of classifier: Classifier, share: Float = 0.25) throws {
    let side = classifier.architecture.inputSize
    var graph = Graph()
    let input = graph.input([1, 3, side, side])
    let names = classifier.availableLayers
    let nodes = try classifier.build(in: &graph, from: input, upTo: names)
    let layer = names.last { name in
      nodes[name].map { $0.shape.rank == 4 && $0.shape[2] * 9 >= side } ?? false
    }
    self.init(layer: layer ?? names.first ?? "", share: share)
  }

  /// Adds a picture `[1, 3, H, W]`, 0 ... 1, to the others.
  ///
  /// - Throws: as ``Classifier/build(in:from:upTo:)``.
  public mutating func add(
    _ picture: Tensor, of classifier: Classifier, threads: ThreadPool
  ) throws {
    var graph = Graph()
    let input = graph.input(picture.shape)
    guard let features = try classifier.build(in: &graph, from: input, upTo: [layer])[layer] else {
      throw ExcitationError.none
    }
    let matrix = try graph.gramMatrix(features)
    let program = try Program(evaluating: [matrix], in: graph, threads: threads)
    try program.set(input, to: picture)
    program.forward()
    others.append(program.value(of: matrix))
  }

  /// The likeness of one of the others to each of the rest, 0 ... 1 where features are not negative.
  public func likeness(ofOther index: Int) -> [Double] {
    let own = others[index]
    return others.indices.filter { $0 != index }.map { place in
      let other = others[place]
      let product = zip(own.elements, other.elements).reduce(0) { $0 + Double($1.0 * $1.1) }
      let norms = (own.squaredNorm * other.squaredNorm).squareRoot()
      return product / max(norms, .leastNormalMagnitude)
    }
  }

  /// Adds what the mean likeness to the others costs, a scalar; `nil` where there are none.
  func build(in graph: inout Graph, of features: Graph.Node) throws -> Graph.Node? {
    guard !others.isEmpty else { return nil }
    let own = try graph.gramMatrix(features)
    var sum: Graph.Node?
    for other in others {
      let one = try graph.cosineSimilarity(own, graph.constant(other))
      sum = try sum.map { try graph.add($0, one) } ?? one
    }
    return try sum.map { try graph.scale($0, by: share * abs(excitation) / Float(others.count)) }
  }
}
