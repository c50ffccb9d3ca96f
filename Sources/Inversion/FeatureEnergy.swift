import DIP
import Engine
import PretrainedNets

/// How far the features of a generated picture are from those that are asked for.
public struct FeatureEnergy: NetworkEnergy {
  /// One layer's features.
  public struct Target: Sendable {
    public var layer: String
    /// What the layer gave for the picture that is inverted.
    public var features: Tensor
    public var weight: Float
    /// Which of the features are matched; all, where it is `nil`.
    public var part: FeaturePart?

    public init(
      layer: String, features: Tensor, weight: Float = 1, part: FeaturePart? = nil
    ) {
      (self.layer, self.features, self.weight, self.part) = (layer, features, weight, part)
    }
  }

  /// What is made small for each layer.
  public enum Measure: Sendable, Hashable {
    /// The mean of (Φ − Φ₀)², as the Deep Image Prior's authors.
    case meanSquare
    /// ‖Φ − Φ₀‖² / ‖Φ₀‖², as Mahendran and Vedaldi.
    case relative
  }

  public var classifier: Classifier
  public var targets: [Target]
  public var measure: Measure
  public var viewing: Viewing

  public init(
    classifier: Classifier, targets: [Target], measure: Measure, viewing: Viewing
  ) {
    self.classifier = classifier
    self.targets = targets
    self.measure = measure
    self.viewing = viewing
  }

  private static let errorPrefix = "feature_error "

  /// The relative error ‖Φ − Φ₀‖² / ‖Φ₀‖² of each layer among the observed scalars, which are named
  /// `feature_error LAYER`.
  public static func errors(
    in observed: [(name: String, value: Float)]
  ) -> [(layer: String, error: Float)] {
    observed.compactMap { name, value in
      name.hasPrefix(errorPrefix) ? (String(name.dropFirst(errorPrefix.count)), value) : nil
    }
  }

  public func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms {
    let (seen, picture, chances) = try viewing.build(in: &graph, of: image)
    let nodes = try classifier.build(in: &graph, from: seen, upTo: targets.map(\.layer))
    var total: Graph.Node?
    var observed: [(name: String, node: Graph.Node)] = []
    for target in targets {
      guard let features = nodes[target.layer] else { continue }
      let (mean, wanted) = try self.mean(of: target, from: features, in: &graph)
      let ratio = Float(
        Double(wanted.shape.count) / max(wanted.squaredNorm, .leastNormalMagnitude))
      let error = try graph.scale(mean, by: ratio)
      let term = try graph.scale(measure == .relative ? error : mean, by: target.weight)
      total = try total.map { try graph.add($0, term) } ?? term
      observed.append((Self.errorPrefix + target.layer, error))
    }
    guard let total else { throw FeatureInversionError.noLayer }
    var terms = EnergyTerms(loss: total, picture: picture)
    chances.set(in: &terms)
    terms.observed = observed
    return terms
  }

  /// The mean of (Φ − Φ₀)² over the layer's numbers, those that do not count being 0, and Φ₀ with these
  /// at 0.
  private func mean(
    of target: Target, from features: Graph.Node, in graph: inout Graph
  ) throws -> (mean: Graph.Node, wanted: Tensor) {
    guard let part = target.part else {
      return (
        try graph.meanSquaredError(features, graph.constant(target.features)), target.features
      )
    }
    let mask = try part.mask(for: target.features.shape, layer: target.layer)
    let wanted = try part.applied(to: target.features, layer: target.layer)
    return (
      try graph.meanSquaredError(
        graph.multiply(features, by: mask), graph.constant(wanted)), wanted
    )
  }
}
