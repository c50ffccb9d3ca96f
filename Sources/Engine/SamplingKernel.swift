import Foundation

/// The kernels that pictures are sampled anew with, as functions of the distance in pixels of the
/// coarser of the two grids.
package enum SamplingKernel {
  /// The sinc windowed by a sinc `support` times as wide.
  package static func lanczos(_ x: Double, support: Double) -> Double {
    sinc(x) * sinc(x / support)
  }

  /// Keys' cubic convolution with a = -0.5, support 2.
  package static func keysCubic(_ x: Double) -> Double {
    let (x, a) = (abs(x), -0.5)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }

  /// The Gaussian of deviation 1, of height 1.
  package static func gaussian(_ x: Double) -> Double { exp(-x * x / 2) }

  private static func sinc(_ x: Double) -> Double {
    x == 0 ? 1 : sin(.pi * x) / (.pi * x)
  }
}
