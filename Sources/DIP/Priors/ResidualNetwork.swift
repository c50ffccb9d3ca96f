import Engine

/// The residual network that the Deep Image Prior's authors compare with (models/resnet.py of their
/// code): no scales, so that it ties together only what is near.
///
/// A 3×3 convolution and an activation; blocks x + n(c(a(n(c(x))))) of 3×3 convolutions c without a
/// bias, normalisations n and activations a; a 3×3 convolution and a normalisation; a 3×3 convolution to
/// the picture and a sigmoid. The activation is the leaky ReLU of slope 0.2. The first and the last
/// convolution mirror the border, the others read zeros there.
public struct ResidualNetwork: GeneratorNetwork, Hashable, Codable {
  public static let name = "resnet"

  /// The number of residual blocks.
  public var depth: Int
  public var channels: Int

  /// By default as the authors inpaint with it.
  public init(depth: Int = 8, channels: Int = 32) {
    (self.depth, self.channels) = (depth, channels)
  }

  public var reduction: Int { 1 }
  public var smallestSide: Int { 2 }

  public func build(
    in graph: inout Graph, from input: Graph.Node, outputChannels: Int, name: String,
    random: inout RandomSource
  ) throws -> (output: Graph.Node, blocks: [String: Graph.Node]) {
    var layers = LayerBuilder(graph, name: name, random: random)
    func convolve(_ node: Graph.Node, _ name: String) throws -> Graph.Node {
      let node = try layers.convolve(
        node, name: name, channels: channels, kernel: 3, hasBias: false)
      return try layers.normalize(node, name: name)
    }
    var node = try layers.convolve(
      input, name: "first", channels: channels, kernel: 3, border: .reflection)
    node = try layers.graph.leakyReLU(node, slope: 0.2)
    layers.blocks["first"] = node
    for index in 0..<depth {
      let block = "block\(index)"
      let inner = try layers.graph.leakyReLU(try convolve(node, "\(block).first"), slope: 0.2)
      node = try layers.graph.add(node, try convolve(inner, "\(block).second"))
      layers.blocks[block] = node
    }
    node = try layers.convolve(node, name: "last", channels: channels, kernel: 3)
    node = try layers.normalize(node, name: "last")
    layers.blocks["last"] = node
    let output = try layers.addOutput(
      node, channels: outputChannels, kernel: 3, border: .reflection)
    (graph, random) = (layers.graph, layers.random)
    return (output, layers.blocks)
  }
}

/// The residual network on fixed noise of a single channel, as the authors feed it.
public typealias ResidualPrior = NetworkPrior<ResidualNetwork>

extension NetworkPrior<ResidualNetwork> {
  public init(_ network: ResidualNetwork = ResidualNetwork()) {
    self.init(network, input: .noise(channels: 1))
  }
}
