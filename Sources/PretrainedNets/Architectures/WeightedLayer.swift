import Engine

/// What a layer's learned numbers are for.
public enum ParameterRole: String, Sendable, Hashable, Codable, CaseIterable {
  /// The kernels of a convolution or the matrix of a dense layer.
  case weight
  case bias
  /// γ and β of a normalisation, and the statistics of its training.
  case scale, shift, mean, variance
}

/// A layer with weights, as a network's table lists it.
public struct WeightedLayer: Sendable, Equatable {
  /// What the layer learns.
  public enum Kind: Sendable, Equatable {
    /// Kernels `[out, in / groups, kh, kw]`, and a bias `[out]` where there is one.
    case convolution(Shape, groups: Int, hasBias: Bool)
    /// A matrix `[out, in]`, and a bias `[out]` where there is one; `flattens` is the `[C, H, W]` of the features that it
    /// takes as a vector, `nil` where it takes none.
    case dense(Shape, flattens: Shape?, hasBias: Bool = true)
    /// Four vectors of this length.
    case normalization(channels: Int)
  }

  /// The layer's name in the network's table, such as `conv1_1`.
  public let name: String
  /// Other names that files give to it, such as `block1_conv1`.
  public let aliases: [String]
  public let kind: Kind
  /// How many layers of its kind come before it in the network.
  public var ordinal = 0

  public init(_ name: String, aliases: [String] = [], _ kind: Kind) {
    (self.name, self.aliases, self.kind) = (name, aliases, kind)
  }

  /// A convolution `[out, in, kh, kw]` or a dense layer `[out, in]`, with bias.
  public init(_ name: String, aliases: [String] = [], _ shape: Shape, flattens: Shape? = nil) {
    self.init(
      name, aliases: aliases,
      shape.rank == 2
        ? .dense(shape, flattens: flattens) : .convolution(shape, groups: 1, hasBias: true))
  }

  /// Its parameters and their shapes, in the order in which networks list them.
  public var parameters: [(role: ParameterRole, shape: Shape)] {
    switch kind {
    case .convolution(let shape, _, let hasBias), .dense(let shape, _, let hasBias):
      [(.weight, shape)] + (hasBias ? [(.bias, [shape[0]])] : [])
    case .normalization(let channels):
      [.scale, .shift, .mean, .variance].map { ($0, [channels]) }
    }
  }

  /// The shape of its weight, or of each of its vectors.
  public var shape: Shape { parameters[0].shape }

  /// The number of its outputs.
  public var channels: Int {
    switch kind {
    case .convolution(let shape, _, _), .dense(let shape, _, _): shape[0]
    case .normalization(let channels): channels
    }
  }

  /// The number of its learned numbers, without the statistics of a normalisation.
  public var parameterCount: Int {
    parameters.reduce(0) { sum, parameter in
      parameter.role == .mean || parameter.role == .variance ? sum : sum + parameter.shape.count
    }
  }

  /// Whether the other is a convolution, a dense layer or a normalisation as this one is.
  func isOfKind(of other: WeightedLayer) -> Bool {
    switch (kind, other.kind) {
    case (.convolution, .convolution), (.dense, .dense), (.normalization, .normalization): true
    default: false
    }
  }

  /// Whether it tells classes apart: a normalisation does not.
  var isScoring: Bool {
    if case .normalization = kind { false } else { true }
  }
}

/// The numbers of one layer, by what they are for.
///
/// A weight is `[out, in / groups, kh, kw]`, to be correlated with the features, or `[out, in]` with
/// the inputs of a flattened feature in the order C, H, W; all others are `[out]`.
public struct LayerWeights: Sendable, Equatable {
  public var tensors: [ParameterRole: Tensor]

  public init(_ tensors: [ParameterRole: Tensor]) { self.tensors = tensors }

  public init(weight: Tensor, bias: Tensor) {
    self.init([.weight: weight, .bias: bias])
  }

  public subscript(_ role: ParameterRole) -> Tensor? { tensors[role] }
}
