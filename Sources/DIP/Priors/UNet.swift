import Engine

/// The U-Net that the Deep Image Prior's authors compare with (models/unet.py of their code, after
/// Ronneberger, Fischer and Brox, MICCAI 2015).
///
/// On the way down, two 3×3 convolutions at each scale, each normalised and rectified, and 2×2 maxima
/// between the scales. On the way up the picture is enlarged by a 4×4 transposed convolution of stride 2,
/// joined with what the scale had on the way down, and convolved twice, rectified without
/// normalisation. A 1×1 convolution and a sigmoid make the picture. Normalisation is by the picture's own
/// statistics, without a scale and a shift to learn, as PyTorch's instance normalisation has it.
public struct UNet: GeneratorNetwork, Hashable, Codable {
  public static let name = "unet"

  /// How a scale is enlarged.
  public enum Enlargement: String, Sendable, Hashable, Codable, CaseIterable {
    case transposedConvolution
    /// By repeated pixels, and a 3×3 convolution.
    case nearest
    /// Linearly, and a 3×3 convolution.
    case bilinear
  }

  /// The channels of each scale, finest first.
  public var channels: [Int]
  public var upsampling = Enlargement.transposedConvolution
  public var border = Border.zero

  /// By default as the authors inpaint with it: a U-Net of an eighth of the usual channels, with one scale
  /// more.
  public init(channels: [Int] = [8, 16, 32, 64, 128, 128]) { self.channels = channels }

  /// A U-Net that halves the picture `depth` times, and doubles its channels from scale to scale, up to
  /// sixteen times those of the finest.
  public init(depth: Int, channels: Int) {
    self.init(channels: (0...depth).map { channels << min($0, 4) })
  }

  public var reduction: Int { 1 << (channels.count - 1) }
  public var smallestSide: Int { 2 * reduction }

  public func build(
    in graph: inout Graph, from input: Graph.Node, outputChannels: Int, name: String,
    random: inout RandomSource
  ) throws -> (output: Graph.Node, blocks: [String: Graph.Node]) {
    var layers = LayerBuilder(graph, name: name, random: random)
    var scales: [Graph.Node] = []
    for index in channels.indices {
      var node = input
      if let finer = scales.last { node = try layers.graph.maxPool(finer, kernel: 2, stride: 2) }
      node = try convolveTwice(node, "down\(index)", channels[index], normalizes: true, &layers)
      scales.append(node)
    }
    var node = scales.removeLast()
    for index in scales.indices.reversed() {
      node = try enlarge(node, "up\(index).enlarge", channels[index], &layers)
      node = try layers.graph.concatenate([node, scales[index]])
      node = try convolveTwice(node, "up\(index)", channels[index], normalizes: false, &layers)
    }
    let output = try layers.addOutput(node, channels: outputChannels, border: border)
    (graph, random) = (layers.graph, layers.random)
    return (output, layers.blocks)
  }

  private func enlarge(
    _ node: Graph.Node, _ name: String, _ channels: Int, _ layers: inout LayerBuilder
  ) throws -> Graph.Node {
    let method: UpsamplingMethod
    switch upsampling {
    case .transposedConvolution:
      return try layers.convolveTransposed(
        node, name: name, channels: channels, kernel: 4, stride: 2, padding: 1)
    case .nearest: method = .nearest
    case .bilinear: method = .bilinear
    }
    return try layers.convolve(
      try layers.graph.upsample(node, factor: 2, method: method), name: name, channels: channels,
      kernel: 3, border: border)
  }

  private func convolveTwice(
    _ node: Graph.Node, _ name: String, _ channels: Int, normalizes: Bool,
    _ layers: inout LayerBuilder
  ) throws -> Graph.Node {
    var node = node
    for position in ["first", "second"] {
      node = try layers.convolve(
        node, name: "\(name).\(position)", channels: channels, kernel: 3, border: border)
      if normalizes { node = try layers.standardize(node) }
      node = try layers.graph.relu(node)
    }
    layers.blocks[name] = node
    return node
  }
}

/// The U-Net on fixed noise of a single channel, as the authors feed it.
public typealias UNetPrior = NetworkPrior<UNet>

extension NetworkPrior<UNet> {
  public init(_ network: UNet = UNet()) {
    self.init(network, input: .noise(channels: 1))
  }
}
