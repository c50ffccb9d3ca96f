import Engine

/// A damaged picture, what happened to it, and how the undamaged one is sought.
///
/// The defaults are those of the Deep Image Prior's own experiments (Ulyanov, Vedaldi and Lempitsky,
/// CVPR 2018, and the authors' notebooks).
public struct Restoration: Recipe {
  /// The given picture `[1, C, h, w]`, 0 ... 1.
  public var observed: Tensor
  public var degradation: Degradation
  public var prior: any Prior
  public var regularizers: [Regularizer] = []
  public var plan: SolvePlan

  public init(
    observed: Tensor, degradation: Degradation, prior: any Prior, plan: SolvePlan
  ) {
    self.observed = observed
    self.degradation = degradation
    self.prior = prior
    self.plan = plan
  }

  /// The least side of a picture that can be restored, in pixels.
  public static let smallestSide = 16

  /// Describes and compiles the search; nothing is computed yet.
  ///
  /// - Throws: ``RestorationError`` or ``EngineError`` where the picture is too small, the degradation
  ///   does not fit it or the memory is not to be had.
  public func solver(random: RandomSource, threads: ThreadPool) throws -> Solver {
    let (energy, frame) = try energy(random)
    return try Solver(
      prior: prior, channels: observed.shape[1], height: frame.paddedHeight,
      width: frame.paddedWidth, energy: energy, regularizers: regularizers, plan: plan,
      random: random, threads: threads)
  }

  /// The bytes of the buffers that a ``solver(random:threads:)`` would have, without their being asked
  /// for.
  ///
  /// - Throws: ``RestorationError`` or ``EngineError`` where the picture is too small or the degradation
  ///   does not fit it.
  public func memoryBytes(threads: Int) throws -> Int {
    let (energy, frame) = try energy(RandomSource(seed: 0))
    return try Solver.memoryBytes(
      prior: prior, channels: observed.shape[1], height: frame.paddedHeight,
      width: frame.paddedWidth, energy: energy, regularizers: regularizers, threads: threads)
  }

  private func energy(
    _ random: RandomSource
  ) throws(RestorationError) -> (energy: DataEnergy, frame: PictureFrame) {
    let (height, width) = (observed.shape[2], observed.shape[3])
    guard min(height, width) >= Self.smallestSide else {
      throw .tooSmall(width: width, height: height)
    }
    try degradation.check(height: height, width: width)
    let seen = degradation.view(height: height, width: width).seen
    let frame = PictureFrame(
      height: seen.height, width: seen.width, multiple: prior.sizeMultiple,
      smallestSide: prior.smallestSide)
    var energy = DataEnergy(observed: observed, degradation: degradation, frame: frame)
    energy.heldOut = plan.stopping?.heldOutShare.map { share in
      Degradation.randomMask(
        hiding: 1 - share, height: height, width: width, random: random.member(1 << 33))
    }
    return (energy, frame)
  }
}

/// Why a restoration cannot begin.
public enum RestorationError: Error, Equatable, Sendable, CustomStringConvertible {
  case tooSmall(width: Int, height: Int)
  case maskSize(width: Int, height: Int, expectedWidth: Int, expectedHeight: Int)
  case guideSize(width: Int, height: Int, expectedWidth: Int, expectedHeight: Int)
  case kernelSize(width: Int, height: Int, pictureWidth: Int, pictureHeight: Int)
  case factor(Double, limit: Int)
  /// Shrinking by a factor that is not whole places no tile exactly.
  case brokenFactor(Double)

  public var description: String {
    switch self {
    case .tooSmall(let width, let height):
      "the picture is \(width)×\(height) pixels; give one of at least "
        + "\(Restoration.smallestSide) a side"
    case .maskSize(let width, let height, let expectedWidth, let expectedHeight):
      "the mask is \(width)×\(height) pixels and the picture \(expectedWidth)×\(expectedHeight); "
        + "give a mask of the picture's size"
    case .guideSize(let width, let height, let expectedWidth, let expectedHeight):
      "the guiding picture is \(width)×\(height) pixels and the picture "
        + "\(expectedWidth)×\(expectedHeight); give two of one size"
    case .kernelSize(let width, let height, let pictureWidth, let pictureHeight):
      "the kernel has \(width)×\(height) pixels and the picture \(pictureWidth)×\(pictureHeight); "
        + "give a smaller kernel"
    case .factor(let factor, let limit):
      "cannot enlarge by \(factor); give a factor above 1 and up to \(limit)"
        + (limit < Degradation.largestFactor ? ", the picture's smaller side" : "")
    case .brokenFactor(let factor):
      "tiles do not meet at a factor of \(factor); give a whole one, or no tiles"
    }
  }
}
