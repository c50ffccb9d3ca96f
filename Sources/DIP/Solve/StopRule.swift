/// What tells, without the truth, which iterate of a solve is the best, and when a better one is no longer to
/// be expected.
///
/// A deep image prior first draws what is common in pictures and then the noise; the best picture passes by
/// unseen.
public struct StopRule: Sendable, Hashable, Codable {
  /// What is small at a good iterate.
  public enum Criterion: Sendable, Hashable, Codable {
    /// How much the iterates vary about their moving average, which has this weight of the new, in
    /// constant memory: ES-EMV (Wang et al., TMLR 2023), but averaged over ten times as many iterations
    /// from where minima count.
    case movingVariance(weight: Float)
    /// The variance of the last so many iterates, all of which are kept: ES-WMV of the same paper.
    case windowedVariance(window: Int)
    /// The error of pixels that are hidden from the loss, a share of those known, averaged over some
    /// hundred iterations.
    case heldOutError(share: Float)
  }

  public var criterion: Criterion
  /// How many iterations without a new minimum end the solve.
  public var patience: Int

  public init(_ criterion: Criterion, patience: Int = 1000) {
    (self.criterion, self.patience) = (criterion, patience)
  }

  /// ES-EMV with its authors' weight and patience.
  public static let movingVariance = StopRule(.movingVariance(weight: 0.1))
  /// ES-WMV with the parameters of its authors.
  public static let windowedVariance = StopRule(.windowedVariance(window: 100))
  /// One pixel in twenty.
  public static let heldOutError = StopRule(.heldOutError(share: 0.05))

  /// The share of the known pixels that is hidden from the loss.
  public var heldOutShare: Float? {
    if case .heldOutError(let share) = criterion { share } else { nil }
  }

  /// The iteration from which on minima count: before it, all is change or none is.
  var start: Int {
    switch criterion {
    case .movingVariance: 100
    case .windowedVariance(let window): window
    case .heldOutError: 100
    }
  }
}
