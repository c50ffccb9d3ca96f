import Engine

/// Whether a file of weights fits a network: what is there, and how sure the network is of pictures when
/// the file is read in one way or another.
///
/// A file can have all the right shapes and still be read wrongly: channels in the other order, kernels
/// turned, another preprocessing. A network that is read rightly is surer of pictures of its classes.
public struct ClassifierCheck: Sendable {
  public let network: Architecture
  public let file: WeightFile
  /// The layers of the network whose weights are not in the file.
  public let missing: [String]
  /// The tensors that the network has no use for; those that count training steps are not told.
  public let unused: [WeightFile.Entry]
  /// What has another shape in the file than the network needs, in the file's order of axes.
  public let misfits: [(entry: WeightFile.Entry, expected: [Int])]
  /// The ways of reading the file that were tried, the one that was asked for first.
  public let trials: [Trial]

  /// What the network made of the pictures when the file was read in a way.
  public struct Trial: Sendable {
    public let reading: WeightReading
    /// The likeliest class of each picture.
    public let predictions: [Prediction]

    /// The mean probability of the likeliest classes, 0 ... 1.
    public var confidence: Float {
      predictions.reduce(0) { $0 + $1.probability } / Float(max(1, predictions.count))
    }
  }

  /// How much surer another way of reading must make the network to be told as the better one.
  public static let margin: Float = 0.05
  /// A network that is no surer than this in any way has not seen such pictures.
  public static let leastConfidence: Float = 0.1

  /// Looks at a file and, where it is complete and fits, tries each way of reading it on the pictures
  /// `[1, 3, H, W]`, R, G, B, 0 ... 1.
  ///
  /// Every preprocessing is tried, then what the numbers of the file may mean in all combinations: a file may
  /// be odd in two ways.
  /// - Throws: ``WeightFileError`` where the file cannot be read or is damaged.
  public init(
    _ network: Architecture, weightsAt path: String, reading: WeightReading = WeightReading(),
    pictures: [Tensor], threads: ThreadPool
  ) throws {
    let file = try WeightFile(at: path)
    try self.init(
      network.port(to: file.family), weights: file, reading: reading, pictures: pictures,
      threads: threads)
  }

  /// As ``init(_:weightsAt:reading:pictures:threads:)``, with a network that is what the file means.
  public init(
    _ network: Architecture, weights file: WeightFile, reading: WeightReading = WeightReading(),
    pictures: [Tensor], threads: ThreadPool
  ) throws {
    let held = Set(file.held(of: network.weightedLayers))
    (self.network, self.file) = (network, file)
    missing = network.weightedLayers.map(\.name).filter { !held.contains($0) }
    unused = file.strangers(to: network.weightedLayers).filter {
      !$0.path.hasSuffix("num_batches_tracked")
    }
    misfits = file.misfits(of: network.weightedLayers)
    guard missing.isEmpty, misfits.isEmpty, !pictures.isEmpty else {
      trials = []
      return
    }

    func run(_ reading: WeightReading) throws -> Trial {
      let classifier = try Classifier(network, weights: file, reading: reading)
      return Trial(
        reading: reading,
        predictions: try classifier.likeliest(of: pictures, threads: threads))
    }
    var trials = [try run(reading)]
    func tryAll(_ readings: (WeightReading) -> [WeightReading]) throws {
      let tried = Set(trials.map(\.reading))
      let others = readings(Self.best(of: trials)?.reading ?? reading)
      trials += try others.filter { !tried.contains($0) }.map(run)
    }
    // Under a wrong preprocessing nothing is told of the numbers, and the other way round.
    try tryAll { $0.otherPreprocessings(of: network) }
    try tryAll { $0.rereadings(of: network) }
    try tryAll { $0.otherPreprocessings(of: network) }
    self.trials = trials
  }

  /// What the file is to the network.
  public enum Verdict: Sendable, Equatable {
    /// It fits as it was read first.
    case fits
    /// It has the right shapes; no pictures were given, so more is not known.
    case fitsInShape
    /// It fits if it is read under other assumptions.
    case fitsAssuming(WeightReading, confidence: Float, instead: Float)
    /// It has the right shapes, but the network is sure of no picture in any way of reading it.
    case unsure(confidence: Float)
    /// It lacks layers, or some have other shapes.
    case doesNotFit
  }

  public var verdict: Verdict {
    guard missing.isEmpty, misfits.isEmpty else { return .doesNotFit }
    guard let asRead = trials.first, let best = Self.best(of: trials) else { return .fitsInShape }
    if best.confidence < Self.leastConfidence { return .unsure(confidence: best.confidence) }
    if best.confidence > asRead.confidence + Self.margin {
      return .fitsAssuming(
        best.reading, confidence: best.confidence, instead: asRead.confidence)
    }
    return .fits
  }

  /// The surest trial; of those that are about as sure, the one with the fewest assumptions.
  private static func best(of trials: [Trial]) -> Trial? {
    let most = trials.map(\.confidence).max() ?? 0
    return trials.filter { $0.confidence >= most - 0.01 }
      .min { $0.reading.assumptionCount < $1.reading.assumptionCount }
  }
}
