import Engine

extension Restoration {
  /// Removes noise: the standard hourglass, Adam 0.01, input noise 1/30, 1800 iterations at most, of which
  /// the variance of the iterates tells the best.
  public static func denoising(_ noisy: Tensor) -> Restoration {
    var restoration = Restoration(
      observed: noisy, degradation: .identity, prior: HourglassPrior(.standard()),
      plan: SolvePlan(
        iterations: 1800, learningRate: 0.01, inputNoise: 1 / 30, backtracking: .init()))
    restoration.plan.stopping = .movingVariance
    return restoration
  }

  /// Removes the blocks and rings of JPEG: an hourglass that is narrow at its fine scales, fed with 3
  /// channels of noise, Adam 0.01, input noise 1/30, 2400 iterations at most, of which the variance of the
  /// iterates tells the best.
  public static func removingJPEGArtefacts(of picture: Tensor) -> Restoration {
    let scales = zip([8, 16, 32, 64, 128], [0, 0, 0, 4, 4]).map { channels, skip in
      SkipNetwork.Scale(down: channels, up: channels, skip: skip)
    }
    var restoration = Restoration(
      observed: picture, degradation: .identity,
      prior: HourglassPrior(SkipNetwork(scales: scales), input: .noise(channels: 3)),
      plan: SolvePlan(
        iterations: 2400, learningRate: 0.01, inputNoise: 1 / 30, backtracking: .init()))
    restoration.plan.stopping = .movingVariance
    return restoration
  }

  /// What is missing from a picture to be inpainted; each has settings of its own.
  public enum Holes: String, Sendable, CaseIterable {
    /// Thin strokes over a picture, such as text: many skip channels, 6001 iterations.
    case text
    /// Whole regions: no skips, coordinates as input, 5001 iterations.
    case region
    /// Single pixels all over: bilinear, learning rate 0.001, 11000 iterations.
    case pixels
    /// Nearly all pixels: no skips, averages on the way down, no input noise, 1000 iterations.
    case sparse
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
    case .sparse:
      let scales = [16, 32, 64, 128, 128].map {
        SkipNetwork.Scale(down: $0, up: $0, skip: 0, downsampling: .average)
      }
      prior = HourglassPrior(SkipNetwork(scales: scales))
      plan = SolvePlan(iterations: 1000, learningRate: 0.01)
    }
    return Restoration(
      observed: picture, degradation: Degradation(.mask(mask)), prior: prior, plan: plan)
  }

  /// Enlarges a picture: finds the one whose reduction through a filter is the given one. The sides are
  /// those of the given one times the factor, rounded.
  ///
  /// - Throws: ``RestorationError/factor(_:limit:)`` unless the factor is above 1, up to
  ///   ``Degradation/largestFactor`` and the given picture's smaller side.
  public static func superResolution(
    of small: Tensor, factor: Double, filter: DownsamplingFilter = .lanczos2
  ) throws(RestorationError) -> Restoration {
    let limit = min(Degradation.largestFactor, small.shape[2], small.shape[3])
    guard factor > 1, factor <= Double(limit) else { throw .factor(factor, limit: limit) }
    return Restoration(
      observed: small, degradation: Degradation(.downsampling(factor: factor, filter: filter)),
      prior: HourglassPrior(.standard()),
      plan: SolvePlan(
        iterations: factor < 8 ? 2000 : 4000, learningRate: 0.01,
        inputNoise: factor < 8 ? 0.03 : 0.05))
  }

  /// Removes a blur by a known kernel, with the settings of ``superResolution(of:factor:filter:)``: the
  /// original has no such task.
  public static func deblurring(_ blurred: Tensor, kernel: BlurKernel) -> Restoration {
    Restoration(
      observed: blurred, degradation: Degradation(.blur(kernel)),
      prior: HourglassPrior(.standard()),
      plan: SolvePlan(iterations: 2000, learningRate: 0.01, inputNoise: 0.03))
  }

  /// Cleans a picture taken without flash by one of the same size taken with it: the standard hourglass
  /// fed with the latter, repeated pixels at the two finest scales, Adam 0.1, 601 iterations.
  ///
  /// The original's authors tell that it "sometimes sticks at reddish image"; another seed helps.
  /// - Throws: ``RestorationError/guideSize(width:height:expectedWidth:expectedHeight:)``.
  public static func flash(
    _ picture: Tensor, guide: Tensor
  ) throws(RestorationError) -> Restoration {
    let (height, width) = (picture.shape[2], picture.shape[3])
    guard guide.shape[2] == height, guide.shape[3] == width else {
      throw .guideSize(
        width: guide.shape[3], height: guide.shape[2], expectedWidth: width, expectedHeight: height)
    }
    var network = SkipNetwork.standard()
    for index in 0..<2 { network.scales[index].upsampling = .nearest }
    return Restoration(
      observed: picture, degradation: .identity, prior: GuidedPrior(network, guide: guide),
      plan: SolvePlan(iterations: 601, learningRate: 0.1))
  }

  /// The smooth base of a picture: what the search for the picture itself has found early, when its
  /// fine detail is still missing (Ulyanov, Vedaldi and Lempitsky, IJCV 2020). Detail is boosted by
  /// adding the picture's difference from it.
  public static func base(of picture: Tensor) -> Restoration {
    var restoration = denoising(picture)
    restoration.plan.iterations = 500
    restoration.plan.stopping = nil
    return restoration
  }
}
