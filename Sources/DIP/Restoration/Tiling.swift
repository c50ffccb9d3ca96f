import Engine

/// Overlapping tiles that cover a picture, of equal sides and evenly spread.
public struct TileGrid: Sendable, Hashable {
  /// From top to bottom, and from left to right in each row.
  public let tiles: [Region]
  /// How many pixels neighbours share at least.
  public let overlap: Int

  /// Covers a picture with as few tiles of at most `side` pixels a side as share `overlap` pixels with
  /// their neighbours.
  ///
  /// - Precondition: the side is larger than twice the overlap, which is not negative.
  public init(height: Int, width: Int, side: Int, overlap: Int) {
    precondition(overlap >= 0 && side > 2 * overlap, "tiles of \(side) cannot share \(overlap)")
    func spread(_ extent: Int) -> [Range<Int>] {
      guard extent > side else { return [0..<extent] }
      let count = (extent - overlap + side - overlap - 1) / (side - overlap)
      return (0..<count).map { index in
        let start = ((extent - side) * index + (count - 1) / 2) / (count - 1)
        return start..<start + side
      }
    }
    let columns = spread(width)
    tiles = spread(height).flatMap { rows in columns.map { Region(rows: rows, columns: $0) } }
    self.overlap = overlap
  }
}

/// A picture that is put together of overlapping parts, some of them perhaps several times.
///
/// What lies at a place is averaged; parts count the less the nearer to their edges, so that no seam shows.
public struct Mosaic: Sendable {
  /// The weighted sum of the parts, `[1, C, H, W]`.
  public private(set) var sum: Tensor
  /// The sum of their weights, `[1, 1, H, W]`.
  public private(set) var weights: Tensor

  public init(channels: Int, height: Int, width: Int) {
    sum = Tensor([1, channels, height, width])
    weights = Tensor([1, 1, height, width])
  }

  /// A mosaic on its way; `nil` where the sides differ.
  public init?(sum: Tensor, weights: Tensor) {
    guard sum.shape.rank == 4, weights.shape == [1, 1, sum.shape[2], sum.shape[3]] else {
      return nil
    }
    (self.sum, self.weights) = (sum, weights)
  }

  /// Adds a part `[1, C, h, w]`, whose weight grows over `overlap` pixels from the edges that are not those
  /// of the whole.
  ///
  /// - Precondition: the part is of the region's size, which lies inside.
  public mutating func add(_ part: Tensor, at region: Region, overlap: Int) {
    let (channels, height, width) = (sum.shape[1], sum.shape[2], sum.shape[3])
    precondition(part.shape == [1, channels, region.height, region.width])
    let down = Self.ramps(region.rows, of: height, overlap)
    let across = Self.ramps(region.columns, of: width, overlap)
    weights.withMutableSpan { weights in
      for (y, row) in region.rows.enumerated() {
        for (x, column) in region.columns.enumerated() {
          weights[row * width + column] += down[y] * across[x]
        }
      }
    }
    part.withSpan { part in
      sum.withMutableSpan { sum in
        var index = 0
        for channel in 0..<channels {
          for (y, row) in region.rows.enumerated() {
            let start = (channel * height + row) * width
            for (x, column) in region.columns.enumerated() {
              sum[start + column] += down[y] * across[x] * part[index]
              index += 1
            }
          }
        }
      }
    }
  }

  /// The picture, with another's pixels where no part is yet.
  ///
  /// - Precondition: the other is of its size.
  public func picture(elsewhere other: Tensor) -> Tensor {
    precondition(other.shape == sum.shape)
    var picture = other
    let plane = weights.shape.count
    sum.withSpan { sum in
      weights.withSpan { weights in
        picture.withMutableSpan { picture in
          for index in picture.indices where weights[index % plane] > 0 {
            picture[index] = sum[index] / weights[index % plane]
          }
        }
      }
    }
    return picture
  }

  private static func ramps(_ range: Range<Int>, of extent: Int, _ overlap: Int) -> [Float] {
    range.map { place in
      let before = range.lowerBound == 0 ? Int.max : place - range.lowerBound
      let after = range.upperBound == extent ? Int.max : range.upperBound - 1 - place
      let distance = min(before, after)
      return distance < overlap ? (Float(distance) + 0.5) / Float(overlap) : 1
    }
  }
}
