import Engine

/// No prior in the generator: the parameters are the pixels themselves, in units of their own.
public struct PixelPrior: Prior {
  /// Where the pixels start, in the prior's units.
  public enum Start: Sendable, Equatable {
    /// Uniform noise in the range.
    case uniform(Range<Float>)
    /// A given picture `[1, C, H, W]`.
    case picture(Tensor)
  }

  public var start: Start
  /// The picture is x · scale + offset, the offset by channel (empty for none).
  public var scale: Float
  public var offset: [Float]

  public init(start: Start, scale: Float = 1, offset: [Float] = []) {
    self.start = start
    self.scale = scale
    self.offset = offset
  }

  public var name: String { "pixels" }

  public func build(
    in graph: inout Graph, channels: Int, height: Int, width: Int, random: inout RandomSource
  ) throws -> Generator {
    let pixels =
      switch start {
      case .uniform(let range): random.uniform([1, channels, height, width], in: range)
      case .picture(let picture): picture
      }
    let code = try graph.parameter(parameterPrefix + "pixels", initial: pixels)
    let image = try graph.affine(code, scale: scale, shift: offset)
    return Generator(image: image, code: code)
  }
}
