public import Engine
internal import Foundation

/// How much of a picture's colour and of its fine detail another one has.
public struct Fidelity: Sendable, Equatable {
  /// The root of the mean square of the distance in a* and b* of CIE 1976 (L*a*b*), lightness left out; a
  /// distance of 2 is just seen.
  public let colourError: Double
  /// The correlation of a* and b*, each about its mean, -1 ... 1: whether the colours change where they
  /// should; 0 where either picture has one colour only.
  public let colourCorrelation: Double
  /// The correlation of what a Gaussian of σ = 2 pixels takes away from the lightness: edges and texture.
  public let detailCorrelation: Double

  /// Compares pictures `[1, 3, H, W]`, sRGB, 0 ... 1.
  ///
  /// - Precondition: the shapes are equal, with three channels.
  public init(of found: Tensor, to original: Tensor) {
    precondition(
      found.shape == original.shape && found.shape[1] == 3,
      "cannot compare \(found.shape) with \(original.shape)")
    let (a, b) = (CIELab(found), CIELab(original))
    var square = 0.0
    for (one, other) in [(a.redGreen, b.redGreen), (a.blueYellow, b.blueYellow)] {
      for index in one.indices {
        square += (one[index] - other[index]) * (one[index] - other[index])
      }
    }
    colourError = (square / Double(a.lightness.count)).squareRoot()
    colourCorrelation = Self.correlation([
      (a.redGreen, b.redGreen), (a.blueYellow, b.blueYellow),
    ])
    let (height, width) = (found.shape[2], found.shape[3])
    func detail(_ plane: [Double]) -> [Double] {
      let smooth = blurred(plane, height: height, width: width, deviation: 2)
      return zip(plane, smooth).map { $0 - $1 }
    }
    detailCorrelation = Self.correlation([(detail(a.lightness), detail(b.lightness))])
  }

  /// Of pairs of planes, each about its own mean, together.
  private static func correlation(_ pairs: [(a: [Double], b: [Double])]) -> Double {
    var (product, first, second) = (0.0, 0.0, 0.0)
    for (a, b) in pairs {
      let (meanA, meanB) = (
        a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count)
      )
      for index in a.indices {
        let (x, y) = (a[index] - meanA, b[index] - meanB)
        product += x * y
        first += x * x
        second += y * y
      }
    }
    // What rounding leaves of one value varies by less than a hundredth, which nobody sees.
    let least = 1e-4 * Double(pairs[0].a.count)
    return min(first, second) > least ? product / (first * second).squareRoot() : 0
  }
}

/// A plane smoothed by a Gaussian, with its edges repeated.
package func blurred(
  _ plane: [Double], height: Int, width: Int, deviation: Double
) -> [Double] {
  let reach = Int((3 * deviation).rounded(.up))
  var kernel = (-reach...reach).map { exp(-0.5 * pow(Double($0) / deviation, 2)) }
  let total = kernel.reduce(0, +)
  kernel = kernel.map { $0 / total }
  func smooth(_ values: [Double], count: Int, stride: Int, lines: (Int) -> Int) -> [Double] {
    var result = values
    for line in 0..<values.count / count {
      let start = lines(line)
      for place in 0..<count {
        var sum = 0.0
        for offset in -reach...reach {
          let from = min(max(place + offset, 0), count - 1)
          sum += kernel[offset + reach] * values[start + from * stride]
        }
        result[start + place * stride] = sum
      }
    }
    return result
  }
  let across = smooth(plane, count: width, stride: 1) { $0 * width }
  return smooth(across, count: height, stride: width) { $0 }
}

/// CIE 1976 (L*a*b*) of sRGB (IEC 61966-2-1), relative to its white, D65.
private struct CIELab {
  var lightness: [Double] = []
  var redGreen: [Double] = []
  var blueYellow: [Double] = []

  init(_ picture: Tensor) {
    let plane = picture.shape[2] * picture.shape[3]
    picture.withSpan { values in
      for pixel in 0..<plane {
        let (r, g, b) = (
          Self.linear(Double(values[pixel])), Self.linear(Double(values[plane + pixel])),
          Self.linear(Double(values[2 * plane + pixel]))
        )
        let x = Self.root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
        let y = Self.root(0.2126729 * r + 0.7151522 * g + 0.0721750 * b)
        let z = Self.root((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883)
        lightness.append(116 * y - 16)
        redGreen.append(500 * (x - y))
        blueYellow.append(200 * (y - z))
      }
    }
  }

  private static func linear(_ value: Double) -> Double {
    value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }

  private static func root(_ t: Double) -> Double {
    t > 216.0 / 24389 ? cbrt(t) : (24389 / 27 * t + 16) / 116
  }
}
