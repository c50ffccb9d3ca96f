import Engine

/// What a picture must explain: a degraded picture, the features of a network, a class.
public protocol Energy: Sendable {
  /// Adds the energy of a generated picture `[1, C, H, W]` to a graph.
  ///
  /// - Throws: errors of the graph where the sizes do not fit.
  func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms
}

/// An energy in a graph.
public struct EnergyTerms: Sendable {
  /// The scalar to be made small.
  public var loss: Graph.Node
  /// The part of the generated picture that is the result, `[1, C, h, w]`.
  public var picture: Graph.Node
  /// Further scalars worth following, by name (`feature_error fire4/concat`).
  public var observed: [(name: String, node: Graph.Node)] = []
  /// The error of what is hidden from the loss, where something is.
  public var heldOut: Graph.Node?
  /// Random displacements, drawn anew at each iteration.
  public var jitters: [Jitter] = []
  /// Random turns and sizes, drawn anew at each iteration.
  public var turns: [Turn] = []

  /// A displacement input `[2]`, rows then columns, each in 0 ..< amount.
  public struct Jitter: Sendable {
    public var offsets: Graph.Node
    public var amount: Int

    public init(offsets: Graph.Node, amount: Int) {
      self.offsets = offsets
      self.amount = amount
    }
  }

  /// An input `[2]`: a scale in 1 / scaling ... scaling, and an angle in -angle ... angle, in radians.
  public struct Turn: Sendable {
    public var transform: Graph.Node
    public var scaling: Float
    public var angle: Float

    public init(transform: Graph.Node, scaling: Float, angle: Float) {
      (self.transform, self.scaling, self.angle) = (transform, scaling, angle)
    }
  }

  public init(loss: Graph.Node, picture: Graph.Node) {
    self.loss = loss
    self.picture = picture
  }
}

/// A penalty on the generated numbers themselves.
public enum Regularizer: Sendable, Hashable {
  /// weight · Σ (dx² + dy²)^(β/2), the total variation of Mahendran and Vedaldi (CVPR 2015).
  case totalVariation(beta: Float, weight: Float)
  /// weight · Σ over pixels of ‖x‖^α, with the Euclidean norm over the channels.
  case alphaNorm(alpha: Float, weight: Float)
  /// A penalty for each of the numbers: pictures of all sizes bear the same weight.
  indirect case mean(Regularizer)

  /// The same penalty, weighted otherwise.
  public func scaled(by factor: Float) -> Regularizer {
    switch self {
    case .totalVariation(let beta, let weight):
      .totalVariation(beta: beta, weight: weight * factor)
    case .alphaNorm(let alpha, let weight): .alphaNorm(alpha: alpha, weight: weight * factor)
    case .mean(let penalty): .mean(penalty.scaled(by: factor))
    }
  }

  func build(in graph: inout Graph, of x: Graph.Node) throws -> Graph.Node {
    switch self {
    case .totalVariation(let beta, let weight):
      let norm = try graph.totalVariation(x, beta: beta)
      return try graph.scale(norm, by: weight)
    case .alphaNorm(let alpha, let weight):
      let norm = try graph.alphaNorm(x, alpha: alpha, over: .perPixel)
      return try graph.scale(norm, by: weight)
    case .mean(let penalty):
      return try penalty.scaled(by: 1 / Float(x.shape.count)).build(in: &graph, of: x)
    }
  }
}
