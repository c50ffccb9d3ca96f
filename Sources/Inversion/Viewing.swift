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
  /// Whether what is far from the middle is hidden behind grey, so that nothing is drawn at the borders: from six
  /// tenths of half the shorter side on more and more, and from there on all.
  public var isRound = false

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
    let image = isRound ? try rounded(image, in: &graph) : image
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

  /// The generated picture, grey outside of the circle in the middle of what may be seen of it.
  private func rounded(_ image: Graph.Node, in graph: inout Graph) throws -> Graph.Node {
    var mask = Tensor([1, 1, image.shape[2], image.shape[3]])
    let radius = Float(min(height, width)) / 2
    for row in 0..<image.shape[2] {
      for column in 0..<image.shape[3] {
        let y = Float(row) + 0.5 - Float(height + jitter - 1) / 2
        let x = Float(column) + 0.5 - Float(width + jitter - 1) / 2
        let distance = (x * x + y * y).squareRoot() / radius
        let share = min(max((1 - distance) / 0.4, 0), 1)
        mask[0, 0, row, column] = share * share * (3 - 2 * share)
      }
    }
    // (x − ½)·m + ½
    let half = [Float](repeating: 0.5, count: image.shape[1])
    let about = try graph.affine(image, scale: 1, shift: half.map { -$0 })
    return try graph.affine(graph.multiply(about, by: mask), scale: 1, shift: half)
  }

  /// What is drawn anew at each iteration.
  struct Chances {
    var jitters: [EnergyTerms.Jitter] = []
    var turns: [EnergyTerms.Turn] = []

    func set(in terms: inout EnergyTerms) { (terms.jitters, terms.turns) = (jitters, turns) }
  }
}
