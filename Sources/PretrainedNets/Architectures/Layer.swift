import Engine

/// One row of a network's table.
public struct Layer: Sendable, Hashable {
  /// What a layer computes.
  public enum Operation: Sendable, Hashable {
    case convolution(Window)
    /// A dense layer over all numbers of its input.
    case fullyConnected(channels: Int, hasBias: Bool = true)
    /// scale · (x − mean) / √(variance + ε) + shift by channel, with the statistics of training.
    case batchNormalization(epsilon: Float)
    case responseNormalization(ResponseNormalization)
    case relu
    case leakyReLU(slope: Float)
    case sigmoid
    /// slope · x + offset, between 0 and 1.
    case hardSigmoid(slope: Float, offset: Float)
    /// x times its hard sigmoid x / 6 + 1 / 2.
    case hardSwish
    /// x between two numbers, either of which may be infinite.
    case clip(low: Float, high: Float)
    /// scale · x + shift by constants, one a channel or one for all.
    case affine(scales: [Float], shifts: [Float])
    case maxPool(kernel: Int, stride: Int, padding: Int, rounding: PoolingRounding)
    case averagePool(
      kernel: Int, stride: Int, padding: Int, rounding: PoolingRounding, countsPadding: Bool = true)
    /// The mean of each channel over the picture.
    case globalAveragePool
    /// All inputs, channel after channel.
    case concatenation
    /// The sum of two inputs, of which the second may have a single pixel.
    case addition
    /// The product of two inputs, of which the second may have a single pixel or channel.
    case multiplication
    /// Some channels of its input.
    case selection(channels: Range<Int>)
    case padding(Margins)
    /// All numbers as one channel each, in the order C, H, W.
    case flattening
    /// What training left out at random: nothing here, but a name that users know.
    case dropout
    case softmax
    case logSoftmax
  }

  /// A convolution's channels and window; the padding is zero.
  public struct Window: Sendable, Hashable {
    public var channels: Int
    public var kernelHeight: Int
    public var kernelWidth: Int
    public var stride = 1
    public var paddingHeight = 0
    public var paddingWidth = 0
    public var groups = 1
    public var hasBias = true
  }

  /// Rows and columns of one number around a picture.
  public struct Margins: Sendable, Hashable {
    public var top = 0
    public var left = 0
    public var bottom = 0
    public var right = 0
    public var value: Float = 0
  }

  /// x / (k + a·Σ x²)^β over `size` channels (Krizhevsky, Sutskever and Hinton, NIPS 2012).
  public struct ResponseNormalization: Sendable, Hashable {
    public var size = 5
    public var alpha: Float = 1e-4
    public var beta: Float = 0.75
    public var k: Float = 1
    public var convention = ResponseConvention.divided
  }

  /// The name by which the network's users know it, such as `fire2/squeeze1x1`.
  public let name: String
  /// Other names that files give to it, such as Keras's `block1_conv1` or PyTorch's `features.0`.
  public let aliases: [String]
  public var operation: Operation
  /// The layers it takes, ``Architecture/pictureName`` for the picture.
  public let inputs: [String]

  var hasWeights: Bool {
    switch operation {
    case .convolution, .fullyConnected, .batchNormalization: true
    default: false
    }
  }

  /// The distance between neighbouring windows.
  var stride: Int {
    switch operation {
    case .convolution(let window): window.stride
    case .maxPool(_, let stride, _, _), .averagePool(_, let stride, _, _, _): stride
    default: 1
    }
  }

  /// The weights it needs for an input `[N, C, H, W]`; `nil` where it has none.
  func weights(for input: Shape) -> WeightedLayer? {
    switch operation {
    case .convolution(let window):
      WeightedLayer(
        name, aliases: aliases,
        .convolution(
          [
            window.channels, input[1] / window.groups, window.kernelHeight, window.kernelWidth,
          ], groups: window.groups, hasBias: window.hasBias))
    case .fullyConnected(let channels, let hasBias):
      WeightedLayer(
        name, aliases: aliases,
        .dense(
          [channels, input.count / input[0]],
          flattens: input[2] * input[3] == 1 ? nil : [input[1], input[2], input[3]],
          hasBias: hasBias))
    case .batchNormalization:
      WeightedLayer(name, aliases: aliases, .normalization(channels: input[1]))
    default: nil
    }
  }
}
