/// A filter with which a picture is shrunk by any factor from 1 on; it widens with the factor but where
/// it says otherwise.
///
/// Pixel i of the small picture is the weighted mean about the middle of the pixels that become one,
/// position (i + ½) · factor − ½; with the names that end in `Centred`, about position i · factor. What
/// lies outside is read as the nearest pixel. For whole factors the Lanczos filters and the centred ones
/// are those of DmitryUlyanov/deep-image-prior (models/downsampler.py).
public enum DownsamplingFilter: String, Sendable, Hashable, Codable, CaseIterable {
  /// Windowed sinc of support 2: 4·factor taps, one less where the factor is odd and the middle a
  /// pixel.
  case lanczos2
  /// Windowed sinc of support 3: 6·factor taps, one less where the factor is odd.
  case lanczos3
  /// Keys' cubic convolution with a = -0.5: 4·factor taps.
  case bicubic
  /// A Gaussian of deviation factor / 2, cut at four deviations.
  case gaussian
  /// The mean of the area that becomes one pixel.
  case box
  /// Lanczos 2 on the pixels: 4·factor + 1 taps.
  case lanczos2Centred
  /// Lanczos 3 on the pixels: 6·factor + 1 taps.
  case lanczos3Centred
  /// Seven taps of a Gaussian of deviation 1 pixel, whatever the factor.
  case gaussianCentred
  /// Nine taps of a Gaussian of deviation √2 pixels, whatever the factor.
  case wideGaussianCentred

  private var isCentred: Bool {
    switch self {
    case .lanczos2, .lanczos3, .bicubic, .gaussian, .box: false
    case .lanczos2Centred, .lanczos3Centred, .gaussianCentred, .wideGaussianCentred: true
    }
  }

  /// The position in the large picture that pixel `target` of the small one stands for.
  func center(of target: Int, factor: Double) -> Double {
    isCentred ? Double(target) * factor : (Double(target) + 0.5) * factor - 0.5
  }

  /// The distance in pixels of the large picture from which on the weights are zero.
  func reach(factor: Double) -> Double {
    switch self {
    case .lanczos2, .lanczos2Centred, .bicubic, .gaussian: 2 * factor
    case .lanczos3, .lanczos3Centred: 3 * factor
    case .box: (factor + 1) / 2
    case .gaussianCentred: 3.5
    case .wideGaussianCentred: 4.5
    }
  }

  /// The weight, up to a common factor, of a pixel of the large picture at a distance in its pixels.
  func weight(at distance: Double, factor: Double) -> Double {
    switch self {
    case .lanczos2, .lanczos2Centred: SamplingKernel.lanczos(distance / factor, support: 2)
    case .lanczos3, .lanczos3Centred: SamplingKernel.lanczos(distance / factor, support: 3)
    case .bicubic: SamplingKernel.keysCubic(distance / factor)
    case .gaussian: SamplingKernel.gaussian(2 * distance / factor)
    // How much of the pixel lies in the area.
    case .box: min(1, (factor + 1) / 2 - abs(distance))
    case .gaussianCentred: SamplingKernel.gaussian(distance)
    case .wideGaussianCentred: SamplingKernel.gaussian(distance / 2.0.squareRoot())
    }
  }

  /// The pixels that a whole factor leaves of a side.
  func extent(of side: Int, factor: Int) -> Int {
    isCentred ? (side - 1) / factor + 1 : side / factor
  }
}
