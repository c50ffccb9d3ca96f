public import Engine

/// A picture in memory: grey or RGB, with or without transparency, as planes of numbers.
///
/// Values are what the file holds, scaled to 0 ... 1; no colour management is applied.
public struct Picture: Sendable, Equatable {
  /// How many bits a sample has in the file that the picture came from or will be written to.
  public enum BitDepth: Int, Sendable, Hashable {
    case eight = 8
    case sixteen = 16

    /// The number that stands for 1 in the file.
    var maximum: Float { self == .eight ? 255 : 65535 }
  }

  /// The colours, `[1, 1, H, W]` grey or `[1, 3, H, W]` RGB, in 0 ... 1 and not premultiplied.
  public var colour: Tensor { didSet { checkShapes() } }
  /// The opacity, `[1, 1, H, W]` in 0 ... 1; `nil` where the picture is opaque.
  public var alpha: Tensor? { didSet { checkShapes() } }
  /// The depth at which the picture is written.
  public var bitDepth: BitDepth

  /// Makes a picture of planes.
  ///
  /// - Precondition: the shapes are as ``colour`` and ``alpha`` say, and of the same sides.
  public init(colour: Tensor, alpha: Tensor? = nil, bitDepth: BitDepth = .eight) {
    self.colour = colour
    self.alpha = alpha
    self.bitDepth = bitDepth
    checkShapes()
  }

  private func checkShapes() {
    precondition(
      colour.shape.rank == 4 && colour.shape[0] == 1
        && (colour.shape[1] == 1 || colour.shape[1] == 3),
      "a picture is [1, 1, H, W] or [1, 3, H, W], not \(colour.shape)")
    if let alpha {
      precondition(
        alpha.shape == [1, 1, height, width],
        "the alpha of a picture \(colour.shape) cannot be \(alpha.shape)")
    }
  }

  /// The number of rows.
  public var height: Int { colour.shape[2] }
  /// The number of columns.
  public var width: Int { colour.shape[3] }
  /// The number of colour channels, 1 or 3; alpha does not count.
  public var channels: Int { colour.shape[1] }
  /// Whether there is one colour channel.
  public var isGrey: Bool { channels == 1 }
}
