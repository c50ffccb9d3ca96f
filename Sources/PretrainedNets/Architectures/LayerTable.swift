import Engine

/// Writes a network's table row by row; each row takes the one before unless it says otherwise.
struct LayerTable {
  private(set) var layers: [Layer] = []

  /// The layer of the row before.
  var last: String { layers.last?.name ?? Architecture.pictureName }

  mutating func convolve(
    _ name: String, _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    groups: Int = 1, hasBias: Bool = true, from input: String? = nil, aliases: [String] = []
  ) {
    let window = Layer.Window(
      channels: channels, kernelHeight: kernel, kernelWidth: kernel, stride: stride,
      paddingHeight: padding, paddingWidth: padding, groups: groups, hasBias: hasBias)
    add(name, .convolution(window), from: input.map { [$0] }, aliases: aliases)
  }

  mutating func fullyConnect(_ name: String, _ channels: Int, aliases: [String] = []) {
    add(name, .fullyConnected(channels: channels), aliases: aliases)
  }

  mutating func batchNormalize(_ name: String, epsilon: Float, aliases: [String] = []) {
    add(name, .batchNormalization(epsilon: epsilon), aliases: aliases)
  }

  mutating func normalizeResponse(
    _ name: String, _ rule: Layer.ResponseNormalization = Layer.ResponseNormalization()
  ) {
    add(name, .responseNormalization(rule))
  }

  mutating func relu(_ name: String, aliases: [String] = []) { add(name, .relu, aliases: aliases) }

  mutating func leakyReLU(_ name: String, slope: Float) { add(name, .leakyReLU(slope: slope)) }

  mutating func maxPool(
    _ name: String, kernel: Int, stride: Int, padding: Int = 0,
    rounding: PoolingRounding = .ceiling, from input: String? = nil, aliases: [String] = []
  ) {
    add(
      name, .maxPool(kernel: kernel, stride: stride, padding: padding, rounding: rounding),
      from: input.map { [$0] }, aliases: aliases)
  }

  mutating func averagePool(
    _ name: String, kernel: Int, stride: Int, rounding: PoolingRounding = .ceiling
  ) {
    add(name, .averagePool(kernel: kernel, stride: stride, padding: 0, rounding: rounding))
  }

  mutating func globalAveragePool(_ name: String, aliases: [String] = []) {
    add(name, .globalAveragePool, aliases: aliases)
  }

  mutating func concatenate(_ name: String, _ inputs: [String], aliases: [String] = []) {
    add(name, .concatenation, from: inputs, aliases: aliases)
  }

  mutating func addUp(_ name: String, _ a: String, _ b: String) {
    add(name, .addition, from: [a, b])
  }

  mutating func dropout(_ name: String, aliases: [String] = []) {
    add(name, .dropout, aliases: aliases)
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
