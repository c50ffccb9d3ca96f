import Engine
import PretrainedNets

/// Why there is no attribution.
public enum AttributionError: Error, Equatable, Sendable, CustomStringConvertible {
  case noPlaces(layer: String)
  case window(Int, height: Int, width: Int)

  public var description: String {
    switch self {
    case .noPlaces(let layer):
      "layer \(layer) has no places that could speak for a class: it is not spatial, or the class's score "
        + "does not go through it; choose a convolution or a pool before it"
    case .window(let side, let height, let width):
      "a window of side \(side) does not fit in a picture of \(width)×\(height); choose 1 to "
        + "\(min(height, width))"
    }
  }
}

extension Attribution {
  /// Grad-CAM (Selvaraju et al., ICCV 2017): a layer's channels, summed by the mean of the score's gradient
  /// with respect to each, and what is negative cut off.
  ///
  /// The picture is `[1, 3, H, W]`, R, G, B, 0 ... 1; the map has the layer's places.
  /// - Throws: as ``inputGradient(of:classIndex:in:threads:)``, and ``AttributionError/noPlaces(layer:)``.
  public static func gradCAM(
    of classifier: Classifier, classIndex: Int, at layer: String, in picture: Tensor,
    threads: ThreadPool
  ) throws -> Attribution {
    let layer = try classifier.check(layer: layer)
    let program = try ScoreProgram(classifier, classIndex, at: layer, picture.shape, threads)
    let (score, gradient) = try program.gradient(at: picture)
    guard let features = program.output else { throw AttributionError.noPlaces(layer: layer.name) }
    let (height, width) = (features.shape[2], features.shape[3])
    let (slopes, values) = (gradient.elements, features.elements)
    let places = height * width
    var sums = [Float](repeating: 0, count: places)
    for channel in 0..<features.shape[1] {
      let plane = channel * places..<(channel + 1) * places
      let weight = slopes[plane].reduce(0, +) / Float(places)
      for (place, value) in values[plane].enumerated() { sums[place] += weight * value }
    }
    return Attribution(map: Tensor([1, 1, height, width], sums.map { max($0, 0) }), score: score)
  }

  /// How much of the score goes when a square of the picture is covered (Zeiler and Fergus, ECCV 2014): at
  /// each pixel the mean over the squares that cover it.
  ///
  /// The picture, and the baseline that shows in the square, are `[1, 3, H, W]`, R, G, B, 0 ... 1. The squares
  /// are `stride` pixels apart, and cut at the right and the bottom edge.
  /// - Precondition: the stride is positive.
  /// - Throws: as ``inputGradient(of:classIndex:in:threads:)``, ``AttributionError/window(_:height:width:)``, and
  ///   ``EngineError`` for a baseline of another shape.
  public static func occlusion(
    of classifier: Classifier, classIndex: Int, in picture: Tensor, by baseline: Tensor,
    side: Int, stride: Int, threads: ThreadPool
  ) throws -> Attribution {
    try occlusion(
      by: ScoreProgram(classifier, classIndex, picture.shape, threads), in: picture,
      under: baseline, side: side, stride: stride)
  }

  static func occlusion(
    by program: ScoreProgram, in picture: Tensor, under baseline: Tensor, side: Int, stride: Int
  ) throws -> Attribution {
    precondition(stride > 0, "squares that do not move never reach the edge")
    let (height, width) = (picture.shape[2], picture.shape[3])
    guard side > 0, side <= min(height, width) else {
      throw AttributionError.window(side, height: height, width: width)
    }
    // Sets the shape right, or throws.
    _ = try program.score(of: baseline)
    let score = try program.score(of: picture)
    var sums = [Float](repeating: 0, count: height * width)
    var counts = sums
    for rows in squares(side, stride, height) {
      for columns in squares(side, stride, width) {
        let covered = picture.replacing(Region(rows: rows, columns: columns), from: baseline)
        let loss = score - (try program.score(of: covered))
        for row in rows {
          for pixel in row * width + columns.lowerBound..<row * width + columns.upperBound {
            sums[pixel] += loss
            counts[pixel] += 1
          }
        }
      }
    }
    return Attribution(
      map: Tensor([1, 1, height, width], zip(sums, counts).map { $0 / $1 }), score: score)
  }

  /// The places of squares along a side, the last of which reaches its end.
  private static func squares(_ side: Int, _ stride: Int, _ extent: Int) -> [Range<Int>] {
    (0...(extent - side + stride - 1) / stride).map {
      $0 * stride..<min($0 * stride + side, extent)
    }
  }
}
