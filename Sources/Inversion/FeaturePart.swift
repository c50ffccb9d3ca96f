import Engine

/// A group of channels and a region of a layer's features.
public struct FeaturePart: Sendable, Hashable {
  /// All channels, where it is `nil`.
  public var channels: Range<Int>?
  /// The whole of the feature map, where it is `nil`.
  public var region: Region?

  public init(channels: Range<Int>? = nil, region: Region? = nil) {
    (self.channels, self.region) = (channels, region)
  }

  /// The neurons in a square of this side about the middle of a feature map, as Mahendran and Vedaldi
  /// (CVPR 2015) invert a receptive field.
  public static func middle(_ side: Int, of shape: Shape) -> FeaturePart {
    func middle(_ extent: Int) -> Range<Int> {
      let start = (extent - min(side, extent)) / 2
      return start..<start + min(side, extent)
    }
    guard shape.rank == 4 else { return FeaturePart() }
    return FeaturePart(region: Region(rows: middle(shape[2]), columns: middle(shape[3])))
  }

  /// The features with those at 0 that do not count.
  ///
  /// - Throws: ``FeaturePartError`` where the part is not inside.
  package func applied(to features: Tensor, layer: String) throws(FeaturePartError) -> Tensor {
    var result = features
    try mask(for: features.shape, layer: layer).withSpan { mask in
      result.withMutableSpan { for index in $0.indices { $0[index] *= mask[index] } }
    }
    return result
  }

  /// 1 for the features that count and 0 for the others, of the features' shape.
  ///
  /// - Throws: ``FeaturePartError`` where the part is not inside.
  func mask(for shape: Shape, layer: String) throws(FeaturePartError) -> Tensor {
    let count = shape.rank > 1 ? shape[1] : shape.count
    let channels = channels ?? 0..<count
    guard !channels.isEmpty, channels.lowerBound >= 0, channels.upperBound <= count else {
      throw .channels(channels, layer: layer, count: count)
    }
    let (height, width) = shape.rank == 4 ? (shape[2], shape[3]) : (1, 1)
    if region != nil, shape.rank != 4 || height * width == 1 { throw .notSpatial(layer) }
    let region = region ?? Region(height: height, width: width)
    guard !region.rows.isEmpty, !region.columns.isEmpty, region.rows.lowerBound >= 0,
      region.columns.lowerBound >= 0, region.rows.upperBound <= height,
      region.columns.upperBound <= width
    else { throw .region(layer: layer, width: width, height: height) }
    var mask = Tensor(shape)
    mask.withMutableSpan { elements in
      for channel in channels {
        for row in region.rows {
          for column in region.columns {
            elements[(channel * height + row) * width + column] = 1
          }
        }
      }
    }
    return mask
  }
}

/// Why a part of a layer's features is none.
public enum FeaturePartError: Error, Equatable, Sendable, CustomStringConvertible {
  case channels(Range<Int>, layer: String, count: Int)
  case region(layer: String, width: Int, height: Int)
  case notSpatial(String)

  public var description: String {
    switch self {
    case .channels(let channels, let layer, let count):
      "there are no channels \(channels.lowerBound) to \(channels.upperBound - 1); \(layer) has "
        + "channels 0 to \(count - 1)"
    case .region(let layer, let width, let height):
      "the region is not inside \(layer), which has columns 0 to \(width - 1) and rows 0 to "
        + "\(height - 1)"
    case .notSpatial(let layer):
      "\(layer) has no rows and columns to choose a region of; choose channels, or an earlier layer"
    }
  }
}

extension Tensor {
  /// The sum of the squares of its numbers.
  package var squaredNorm: Double {
    withSpan { span in
      span.indices.reduce(0.0) { $0 + Double(span[$1]) * Double(span[$1]) }
    }
  }
}
