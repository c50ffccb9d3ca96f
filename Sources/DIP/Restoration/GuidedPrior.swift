import Engine

/// An hourglass fed with a picture of the same scene instead of noise: what both share is easy for it
/// to make.
public struct GuidedPrior: Prior {
  public var network: SkipNetwork
  /// The picture that it is fed, `[1, C, h, w]`; larger ones are fed its reflection around it.
  public var guide: Tensor

  public init(_ network: SkipNetwork, guide: Tensor) {
    self.network = network
    self.guide = guide
  }

  public var name: String { "dip" }
  public var sizeMultiple: Int { network.reduction }
  public var smallestSide: Int { network.smallestSide }

  public func cropped(to region: Region) -> any Prior {
    GuidedPrior(network, guide: guide.cropped(to: region))
  }

  public func build(
    in graph: inout Graph, channels: Int, height: Int, width: Int, random: inout RandomSource
  ) throws -> Generator {
    let frame = PictureFrame(
      height: guide.shape[2], width: guide.shape[3], multiple: sizeMultiple,
      smallestSide: smallestSide)
    guard (frame.paddedHeight, frame.paddedWidth) == (height, width) else {
      throw RestorationError.guideSize(
        width: frame.width, height: frame.height, expectedWidth: width, expectedHeight: height)
    }
    let value = frame.pad(guide)
    let node = graph.input(value.shape)
    let (image, _) = try network.build(
      in: &graph, from: node, outputChannels: channels, name: "prior", random: &random)
    return Generator(image: image, input: (node, value))
  }
}
