import DIP
import Engine

/// Which part of the generated picture the network sees, and the part that is the result.
public struct Viewing: Sendable, Hashable {
  /// The sides of what the network sees, in pixels.
  public var height: Int
  public var width: Int
  /// How many places, along rows and along columns, it is seen at in turn, at random; 1 for one.
  public var jitter: Int

  public init(height: Int, width: Int, jitter: Int = 1) {
    (self.height, self.width, self.jitter) = (height, width, max(1, jitter))
  }

  /// The sides of the generated picture: room for the jitter, and what the prior needs.
  func canvas(for prior: any Prior) -> (height: Int, width: Int) {
    let frame = PictureFrame(
      height: height + jitter - 1, width: width + jitter - 1, multiple: prior.sizeMultiple,
      smallestSide: prior.smallestSide)
    return (frame.paddedHeight, frame.paddedWidth)
  }

  /// Adds what the network sees, and the result, to a graph.
  ///
  /// Without jitter both are the top left corner; with it the result is the middle of the places.
  func build(
    in graph: inout Graph, of image: Graph.Node
  ) throws -> (seen: Graph.Node, terms: (picture: Graph.Node, jitters: [EnergyTerms.Jitter])) {
    guard jitter > 1 else {
      let corner = try graph.crop(image, top: 0, left: 0, height: height, width: width)
      return (corner, (corner, []))
    }
    let offsets = graph.input([2])
    let seen = try graph.shift(image, to: offsets, height: height, width: width)
    let middle = (jitter - 1) / 2
    let picture = try graph.crop(
      image, top: middle, left: middle, height: height, width: width)
    return (seen, (picture, [EnergyTerms.Jitter(offsets: offsets, amount: jitter)]))
  }
}
