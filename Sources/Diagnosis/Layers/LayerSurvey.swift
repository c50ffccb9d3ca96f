import DIP
import Engine
import Imaging
import Inversion
import PretrainedNets

/// What each layer of a network keeps of a picture: the picture inverted at each, with each prior, and how
/// much of it came back.
public struct LayerSurvey: Sendable {
  /// One layer inverted with one prior.
  public struct Entry: Sendable {
    public let layer: String
    public let trial: Trial
    /// ‖Φ − Φ₀‖² / ‖Φ₀‖².
    public let relativeError: Float
    /// ‖Φ − Φ₀‖² over the mean of it between different pictures.
    public let distanceError: Float
    /// To the original, in decibels.
    public let psnr: Double
    public let ssim: Double
    public let fidelity: Fidelity
    /// What the network sees in the found picture, the five likeliest; none where the file of weights does
    /// not reach that deep.
    public let predictions: [Prediction]
  }

  public let picture: Tensor
  public let layers: [String]
  public let priors: [PriorKind]
  /// How many pictures the distances are of, and whether they are the picture's own quarters.
  public let references: (count: Int, areQuarters: Bool)
  /// Layer after layer, prior after prior.
  public let entries: [Entry]

  /// Inverts a picture `[1, 3, H, W]` at layers with priors.
  ///
  /// `part` tells which of each layer's features are matched. `references` are other pictures of the same
  /// shape, two or more, whose codes' distances errors are measured by; by default the picture's own quarters.
  /// `prepared` changes each search before it begins; `observe` is called with each iterate, after the number
  /// of the search and of them all.
  ///
  /// - Throws: errors of the searches; ``FeatureInversionError/silent(_:)`` where a layer is.
  public init(
    of picture: Tensor, at layers: [String], of classifier: Classifier, priors: [PriorKind],
    part: (Shape) throws -> FeaturePart? = { _ in nil }, references: [Tensor] = [],
    seed: UInt64, threads: ThreadPool,
    prepared: (FeatureInversion) -> FeatureInversion = { $0 },
    observe: (_ search: Int, _ count: Int, _ title: String, Iterate) throws -> Void = {
      _, _, _, _ in
    }
  ) throws {
    let areQuarters = references.count < 2
    let compared = areQuarters ? picture.quarters() : references
    let codes = try classifier.features(of: picture, at: layers, threads: threads)
    let parts = try codes.compactMapValues { try part($0.shape) }
    let distances = try FeatureDistances(
      compared, at: layers, of: classifier, parts: parts, threads: threads)
    var entries: [Entry] = []
    let count = layers.count * priors.count
    for layer in layers {
      guard let code = codes[layer] else { continue }
      let features = try parts[layer].map { try $0.applied(to: code, layer: layer) } ?? code
      let target = FeatureInversion.Layer(layer, part: parts[layer])
      for prior in priors {
        let search = prepared(
          try .search(prior, picture, layers: [target], of: classifier, threads: threads))
        let number = entries.count
        let (trial, relative) = try Self.nearest(search, prior: prior, seed: seed, threads) {
          try observe(number, count, "\(layer), \(prior.rawValue)", $0)
        }
        let distance = distances.meanSquares[layer] ?? .nan
        entries.append(
          Entry(
            layer: layer, trial: trial, relativeError: relative,
            distanceError: Float(Double(relative) * features.squaredNorm / distance),
            psnr: Imaging.psnr(trial.picture, picture), ssim: Imaging.ssim(trial.picture, picture),
            fidelity: Fidelity(of: trial.picture, to: picture),
            predictions: classifier.canClassify
              ? try classifier.classify(
                classifier.architecture.fit(Picture(colour: trial.picture)), threads: threads) : [])
        )
      }
    }
    (self.picture, self.layers, self.priors, self.entries) = (picture, layers, priors, entries)
    self.references = (compared.count, areQuarters)
  }

  /// Searches; with total variation with each data weight of nnpreimage's sweep (Mahendran and Vedaldi, IJCV
  /// 2016), as early layers need more than deep ones, and the nearest is taken.
  private static func nearest(
    _ search: FeatureInversion, prior: PriorKind, seed: UInt64, _ threads: ThreadPool,
    observe: (Iterate) throws -> Void
  ) throws -> (trial: Trial, error: Float) {
    let weights: [Float] = prior == .tv ? [1, 20, 100, 300] : [1]
    var nearest: (trial: Trial, error: Float)?
    for weight in weights {
      var search = search
      search.energy.targets[0].weight = weight
      let trial = try Trial(search, prior: prior, seed: seed, threads: threads, observe: observe)
      let error = FeatureEnergy.errors(in: trial.observed).first?.error ?? .infinity
      if error < nearest?.error ?? .infinity { nearest = (trial, error) }
    }
    guard let nearest else { throw TrialError.diverged }
    return nearest
  }

  /// The entry of the deepest layer with each prior.
  public var last: [Entry] { entries.filter { $0.layer == layers.last } }
}
