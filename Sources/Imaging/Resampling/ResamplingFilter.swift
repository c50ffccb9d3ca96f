internal import Engine

/// The kernel that a resized picture is weighted with, as functions of the distance in pixels of the
/// coarser of the two grids.
public enum ResamplingFilter: String, Sendable, Hashable, CaseIterable {
  /// The mean of the pixels that fall together; on enlarging, the nearest pixel.
  case box
  /// The triangle of support 1.
  case bilinear
  /// Keys' cubic convolution with a = -0.5, support 2.
  case bicubic
  /// The sinc windowed by a sinc of three times its width, support 3.
  case lanczos3

  /// The distance beyond which the kernel is zero.
  var support: Double {
    switch self {
    case .box: 0.5
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos3: 3
    }
  }

  func weight(at x: Double) -> Double {
    switch self {
    // Half open, so that a pixel on the edge of two cells counts once.
    case .box: x > -0.5 && x <= 0.5 ? 1 : 0
    case .bilinear: max(0, 1 - abs(x))
    case .bicubic: SamplingKernel.keysCubic(x)
    case .lanczos3: abs(x) < 3 ? SamplingKernel.lanczos(x, support: 3) : 0
    }
  }
}

/// The weights that take a row of samples to one of another length.
struct ResamplingWeights {
  /// For each target, the first source it depends on, and the weights from there on, which add to 1.
  let targets: [(first: Int, weights: [Double])]

  /// Pixel centres lie at halves; on shrinking the kernel is widened by the factor, so that every
  /// source counts; at the borders what lies outside has no weight.
  init(from sources: Int, to count: Int, _ filter: ResamplingFilter) {
    let scale = Double(sources) / Double(count)
    let stretch = max(scale, 1)
    let reach = filter.support * stretch
    targets = (0..<count).map { target in
      let center = (Double(target) + 0.5) * scale
      let first = max(0, Int(center - reach + 0.5))
      let end = min(sources, Int(center + reach + 0.5))
      let weights = (first..<end).map {
        filter.weight(at: (Double($0) - center + 0.5) / stretch)
      }
      let total = weights.reduce(0, +)
      return (first, weights.map { $0 / total })
    }
  }
}
