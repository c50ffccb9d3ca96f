import Engine

/// One row of a network's table.
public struct Layer: Sendable, Hashable {
  /// What a layer computes.
  public enum Operation: Sendable, Hashable {
    /// A convolution with bias; the kernel is square, the padding zero on every side.
    case convolution(channels: Int, kernel: Int, stride: Int, padding: Int)
    /// A dense layer with bias over all numbers of its input.
    case fullyConnected(channels: Int)
    case relu
    case maxPool(kernel: Int, stride: Int, rounding: PoolingRounding)
    /// The mean of each channel over the picture.
    case globalAveragePool
    /// All inputs, channel after channel.
    case concatenation
    case softmax
  }

  /// The name in the network's Caffe model, such as `fire2/squeeze1x1`.
  public let name: String
  /// Other names that files give to it, such as Keras's `block1_conv1`.
  public let aliases: [String]
  public let operation: Operation
  /// The layers it takes, ``Architecture/pictureName`` for the picture.
  public let inputs: [String]

  var hasWeights: Bool {
    switch operation {
    case .convolution, .fullyConnected: true
    default: false
    }
  }

  /// The weights it needs for an input `[N, C, H, W]`; `nil` where it has none.
  func weights(for input: Shape) -> WeightedLayer? {
    switch operation {
    case .convolution(let channels, let kernel, _, _):
      WeightedLayer(name, aliases: aliases, [channels, input[1], kernel, kernel])
    case .fullyConnected(let channels):
      WeightedLayer(
        name, aliases: aliases, [channels, input.count / input[0]],
        flattens: input[2] * input[3] == 1 ? nil : [input[1], input[2], input[3]])
    default: nil
    }
  }

  /// Adds the layer to a graph.
  func build(
    in graph: inout Graph, of inputs: [Graph.Node], weights: (weight: Graph.Node, bias: Graph.Node)?
  ) throws(EngineError) -> Graph.Node {
    switch operation {
    case .convolution(_, _, let stride, let padding):
      guard let weights else { preconditionFailure("\(name) has weights") }
      return try graph.convolve(
        inputs[0], weights: weights.weight, bias: weights.bias, stride: stride, padding: padding,
        border: .zero)
    case .fullyConnected:
      guard let weights else { preconditionFailure("\(name) has weights") }
      return try graph.fullyConnect(inputs[0], weights: weights.weight, bias: weights.bias)
    case .relu: return try graph.relu(inputs[0])
    case .maxPool(let kernel, let stride, let rounding):
      return try graph.maxPool(inputs[0], kernel: kernel, stride: stride, rounding: rounding)
    case .globalAveragePool: return try graph.globalAveragePool(inputs[0])
    case .concatenation: return try graph.concatenate(inputs)
    case .softmax: return try graph.softmax(inputs[0])
    }
  }
}

/// Writes a network's table row by row; each row takes the one before unless it says otherwise.
struct LayerTable {
  private(set) var layers: [Layer] = []

  private var last: String { layers.last?.name ?? Architecture.pictureName }

  mutating func convolve(
    _ name: String, _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    from input: String? = nil, aliases: [String] = []
  ) {
    add(
      name, .convolution(channels: channels, kernel: kernel, stride: stride, padding: padding),
      from: input.map { [$0] }, aliases: aliases)
  }

  mutating func fullyConnect(_ name: String, _ channels: Int, aliases: [String] = []) {
    add(name, .fullyConnected(channels: channels), aliases: aliases)
  }

  mutating func relu(_ name: String) { add(name, .relu) }

  mutating func maxPool(_ name: String, kernel: Int, stride: Int, rounding: PoolingRounding) {
    add(name, .maxPool(kernel: kernel, stride: stride, rounding: rounding))
  }

  mutating func globalAveragePool(_ name: String) { add(name, .globalAveragePool) }

  mutating func concatenate(_ name: String, _ inputs: [String]) {
    add(name, .concatenation, from: inputs)
  }

  mutating func softmax(_ name: String) { add(name, .softmax) }

  private mutating func add(
    _ name: String, _ operation: Layer.Operation, from inputs: [String]? = nil,
    aliases: [String] = []
  ) {
    layers.append(
      Layer(name: name, aliases: aliases, operation: operation, inputs: inputs ?? [last]))
  }
}
