public import Engine
internal import Foundation

/// The mean of the squared differences of two tensors of one shape, summed in double precision.
///
/// - Precondition: the shapes are equal.
public func meanSquaredError(_ a: Tensor, _ b: Tensor) -> Double {
  precondition(a.shape == b.shape, "cannot compare \(a.shape) with \(b.shape)")
  let sum = a.withUnsafeElements { a in
    b.withUnsafeElements { b in
      var sum = 0.0
      for index in a.indices {
        let difference = Double(a[index]) - Double(b[index])
        sum += difference * difference
      }
      return sum
    }
  }
  return sum / Double(a.shape.count)
}

/// The peak signal-to-noise ratio of two tensors of one shape with values in 0 ... 1, in decibels.
///
/// The peak is 1; equal tensors have an infinite ratio.
/// - Precondition: the shapes are equal.
public func psnr(_ a: Tensor, _ b: Tensor) -> Double {
  -10 * log10(meanSquaredError(a, b))
}

/// The peak signal-to-noise ratio of the lumas of two pictures, in decibels, as scores of
/// super-resolution are told: of ``Picture/studioLuma``, without so many pixels at each border, the peak 1.
///
/// - Precondition: the pictures have the same sides, of more than two borders.
public func psnrOfLuma(_ a: Picture, _ b: Picture, border: Int = 4) -> Double {
  func inside(_ picture: Picture) -> Tensor {
    picture.studioLuma.cropped(
      to: Region(
        rows: border..<picture.height - border, columns: border..<picture.width - border))
  }
  return psnr(inside(a), inside(b))
}
