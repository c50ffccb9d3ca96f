import Engine
import Foundation

/// Magnitudes of half spectra `[1, C, H, W / 2 + 1]`.
enum Spectrum {
  /// scale / max(f, 1 / max(W, H))^decay, with f in cycles a pixel.
  static func inverseFrequencies(
    _ shape: Shape, width: Int, decay: Float, scale: Float
  ) -> Tensor {
    let (height, columns) = (shape[2], shape[3])
    let least = 1 / Double(max(width, height))
    let plane = (0..<height * columns).map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      let y = Double(min(row, height - row)) / Double(height)
      let x = Double(column) / Double(width)
      return scale / Float(pow(max((x * x + y * y).squareRoot(), least), Double(decay)))
    }
    return Tensor(shape, (0..<shape[1]).flatMap { _ in plane })
  }

  /// The root mean square over the pixels and channels of the picture of these magnitudes, but for its mean.
  static func deviation(_ magnitudes: Tensor, width: Int) -> Float {
    let (height, columns) = (magnitudes.shape[2], magnitudes.shape[3])
    var energy = 0.0
    for (index, magnitude) in magnitudes.elements.enumerated() {
      if index % (height * columns) == 0 { continue }
      let times = InverseFourier.multiplicity(ofColumn: index % columns, width: width)
      energy += Double(times) * Double(magnitude) * Double(magnitude)
    }
    // Parseval: Σ x² = Σ |X|² / n, and a mean is over n pixels.
    let pixels = Double(height * width)
    return Float((energy / Double(magnitudes.shape[1])).squareRoot() / pixels)
  }

  /// Those of the waves that become a picture, which is cut or mirrored to the size first.
  static func magnitudes(
    of picture: Tensor, channels: Int, height: Int, width: Int
  ) throws -> Tensor {
    let (rows, columns) = (picture.shape[2], picture.shape[3])
    var waves = Tensor([1, channels, height, width])
    for c in 0..<channels {
      for y in 0..<height {
        let row = PictureFrame.reflect(y + (rows - height) / 2, rows)
        for x in 0..<width {
          let column = PictureFrame.reflect(x + (columns - width) / 2, columns)
          let value = min(max(picture.colour(c, of: channels, row, column), 0.01), 0.99)
          waves[0, c, y, x] = log(value / (1 - value))
        }
      }
    }
    waves = DecorrelatedColours.decorrelated(waves)
    // The inverse transform's adjoint is the transform but for the weights of its columns.
    var graph = Graph()
    let shape: Shape = [2, channels, height, width / 2 + 1]
    let spectrum = try graph.parameter("spectrum", initial: Tensor(shape))
    let inverse = try graph.inverseFourier(spectrum, height: height, width: width)
    let program = try Program(
      minimizing: graph.innerProduct(inverse, graph.constant(waves)), over: "spectrum", in: graph,
      observing: [], threads: ThreadPool(threads: 1))
    program.forwardAndBackward()
    let parts = try program.gradient("spectrum").elements
    let half = parts.count / 2
    return Tensor(
      [1, channels, height, width / 2 + 1],
      (0..<half).map { index in
        let times = InverseFourier.multiplicity(
          ofColumn: index % (width / 2 + 1), width: width)
        let magnitude = (parts[index] * parts[index] + parts[half + index] * parts[half + index])
          .squareRoot()
        return magnitude * Float(height * width) / Float(times)
      })
  }
}

extension Tensor {
  /// [1, …] twice, as [2, …].
  func repeatedTwice() -> Tensor {
    Tensor(Shape([2] + shape.extents.dropFirst()), elements + elements)
  }

  /// A pixel's channel of so many: a grey picture has one for all, grey of a colour picture is their mean.
  fileprivate func colour(_ c: Int, of count: Int, _ y: Int, _ x: Int) -> Float {
    if shape[1] == count { return self[0, c, y, x] }
    return (0..<shape[1]).reduce(0) { $0 + self[0, $1, y, x] } / Float(shape[1])
  }
}
