import Engine

/// A damaged picture, what happened to it, and how the undamaged one is sought.
///
/// The defaults are those of the Deep Image Prior's own experiments (Ulyanov, Vedaldi and Lempitsky,
/// CVPR 2018, and the authors' notebooks).
public struct Restoration: Recipe {
  /// The given picture `[1, C, h, w]`, 0 ... 1.
  public var observed: Tensor
  /// `[1, 1, h, w]`, 1 where the picture is known and 0 where it is not; `nil` if all of it is.
  public var mask: Tensor?
  public var degradation: Degradation
  public var prior: any Prior
  public var regularizers: [Regularizer] = []
  public var plan: SolvePlan

  public init(
    observed: Tensor, mask: Tensor? = nil, degradation: Degradation, prior: any Prior,
    plan: SolvePlan
  ) {
    self.observed = observed
    self.mask = mask
    self.degradation = degradation
    self.prior = prior
    self.plan = plan
  }

  /// The least side of a picture that can be restored, in pixels.
  public static let smallestSide = 16

  /// Describes and compiles the search; nothing is computed yet.
  ///
  /// - Throws: ``RestorationError`` or ``EngineError`` where the picture is too small, the mask does
  ///   not fit or the memory is not to be had.
  public func solver(random: RandomSource, threads: ThreadPool) throws -> Solver {
    let (channels, height, width) = (observed.shape[1], observed.shape[2], observed.shape[3])
    guard min(height, width) >= Self.smallestSide else {
      throw RestorationError.tooSmall(width: width, height: height)
    }
    if let mask, mask.shape != [1, 1, height, width] {
      throw RestorationError.maskSize(
        width: mask.shape[3], height: mask.shape[2], expectedWidth: width, expectedHeight: height)
    }
    let factor = degradation.factor
    let multiple = prior.sizeMultiple / greatestCommonDivisor(prior.sizeMultiple, factor)
    let frame = PictureFrame(
      height: height, width: width, multiple: multiple,
      smallestSide: (prior.smallestSide + factor - 1) / factor)
    let wanted = frame.scaled(by: factor)
    return try Solver(
      prior: prior, channels: channels, height: wanted.paddedHeight, width: wanted.paddedWidth,
      energy: DataEnergy(observed: observed, mask: mask, degradation: degradation, frame: frame),
      regularizers: regularizers, plan: plan, random: random, threads: threads)
  }

  private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }
}

/// Why a restoration cannot begin.
public enum RestorationError: Error, Equatable, Sendable, CustomStringConvertible {
  case tooSmall(width: Int, height: Int)
  case maskSize(width: Int, height: Int, expectedWidth: Int, expectedHeight: Int)
  case factor(Int)

  public var description: String {
    switch self {
    case .tooSmall(let width, let height):
      "the picture is \(width)×\(height) pixels; give one of at least "
        + "\(Restoration.smallestSide) a side"
    case .maskSize(let width, let height, let expectedWidth, let expectedHeight):
      "the mask is \(width)×\(height) pixels and the picture \(expectedWidth)×\(expectedHeight); "
        + "give a mask of the picture's size"
    case .factor(let factor): "cannot enlarge by \(factor); give a factor between 2 and 16"
    }
  }
}

extension Restoration {
  /// Removes noise: the standard hourglass, Adam 0.01, input noise 1/30, 1800 iterations.
  public static func denoising(_ noisy: Tensor) -> Restoration {
    Restoration(
      observed: noisy, degradation: .identity, prior: HourglassPrior(.standard()),
      plan: SolvePlan(
        iterations: 1800, learningRate: 0.01, inputNoise: 1 / 30, backtracking: .init()))
  }

  /// What is missing from a picture to be inpainted; each has settings of its own.
  public enum Holes: String, Sendable, CaseIterable {
    /// Thin strokes over a picture, such as text: many skip channels, 6001 iterations.
    case text
    /// Whole regions: no skips, coordinates as input, 5001 iterations.
    case region
    /// Single pixels all over: bilinear, learning rate 0.001, 11000 iterations.
    case pixels
  }

  /// Fills what a mask `[1, 1, H, W]` marks with 0.
  public static func inpainting(_ picture: Tensor, mask: Tensor, holes: Holes) -> Restoration {
    let prior: HourglassPrior
    let plan: SolvePlan
    switch holes {
    case .text:
      prior = HourglassPrior(.standard(skip: 128, upsampling: .nearest))
      plan = SolvePlan(iterations: 6001, learningRate: 0.01, inputNoise: 0.03)
    case .region:
      prior = HourglassPrior(.standard(skip: 0, upsampling: .nearest), input: .meshgrid)
      plan = SolvePlan(iterations: 5001, learningRate: 0.01, inputNoise: 0.03)
    case .pixels:
      prior = HourglassPrior(.standard())
      plan = SolvePlan(
        iterations: 11000, learningRate: 0.001, inputNoise: 0.03,
        backtracking: .init(interval: 50))
    }
    return Restoration(
      observed: picture, mask: mask, degradation: .identity, prior: prior, plan: plan)
  }

  /// Enlarges a picture by a whole factor: the picture whose Lanczos reduction is the given one.
  ///
  /// - Throws: ``RestorationError/factor(_:)`` outside 2 ... 16.
  public static func superResolution(
    of small: Tensor, factor: Int
  ) throws(RestorationError) -> Restoration {
    guard (2...16).contains(factor) else { throw .factor(factor) }
    return Restoration(
      observed: small, degradation: .downsampling(factor: factor, filter: .lanczos2),
      prior: HourglassPrior(.standard()),
      plan: SolvePlan(
        iterations: factor < 8 ? 2000 : 4000, learningRate: 0.01,
        inputNoise: factor < 8 ? 0.03 : 0.05))
  }
}
