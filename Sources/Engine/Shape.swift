/// The extents of a tensor, outermost first. Pictures and features are `[N, C, H, W]`.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// One extent an axis, outermost first; every extent is at least 1.
  public let extents: [Int]

  /// Makes a shape; `[]` is the shape of a scalar.
  public init(_ extents: [Int]) {
    precondition(extents.allSatisfy { $0 > 0 }, "a shape needs positive extents, got \(extents)")
    self.extents = extents
  }

  public init(arrayLiteral extents: Int...) { self.init(extents) }

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The number of elements.
  public var count: Int { extents.reduce(1, *) }

  public subscript(axis: Int) -> Int { extents[axis] }

  public var description: String {
    "[" + extents.map(String.init).joined(separator: ", ") + "]"
  }
}

extension Shape {
  /// The number of pictures of a `[N, C, H, W]` shape.
  package var batch: Int { extents[0] }
  /// The number of channels of a `[N, C, H, W]` shape.
  package var channels: Int { extents[1] }
  /// The number of rows of a `[N, C, H, W]` shape.
  package var height: Int { extents[2] }
  /// The number of columns of a `[N, C, H, W]` shape.
  package var width: Int { extents[3] }
}
