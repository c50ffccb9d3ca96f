import Engine
import Inversion
import PretrainedNets

/// How far the codes of different pictures are from each other, to measure errors by: an inversion whose
/// error is as large as that has found any picture.
///
/// This is the N_Φ of Mahendran and Vedaldi's quantitative experiments (CVPR 2015): the mean of ‖Φᵢ − Φⱼ‖²
/// over pairs of pictures.
public struct FeatureDistances: Sendable {
  /// By layer.
  public let meanSquares: [String: Double]
  /// How many pictures were compared.
  public let count: Int

  /// Compares two pictures or more, `[1, 3, H, W]`, of one shape, by the parts of layers' features that count.
  ///
  /// - Throws: as ``Classifier/features(of:at:threads:)``, or ``FeaturePartError``.
  public init(
    _ pictures: [Tensor], at layers: [String], of classifier: Classifier,
    parts: [String: FeaturePart] = [:], threads: ThreadPool
  ) throws {
    let codes = try pictures.map { picture in
      var codes = try classifier.features(of: picture, at: layers, threads: threads)
      for (layer, part) in parts {
        codes[layer] = try codes[layer].map { try part.applied(to: $0, layer: layer) }
      }
      return codes
    }
    var meanSquares: [String: Double] = [:]
    for layer in layers {
      var total = 0.0
      for (index, one) in codes.enumerated() {
        for other in codes[..<index] {
          if let a = one[layer], let b = other[layer] { total += a.squaredDistance(from: b) }
        }
      }
      meanSquares[layer] = total / Double(codes.count * (codes.count - 1) / 2)
    }
    (self.meanSquares, count) = (meanSquares, pictures.count)
  }
}

extension Tensor {
  /// The four quarters of a picture, each as large as the picture: different pictures, where there are no
  /// others.
  package func quarters() -> [Tensor] {
    let (height, width) = (shape[2], shape[3])
    return [0, height / 2].flatMap { top in
      [0, width / 2].map { left in
        cropped(
          to: Region(
            rows: top..<top + (height + 1) / 2, columns: left..<left + (width + 1) / 2)
        ).resized(toHeight: height, width: width, filter: .bilinear)
      }
    }
  }

  fileprivate func squaredDistance(from other: Tensor) -> Double {
    withSpan { a in
      other.withSpan { b in
        a.indices.reduce(0.0) { sum, index in
          let difference = Double(a[index] - b[index])
          return sum + difference * difference
        }
      }
    }
  }
}
