import Engine
import Foundation
import Imaging

/// A copy of a picture from which one kind of cue is taken away, or which is given one.
///
/// All take and give `[1, 3, H, W]`, R, G, B, 0 ... 1.
public enum Alteration: Sendable, Hashable {
  /// The luma of BT.601 in each channel.
  case grey
  /// The colours turned about the grey axis by this angle in degrees, luma and saturation kept.
  case hue(degrees: Double)
  /// Moved by these shares of the sides, wrapping round.
  case shift(down: Double, right: Double)
  /// Mirrored left to right.
  case mirror
  /// Cut into this many squares a side, in an order that the seed tells.
  case shuffle(squares: Int, seed: UInt64)
  /// Smoothed by a Gaussian whose deviation is this share of the larger side.
  case blur(share: Double)

  public func callAsFunction(_ picture: Tensor) -> Tensor {
    switch self {
    case .grey: picture.turnedAboutGrey(cosine: 0, sine: 0)
    case .hue(let degrees):
      picture.turnedAboutGrey(
        cosine: Float(cos(degrees * .pi / 180)), sine: Float(sin(degrees * .pi / 180)))
    case .shift(let down, let right):
      picture.rearranged { row, column, height, width in
        (
          (row + height - Int((down * Double(height)).rounded())) % height,
          (column + width - Int((right * Double(width)).rounded())) % width
        )
      }
    case .mirror: picture.rearranged { row, column, _, width in (row, width - 1 - column) }
    case .shuffle(let squares, let seed): picture.shuffled(squares, seed)
    case .blur(let share):
      picture.blurred(deviation: share * Double(max(picture.shape[2], picture.shape[3])))
    }
  }
}

/// I and Q of NTSC's YIQ: a colour but for its luma.
struct Chroma {
  var i: Float = 0
  var q: Float = 0

  init(i: Float, q: Float) { (self.i, self.q) = (i, q) }

  init(_ r: Float, _ g: Float, _ b: Float) {
    i = 0.595716 * r - 0.274453 * g - 0.321263 * b
    q = 0.211456 * r - 0.522591 * g + 0.311135 * b
  }

  /// The mean over all pixels of pictures `[1, 3, H, W]`.
  init(meanOf pictures: [Tensor]) {
    let means = pictures.map { picture in
      let plane = picture.shape[2] * picture.shape[3]
      return (0..<3).map { channel in
        picture.withSpan { values in
          (channel * plane..<(channel + 1) * plane).reduce(0) { $0 + values[$1] } / Float(plane)
        }
      }
    }
    self.init(mean(means.map { $0[0] }), mean(means.map { $0[1] }), mean(means.map { $0[2] }))
  }

  static func luma(_ r: Float, _ g: Float, _ b: Float) -> Float {
    0.299 * r + 0.587 * g + 0.114 * b
  }

  /// R, G, B, clamped to 0 ... 1.
  func colour(luma: Float) -> [Float] {
    [
      luma + 0.9563 * i + 0.6210 * q, luma - 0.2721 * i - 0.6474 * q,
      luma - 1.1070 * i + 1.7046 * q,
    ].map { min(max($0, 0), 1) }
  }
}

extension Tensor {
  /// The chroma, I and Q of NTSC's YIQ, turned and scaled; clamped to 0 ... 1.
  fileprivate func turnedAboutGrey(cosine: Float, sine: Float) -> Tensor {
    var result = self
    let plane = shape[2] * shape[3]
    result.withMutableSpan { values in
      for pixel in 0..<plane {
        let (r, g, b) = (values[pixel], values[plane + pixel], values[2 * plane + pixel])
        let chroma = Chroma(r, g, b)
        let turned = Chroma(
          i: cosine * chroma.i - sine * chroma.q, q: sine * chroma.i + cosine * chroma.q
        ).colour(luma: Chroma.luma(r, g, b))
        for channel in 0..<3 { values[channel * plane + pixel] = turned[channel] }
      }
    }
    return result
  }

  /// The picture whose pixel at a place is that of the place that `source` tells.
  fileprivate func rearranged(
    _ source: (_ row: Int, _ column: Int, _ height: Int, _ width: Int) -> (Int, Int)
  ) -> Tensor {
    let (height, width) = (shape[2], shape[3])
    var result = self
    withSpan { from in
      result.withMutableSpan { to in
        for row in 0..<height {
          for column in 0..<width {
            let (y, x) = source(row, column, height, width)
            for channel in 0..<shape[1] {
              to[(channel * height + row) * width + column] =
                from[(channel * height + y) * width + x]
            }
          }
        }
      }
    }
    return result
  }

  /// Its squares in another order; what does not fit into whole squares stays.
  fileprivate func shuffled(_ squares: Int, _ seed: UInt64) -> Tensor {
    let (rows, columns) = (shape[2] / squares, shape[3] / squares)
    guard rows > 0, columns > 0 else { return self }
    var random = RandomSource(seed: seed)
    var order = Array(0..<squares * squares)
    for index in order.indices.reversed() {
      order.swapAt(index, random.integer(in: 0...index))
    }
    return rearranged { row, column, _, _ in
      guard row < rows * squares, column < columns * squares else { return (row, column) }
      let square = order[row / rows * squares + column / columns]
      return (
        square / squares * rows + row % rows, square % squares * columns + column % columns
      )
    }
  }

  /// Smoothed by a Gaussian, its edges repeated.
  fileprivate func blurred(deviation: Double) -> Tensor {
    let (height, width) = (shape[2], shape[3])
    let plane = height * width
    let values = elements.map(Double.init)
    let smooth = (0..<shape[1]).flatMap { channel in
      Imaging.blurred(
        Array(values[channel * plane..<(channel + 1) * plane]), height: height, width: width,
        deviation: deviation)
    }
    return Tensor(shape, smooth.map { Float($0) })
  }

  /// The picture with a rectangle of another of its size.
  func replacing(_ region: Region, from other: Tensor) -> Tensor {
    let (height, width) = (shape[2], shape[3])
    var result = self
    other.withSpan { from in
      result.withMutableSpan { to in
        for channel in 0..<shape[1] {
          for row in region.rows {
            let start = (channel * height + row) * width
            for column in region.columns { to[start + column] = from[start + column] }
          }
        }
      }
    }
    return result
  }

  /// The picture's luma in the chroma given.
  func painted(_ chroma: Chroma) -> Tensor {
    var result = self
    let plane = shape[2] * shape[3]
    result.withMutableSpan { values in
      for pixel in 0..<plane {
        let luma = Chroma.luma(
          values[pixel], values[plane + pixel], values[2 * plane + pixel])
        let colour = chroma.colour(luma: luma)
        for channel in 0..<3 { values[channel * plane + pixel] = colour[channel] }
      }
    }
    return result
  }
}
