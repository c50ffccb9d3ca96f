import Engine

/// The larger picture that a network of a given stride can make, and the place of the real one in it.
///
/// What the margin shows is free, and is cut off the result.
public struct PictureFrame: Sendable, Hashable {
  /// The real picture's sides.
  public let height: Int
  public let width: Int
  /// The generated picture's sides.
  public let paddedHeight: Int
  public let paddedWidth: Int
  /// Where in the generated picture the real one begins.
  public let top: Int
  public let left: Int

  /// Makes the smallest frame whose sides are multiples of `multiple` and at least `smallestSide`.
  public init(height: Int, width: Int, multiple: Int, smallestSide: Int = 1) {
    func padded(_ side: Int) -> Int {
      (max(side, smallestSide) + multiple - 1) / multiple * multiple
    }
    (self.height, self.width) = (height, width)
    (paddedHeight, paddedWidth) = (padded(height), padded(width))
    (top, left) = ((paddedHeight - height) / 2, (paddedWidth - width) / 2)
  }

  private init(
    _ frame: PictureFrame, top: Int, left: Int, height: Int, width: Int
  ) {
    (self.height, self.width) = (height, width)
    (paddedHeight, paddedWidth) = (frame.paddedHeight, frame.paddedWidth)
    (self.top, self.left) = (frame.top + top, frame.left + left)
  }

  /// The frame, in the same generated picture, of the wanted picture in what is seen of it.
  func inset(to view: Degradation.View) -> PictureFrame {
    PictureFrame(
      self, top: view.top, left: view.left, height: view.picture.height,
      width: view.picture.width)
  }

  /// Surrounds `[N, C, height, width]` with its reflection.
  public func pad(_ picture: Tensor) -> Tensor {
    precondition(picture.shape[2] == height && picture.shape[3] == width)
    let planes = picture.shape[0] * picture.shape[1]
    var padded = Tensor([picture.shape[0], picture.shape[1], paddedHeight, paddedWidth])
    let columns = (0..<paddedWidth).map { Self.reflect($0 - left, width) }
    picture.withSpan { source in
      padded.withMutableSpan { target in
        var index = 0
        for plane in 0..<planes {
          for y in 0..<paddedHeight {
            let row = (plane * height + Self.reflect(y - top, height)) * width
            for x in 0..<paddedWidth {
              target[index] = source[row + columns[x]]
              index += 1
            }
          }
        }
      }
    }
    return padded
  }

  /// Adds the cut of the real picture out of a generated one.
  func crop(_ image: Graph.Node, in graph: inout Graph) throws -> Graph.Node {
    if paddedHeight == height, paddedWidth == width { return image }
    return try graph.crop(image, top: top, left: left, height: height, width: width)
  }

  /// The position in 0 ..< extent that position i mirrors to, however far outside it is.
  static func reflect(_ position: Int, _ extent: Int) -> Int {
    guard extent > 1 else { return 0 }
    let period = 2 * (extent - 1)
    let folded = ((position % period) + period) % period
    return folded < extent ? folded : period - folded
  }
}
