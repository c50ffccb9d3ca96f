import Engine

/// The deep decoder (Heckel and Hand, ICLR 2019, arXiv 1810.03982), as its authors' code has it: no
/// convolution reaches over more than one pixel, all that ties neighbours together is enlargement.
///
/// Five blocks of a 1×1 convolution without a bias, bilinear enlargement by two, ReLU and batch
/// normalisation, then one without the enlargement, a 1×1 convolution to the picture, and a sigmoid.
public struct DeepDecoder: GeneratorNetwork, Hashable, Codable {
  public static let name = "decoder"

  /// How many times the input is doubled.
  public var depth: Int
  /// The channels of all blocks, and of the input.
  public var channels: Int

  /// The 128 channels of the authors' denoising have 100,224 parameters for pictures of three channels
  /// and begin to learn the noise; 64 channels have 25,536 and hardly do.
  public init(depth: Int = 5, channels: Int = 64) {
    (self.depth, self.channels) = (depth, channels)
  }

  public var reduction: Int { 1 << depth }
  public var smallestSide: Int { 2 * reduction }
  public var enlargement: Int { reduction }

  public func build(
    in graph: inout Graph, from input: Graph.Node, outputChannels: Int, name: String,
    random: inout RandomSource
  ) throws -> (output: Graph.Node, blocks: [String: Graph.Node]) {
    var layers = LayerBuilder(graph, name: name, random: random)
    var node = input
    for index in 0...depth {
      let block = "block\(index)"
      node = try layers.convolve(
        node, name: block, channels: channels, kernel: 1, hasBias: false)
      if index < depth {
        node = try layers.graph.upsample(node, factor: 2, method: .bilinear)
      }
      node = try layers.normalize(try layers.graph.relu(node), name: block)
      layers.blocks[block] = node
    }
    let output = try layers.addOutput(node, channels: outputChannels, hasBias: false)
    (graph, random) = (layers.graph, layers.random)
    return (output, layers.blocks)
  }
}

/// The deep decoder on fixed noise of its own number of channels, 2^depth times smaller than the picture.
public typealias DecoderPrior = NetworkPrior<DeepDecoder>

extension NetworkPrior<DeepDecoder> {
  public init(_ decoder: DeepDecoder = DeepDecoder()) {
    self.init(decoder, input: .noise(channels: decoder.channels))
  }
}
