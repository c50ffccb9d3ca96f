/// A rectangle of a picture, in pixels.
public struct Region: Sendable, Hashable, Codable {
  public var rows: Range<Int>
  public var columns: Range<Int>

  public init(rows: Range<Int>, columns: Range<Int>) {
    (self.rows, self.columns) = (rows, columns)
  }

  /// The whole of a picture of these sides.
  public init(height: Int, width: Int) { self.init(rows: 0..<height, columns: 0..<width) }

  public var height: Int { rows.count }
  public var width: Int { columns.count }

  /// The same in a picture this many times larger.
  public func scaled(by factor: Int) -> Region {
    func scaled(_ range: Range<Int>) -> Range<Int> {
      range.lowerBound * factor..<range.upperBound * factor
    }
    return Region(rows: scaled(rows), columns: scaled(columns))
  }
}

extension Tensor {
  /// Cuts a rectangle out of the last two axes of `[N, C, H, W]`.
  ///
  /// - Precondition: the rectangle is not empty and lies inside.
  public func cropped(to region: Region) -> Tensor {
    precondition(shape.rank == 4, "a picture is [N, C, H, W], not \(shape)")
    let (rows, columns) = (region.rows, region.columns)
    precondition(
      rows.lowerBound >= 0 && columns.lowerBound >= 0 && !rows.isEmpty && !columns.isEmpty
        && rows.upperBound <= shape[2] && columns.upperBound <= shape[3],
      "rows \(rows), columns \(columns) are not inside \(shape)")
    let (height, width) = (shape[2], shape[3])
    var result = Tensor([shape[0], shape[1], rows.count, columns.count])
    withSpan { source in
      result.withMutableSpan { target in
        var index = 0
        for plane in 0..<shape[0] * shape[1] {
          for row in rows {
            let start = (plane * height + row) * width
            for column in columns {
              target[index] = source[start + column]
              index += 1
            }
          }
        }
      }
    }
    return result
  }
}
