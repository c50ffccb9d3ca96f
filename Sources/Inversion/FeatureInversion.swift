import DIP
import Engine
import PretrainedNets

/// The search for a picture with the features of a given one: what remains alike is what the layers
/// keep, what differs is what they leave to the prior.
public typealias FeatureInversion = PictureSearch<FeatureEnergy>

extension PictureSearch where Sought == FeatureEnergy {
  /// A layer to be inverted and its weight among the others.
  public struct Layer: Sendable, Hashable {
    public var name: String
    public var weight: Float
    /// Which of its features are matched; all, where it is `nil`.
    public var part: FeaturePart?

    public init(_ name: String, weight: Float = 1, part: FeaturePart? = nil) {
      (self.name, self.weight, self.part) = (name, weight, part)
    }
  }

  /// With any prior: ``dip(_:layers:of:threads:)``, ``tv(_:layers:of:threads:)``, or the former with
  /// another prior, its plan and its penalties.
  ///
  /// - Throws: as these.
  public static func search(
    _ kind: PriorKind, _ picture: Tensor, layers: [Layer], of classifier: Classifier,
    threads: ThreadPool
  ) throws -> FeatureInversion {
    if kind == .tv {
      return try tv(picture, layers: layers, of: classifier, threads: threads)
    }
    var inversion = try dip(picture, layers: layers, of: classifier, threads: threads)
    if kind != .dip { inversion.use(.standard(kind)) }
    return inversion
  }

  /// With the Deep Image Prior, as its authors invert: the inversion hourglass, Adam 0.001 on the mean
  /// square, 3100 iterations; the network sees the top left corner of the generated picture.
  /// The picture is `[1, 3, H, W]`, R, G, B, 0 ... 1.
  /// - Throws: as ``Classifier/build(in:from:upTo:)``, or ``FeatureInversionError``.
  public static func dip(
    _ picture: Tensor, layers: [Layer], of classifier: Classifier, threads: ThreadPool
  ) throws -> FeatureInversion {
    var plan = SolvePlan(iterations: 3100, learningRate: 0.001)
    plan.keepsBest = true
    return FeatureInversion(
      energy: FeatureEnergy(
        classifier: classifier,
        targets: try targets(picture, layers, classifier, threads), measure: .meanSquare,
        viewing: Viewing(height: picture.shape[2], width: picture.shape[3])),
      prior: HourglassPrior(.inversion), plan: plan)
  }

  /// With pixels, total variation and α-norm, as Mahendran and Vedaldi's nnpreimage (IJCV 2016).
  ///
  /// Pixels count in 0 ... 255 about the network's mean colour and start at random with a 95th
  /// percentile of σ/√3, σ = 80. The energy is the relative error + (6.5/σ)² · TV with β = 2 +
  /// (1/σ)⁶ · α-norm with α = 6, both norms by pixel. ``PreimageDescent`` keeps colours in a ball of
  /// radius 160: 300 iterations with jitter of a quarter of the layers' stride, then 50 at a tenth of
  /// the rate without.
  /// The picture is `[1, 3, H, W]`, R, G, B, 0 ... 1.
  /// - Throws: as ``Classifier/build(in:from:upTo:)``, or ``FeatureInversionError``.
  public static func tv(
    _ picture: Tensor, layers: [Layer], of classifier: Classifier, threads: ThreadPool
  ) throws -> FeatureInversion {
    let (sigma, alpha): (Float, Float) = (80, 6)
    let (height, width) = (picture.shape[2], picture.shape[3])
    let targets = try targets(picture, layers, classifier, threads)
    let stride =
      try layers.map { layer in
        classifier.architecture.stride(of: try classifier.check(layer: layer.name).name)
      }.max() ?? 1
    let viewing = Viewing(
      height: height, width: width,
      jitter: max(Int((Double(stride) / 4).rounded(.toNearestOrAwayFromZero)), 1))
    // The 95th percentile of numbers uniform in ±1 is 0.9.
    let reach = sigma / Float(3).squareRoot() / 0.9
    let prior = PixelPrior(
      start: .uniform(-reach..<reach), scale: 1 / 255,
      offset: classifier.architecture.preprocessing.meanColour)
    let canvas = viewing.canvas(for: prior)
    let pixels = Float(canvas.height * canvas.width)
    let fast = 0.05 * sigma * sigma / alpha * Float(height * width)
    func descent(_ rate: Float) -> PreimageDescent {
      PreimageDescent(
        learningRate: rate,
        ball: .init(radius: 160, channels: 3, plane: canvas.height * canvas.width))
    }
    var plan = SolvePlan(phases: [
      .init(iterations: 300, optimizer: descent(fast)),
      .init(iterations: 50, optimizer: descent(0.1 * fast), isJittered: false),
    ])
    plan.keepsBest = true
    return FeatureInversion(
      energy: FeatureEnergy(
        classifier: classifier, targets: targets, measure: .relative, viewing: viewing),
      prior: prior,
      regularizers: [
        .totalVariation(beta: 2, weight: square(6.5 / sigma) / pixels),
        .alphaNorm(alpha: alpha, weight: square(square(1 / sigma) / sigma) / pixels),
      ],
      plan: plan)
  }

  private static func square(_ x: Float) -> Float { x * x }

  private static func targets(
    _ picture: Tensor, _ layers: [Layer], _ classifier: Classifier, _ threads: ThreadPool
  ) throws -> [FeatureEnergy.Target] {
    if layers.isEmpty { throw FeatureInversionError.noLayer }
    let features = try classifier.features(
      of: picture, at: layers.map(\.name), threads: threads)
    return try layers.map { layer in
      guard let own = features[layer.name] else { throw FeatureInversionError.noLayer }
      let counted =
        try layer.part.map { try $0.applied(to: own, layer: layer.name) } ?? own
      guard counted.elements.contains(where: { $0 != 0 }) else {
        throw FeatureInversionError.silent(layer.name)
      }
      return FeatureEnergy.Target(
        layer: layer.name, features: own, weight: layer.weight, part: layer.part)
    }
  }
}

/// Why an inversion cannot begin.
public enum FeatureInversionError: Error, Equatable, Sendable, CustomStringConvertible {
  case noLayer
  /// All features of the layer are zero for the picture.
  case silent(String)

  public var description: String {
    switch self {
    case .noLayer: "no layer is asked for; name one or several"
    case .silent(let layer):
      "all features of \(layer) are zero for this picture, so nothing can be inverted; "
        + "ask for another layer"
    }
  }
}
