import DIP
import Engine

/// Which part of the generated picture the network sees, and the part that is the result.
public struct Viewing: Sendable, Hashable {
  /// The sides of what the network sees, in pixels.
  public var height: Int
  public var width: Int
  /// How many places, along rows and along columns, it is seen at in turn, at random; 1 for one.
  public var jitter: Int
  /// How much larger or smaller it is seen at most, at random, as a share of its size; 0 for never.
  public var scaling: Float = 0
  /// By how many degrees it is turned at most either way, at random.
  public var rotation: Float = 0

  public init(height: Int, width: Int, jitter: Int = 1) {
    (self.height, self.width, self.jitter) = (height, width, max(1, jitter))
  }

  /// Moved, turned and scaled at random about as much as lucid does (tensorflow/lucid, transform.py), which moves
  /// 224 pixels by 8: what survives that is no noise.
  public var shaken: Viewing {
    var shaken = self
    shaken.jitter = max(1, min(height, width) / 28)
    (shaken.scaling, shaken.rotation) = (0.1, 10)
    return shaken
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
  ) throws -> (seen: Graph.Node, picture: Graph.Node, chances: Chances) {
    var chances = Chances()
    let middle = (jitter - 1) / 2
    let picture = try graph.crop(
      image, top: middle, left: middle, height: height, width: width)
    var moved = picture
    if jitter > 1 {
      let offsets = graph.input([2])
      moved = try graph.shift(image, to: offsets, height: height, width: width)
      chances.jitters = [EnergyTerms.Jitter(offsets: offsets, amount: jitter)]
    }
    guard scaling > 0 || rotation > 0 else { return (moved, picture, chances) }
    let transform = graph.input([2])
    chances.turns = [
      EnergyTerms.Turn(
        transform: transform, scaling: 1 + scaling, angle: rotation * .pi / 180)
    ]
    return (try graph.similarity(moved, by: transform), picture, chances)
  }

  /// What is drawn anew at each iteration.
  struct Chances {
    var jitters: [EnergyTerms.Jitter] = []
    var turns: [EnergyTerms.Turn] = []

    func set(in terms: inout EnergyTerms) { (terms.jitters, terms.turns) = (jitters, turns) }
  }
}
