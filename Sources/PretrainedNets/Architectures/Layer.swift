import Engine

/// One row of a network's table.
public struct Layer: Sendable, Hashable {
  /// What a layer computes.
  public enum Operation: Sendable, Hashable {
    case convolution(Window)
    /// A dense layer with bias over all numbers of its input.
    case fullyConnected(channels: Int)
    /// scale · (x − mean) / √(variance + ε) + shift by channel, with the statistics of training.
    case batchNormalization(epsilon: Float)
    case responseNormalization(ResponseNormalization)
    case relu
    case leakyReLU(slope: Float)
    case maxPool(kernel: Int, stride: Int, padding: Int, rounding: PoolingRounding)
    case averagePool(kernel: Int, stride: Int, padding: Int, rounding: PoolingRounding)
    /// The mean of each channel over the picture.
    case globalAveragePool
    /// All inputs, channel after channel.
    case concatenation
    /// The sum of two inputs.
    case addition
    /// What training left out at random: nothing here, but a name that users know.
    case dropout
    case softmax
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
    case .maxPool(_, let stride, _, _), .averagePool(_, let stride, _, _): stride
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
    case .fullyConnected(let channels):
      WeightedLayer(
        name, aliases: aliases, [channels, input.count / input[0]],
        flattens: input[2] * input[3] == 1 ? nil : [input[1], input[2], input[3]])
    case .batchNormalization:
      WeightedLayer(name, aliases: aliases, .normalization(channels: input[1]))
    default: nil
    }
  }

  /// Adds the layer to a graph, with the nodes of its parameters.
  func build(
    in graph: inout Graph, of inputs: [Graph.Node], parameters: [ParameterRole: Graph.Node]
  ) throws(EngineError) -> Graph.Node {
    func own(_ role: ParameterRole) -> Graph.Node {
      guard let node = parameters[role] else { preconditionFailure("\(name) has a \(role)") }
      return node
    }
    let x = inputs[0]
    switch operation {
    case .convolution(let window):
      return try graph.convolve(
        x, weights: own(.weight), bias: parameters[.bias], stride: window.stride,
        padding: window.paddingHeight, paddingWidth: window.paddingWidth, border: .zero,
        groups: window.groups)
    case .fullyConnected:
      return try graph.fullyConnect(x, weights: own(.weight), bias: parameters[.bias])
    case .batchNormalization(let epsilon):
      return try graph.batchNormalize(
        x, scale: own(.scale), shift: own(.shift), mean: own(.mean), variance: own(.variance),
        epsilon: epsilon)
    case .responseNormalization(let rule):
      return try graph.normalizeResponse(
        x, window: rule.size, alpha: rule.alpha, beta: rule.beta, k: rule.k,
        convention: rule.convention)
    case .relu: return try graph.relu(x)
    case .leakyReLU(let slope): return try graph.leakyReLU(x, slope: slope)
    case .maxPool(let kernel, let stride, let padding, let rounding):
      return try graph.maxPool(
        x, kernel: kernel, stride: stride, padding: padding, rounding: rounding)
    case .averagePool(let kernel, let stride, let padding, let rounding):
      return try graph.averagePool(
        x, kernel: kernel, stride: stride, padding: padding, rounding: rounding)
    case .globalAveragePool: return try graph.globalAveragePool(x)
    case .concatenation: return try graph.concatenate(inputs)
    case .addition: return try graph.add(x, inputs[1])
    case .dropout: return x
    case .softmax: return try graph.softmax(x)
    }
  }
}
