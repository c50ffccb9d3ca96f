import Engine

/// What a network's training did to a picture in R, G, B, 0 ... 1, before the first layer.
public struct Preprocessing: Sendable, Hashable {
  /// Whether channels are taken in the order B, G, R.
  public var isReversed: Bool
  /// What 0 ... 1 is multiplied by.
  public var scale: Float
  /// What is subtracted from each channel afterwards, in the network's order.
  public var mean: [Float]

  /// Caffe's SqueezeNet: B, G, R, 0 ... 255, minus (104, 117, 123).
  public static let squeezeNet = Preprocessing(
    isReversed: true, scale: 255, mean: [104, 117, 123])

  /// Oxford's VGG: B, G, R, 0 ... 255, minus (103.939, 116.779, 123.68).
  public static let vgg = Preprocessing(
    isReversed: true, scale: 255, mean: [103.939, 116.779, 123.68])

  /// The picture, in R, G, B, 0 ... 1, that the network sees as zeros.
  public var meanColour: [Float] {
    let colour = mean.map { $0 / scale }
    return isReversed ? colour.reversed() : colour
  }

  /// Adds the preprocessing of a picture `[N, 3, H, W]`, R, G, B, 0 ... 1, to a graph.
  ///
  /// - Throws: ``EngineError`` unless there are three channels.
  public func build(
    in graph: inout Graph, of picture: Graph.Node
  ) throws(EngineError) -> Graph.Node {
    let ordered = isReversed ? try graph.flipChannels(picture) : picture
    return try graph.affine(ordered, scale: scale, shift: mean.map { -$0 })
  }
}
