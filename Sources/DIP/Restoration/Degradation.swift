import Engine

/// What happened to a picture before it was given to us: linear steps, one after another.
///
/// No steps are the identity, which leaves nothing but noise.
public struct Degradation: Sendable, Equatable {
  /// One linear map of each channel.
  public enum Step: Sendable, Equatable {
    /// Hiding: `[1, 1, h, w]`, 1 where the picture is known and 0 where it is not.
    case mask(Tensor)
    /// Shrinking by a factor of 1 or more, which need not be whole, through a filter.
    case downsampling(factor: Double, filter: DownsamplingFilter)
    /// Convolution. Of what is around the picture as much is sought as the kernel reaches, so that
    /// nothing is assumed of it.
    case blur(BlurKernel)
  }

  /// Pictures are shrunk by at most this, and by no more than the smaller side that is left.
  public static let largestFactor = 64

  /// In the order in which they happened.
  public var steps: [Step]

  public init(_ steps: Step...) { self.steps = steps }

  public static let identity = Degradation()

  /// The same, and one more step after it.
  public func followed(by step: Step) -> Degradation {
    var result = self
    result.steps.append(step)
    return result
  }

  /// The mask `[1, 1, height, width]` that hides each pixel with the probability `share`.
  public static func randomMask(
    hiding share: Float, height: Int, width: Int, random: RandomSource
  ) -> Tensor {
    var random = random
    var mask = random.uniform([1, 1, height, width], in: 0..<1)
    mask.withMutableSpan { elements in
      for index in elements.indices { elements[index] = elements[index] < share ? 0 : 1 }
    }
    return mask
  }
}

/// The mean squared difference between the degraded generated picture and the given one.
public struct DataEnergy: Energy {
  /// The given picture `[1, C, h, w]`. What a last step hides of it has no say.
  public var observed: Tensor
  public var degradation: Degradation
  /// Where in the generated picture that lies which the given one shows.
  public var frame: PictureFrame
  /// `[1, 1, h, w]`, 1 where the given picture is hidden from the loss, so that its error there tells how
  /// well the rest explains it.
  public var heldOut: Tensor?

  public init(observed: Tensor, degradation: Degradation, frame: PictureFrame) {
    self.observed = observed
    self.degradation = degradation
    self.frame = frame
  }

  public func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms {
    let view = degradation.view(height: observed.shape[2], width: observed.shape[3])
    let explained = try degradation.build(
      in: &graph, of: try frame.crop(image, in: &graph), through: view)
    let target = degradation.hiding(observed)
    var terms = EnergyTerms(
      loss: try error(of: explained, from: target, in: &graph, where: heldOut.map(\.inverted)),
      picture: try frame.inset(to: view).crop(image, in: &graph))
    if let heldOut {
      // Of the known pixels alone.
      let hidden = degradation.hiding(heldOut)
      let share = hidden.elements.reduce(0, +) / Float(hidden.shape.count)
      let error = try error(of: explained, from: target, in: &graph, where: hidden)
      terms.heldOut = try graph.scale(error, by: 1 / max(share, .leastNormalMagnitude))
    }
    return terms
  }

  private func error(
    of explained: Graph.Node, from target: Tensor, in graph: inout Graph, where mask: Tensor?
  ) throws -> Graph.Node {
    guard let mask else {
      return try graph.meanSquaredError(explained, graph.constant(target))
    }
    return try graph.meanSquaredError(
      graph.multiply(explained, by: mask),
      graph.constant(Degradation(.mask(mask)).hiding(target)))
  }
}

extension Tensor {
  /// 1 where it is 0, and 0 where it is 1.
  fileprivate var inverted: Tensor { Tensor(shape, elements.map { 1 - $0 }) }
}
