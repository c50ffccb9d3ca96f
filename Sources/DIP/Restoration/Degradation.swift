import Engine

/// What happened to a picture before it was given to us.
public enum Degradation: Sendable, Hashable {
  /// Nothing but noise.
  case identity
  /// Shrinking by a whole factor through a filter.
  case downsampling(factor: Int, filter: DownsamplingFilter)

  /// The factor between the sides of the wanted picture and those of the given one.
  public var factor: Int {
    switch self {
    case .identity: 1
    case .downsampling(let factor, _): factor
    }
  }

  func build(in graph: inout Graph, of image: Graph.Node) throws -> Graph.Node {
    switch self {
    case .identity: image
    case .downsampling(let factor, let filter):
      try graph.downsample(image, factor: factor, filter: filter)
    }
  }
}

/// The mean squared difference between the degraded generated picture and the given one, where the
/// mask knows it.
public struct DataEnergy: Energy {
  /// The given picture `[1, C, h, w]`.
  public var observed: Tensor
  /// `[1, 1, h, w]`, 1 where the picture is known and 0 where it is not.
  public var mask: Tensor?
  public var degradation: Degradation
  /// The frame of the given picture.
  public var frame: PictureFrame

  public init(
    observed: Tensor, mask: Tensor? = nil, degradation: Degradation, frame: PictureFrame
  ) {
    self.observed = observed
    self.mask = mask
    self.degradation = degradation
    self.frame = frame
  }

  public func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms {
    var explained = try degradation.build(in: &graph, of: image)
    var target = frame.pad(observed)
    if let mask {
      let mask = frame.pad(mask)
      explained = try graph.multiply(explained, by: mask)
      target.mask(by: mask)
    }
    let loss = try graph.meanSquaredError(explained, graph.constant(target))
    return EnergyTerms(
      loss: loss, picture: try frame.scaled(by: degradation.factor).crop(image, in: &graph))
  }
}

extension Tensor {
  /// Multiplies every channel of `[1, C, H, W]` by `[1, 1, H, W]`.
  fileprivate mutating func mask(by mask: Tensor) {
    let plane = mask.shape.count
    mask.withSpan { mask in
      withMutableSpan { elements in
        for index in elements.indices { elements[index] *= mask[index % plane] }
      }
    }
  }
}
