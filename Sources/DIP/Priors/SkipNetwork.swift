import Engine

/// The hourglass with skip connections of the Deep Image Prior (Ulyanov, Vedaldi and Lempitsky,
/// CVPR 2018), with every option of the original.
///
/// At each scale the picture is halved by a pair of convolutions, handed to the next scale, enlarged
/// again, joined with a few skip channels and mixed by convolutions. Every convolution but the last
/// is followed by batch normalisation, with the statistics of the picture itself, and an activation.
public struct SkipNetwork: GeneratorNetwork, Hashable, Codable {
  public static let name = "dip"

  /// How a scale halves its input.
  public enum Downsampling: String, Sendable, Hashable, Codable, CaseIterable {
    /// By the stride of its first convolution.
    case stride
    /// By 2×2 averages after it.
    case average
    /// By 2×2 maxima after it.
    case maximum
    /// By a Lanczos filter of support 2 after it.
    case lanczos2
    /// By a Lanczos filter of support 3 after it.
    case lanczos3
  }

  /// The activation after each normalisation.
  public enum Activation: String, Sendable, Hashable, Codable, CaseIterable {
    /// Slope 0.2 for negative numbers.
    case leakyReLU
    /// x · sigmoid(x).
    case swish
    /// x, or exp(x) − 1 for negative numbers.
    case elu
    /// The identity.
    case none
  }

  /// One scale of the hourglass.
  public struct Scale: Sendable, Hashable, Codable {
    /// Channels of the two convolutions on the way down.
    public var downChannels: Int
    /// Channels of the convolutions on the way up.
    public var upChannels: Int
    /// Channels that bypass the deeper scales; 0 for none.
    public var skipChannels: Int
    /// The side of the kernels on the way down; odd.
    public var downKernel = 3
    /// The side of the kernel on the way up; odd.
    public var upKernel = 3
    public var downsampling = Downsampling.stride
    public var upsampling = UpsamplingMethod.bilinear

    public init(
      down: Int, up: Int, skip: Int, downKernel: Int = 3, upKernel: Int = 3,
      downsampling: Downsampling = .stride, upsampling: UpsamplingMethod = .bilinear
    ) {
      (downChannels, upChannels, skipChannels) = (down, up, skip)
      (self.downKernel, self.upKernel) = (downKernel, upKernel)
      (self.downsampling, self.upsampling) = (downsampling, upsampling)
    }
  }

  /// The scales, finest first.
  public var scales: [Scale]
  /// The side of the kernels of the skip convolutions; odd.
  public var skipKernel = 1
  /// Whether a 1×1 convolution follows the one on the way up.
  public var mixes = true
  public var border = Border.reflection
  public var activation = Activation.leakyReLU
  public var hasBias = true
  /// Whether the output is squeezed into 0 ... 1.
  public var hasSigmoid = true

  public init(scales: [Scale]) { self.scales = scales }

  /// The factor between the sides of the picture and those of the coarsest scale.
  public var reduction: Int { 1 << scales.count }

  /// The least side of a picture, a multiple of ``reduction``: at the coarsest scale there is more than
  /// one pixel to take statistics of, and at every scale more than a reflection reaches over.
  public var smallestSide: Int {
    func reach(_ kernel: Int) -> Int { border == .reflection ? (kernel - 1) / 2 : 0 }
    func suffices(_ side: Int) -> Bool {
      scales.enumerated().allSatisfy { index, scale in
        side >> (index + 1) > reach(scale.downKernel) && side >> index > reach(scale.upKernel)
      }
    }
    var side = 2 * reduction
    while !suffices(side) { side += reduction }
    return side
  }
}

extension SkipNetwork {
  public func build(
    in graph: inout Graph, from input: Graph.Node, outputChannels: Int, name: String,
    random: inout RandomSource
  ) throws -> (output: Graph.Node, blocks: [String: Graph.Node]) {
    var builder = Builder(
      network: self, layers: LayerBuilder(graph, name: name, random: random))
    let features = try builder.addScale(0, to: input)
    let output = try builder.layers.addOutput(
      features, channels: outputChannels, border: border, hasBias: hasBias, hasSigmoid: hasSigmoid)
    (graph, random) = (builder.layers.graph, builder.layers.random)
    return (output, builder.layers.blocks)
  }

  private struct Builder {
    let network: SkipNetwork
    var layers: LayerBuilder

    mutating func addScale(_ index: Int, to input: Graph.Node) throws -> Graph.Node {
      let scale = network.scales[index]
      let prefix = "scale\(index)"
      var branches: [Graph.Node] = []
      if scale.skipChannels > 0 {
        branches.append(
          try addBlock(
            "\(prefix).skip", to: input, channels: scale.skipChannels, kernel: network.skipKernel))
      }
      var deeper = try addBlock(
        "\(prefix).down", to: input, channels: scale.downChannels, kernel: scale.downKernel,
        downsampling: scale.downsampling)
      deeper = try addBlock(
        "\(prefix).deeper", to: deeper, channels: scale.downChannels, kernel: scale.downKernel)
      if index + 1 < network.scales.count { deeper = try addScale(index + 1, to: deeper) }
      deeper = try layers.graph.upsample(deeper, factor: 2, method: scale.upsampling)
      layers.blocks["\(prefix).upsampled"] = deeper
      branches.append(deeper)
      let joined = branches.count == 1 ? deeper : try layers.graph.concatenate(branches)
      var result = try layers.normalize(joined, name: "\(prefix).join")
      layers.blocks["\(prefix).join"] = result
      result = try addBlock(
        "\(prefix).up", to: result, channels: scale.upChannels, kernel: scale.upKernel)
      if network.mixes {
        result = try addBlock("\(prefix).mix", to: result, channels: scale.upChannels, kernel: 1)
      }
      return result
    }

    /// Convolution, halving, normalisation, activation.
    mutating func addBlock(
      _ name: String, to input: Graph.Node, channels: Int, kernel: Int,
      downsampling: Downsampling? = nil
    ) throws -> Graph.Node {
      var node = try layers.convolve(
        input, name: name, channels: channels, kernel: kernel,
        stride: downsampling == .stride ? 2 : 1, border: network.border, hasBias: network.hasBias)
      switch downsampling {
      case nil, .stride: break
      case .average: node = try layers.graph.averagePool(node, kernel: 2, stride: 2)
      case .maximum: node = try layers.graph.maxPool(node, kernel: 2, stride: 2)
      case .lanczos2: node = try layers.graph.downsample(node, factor: 2, filter: .lanczos2)
      case .lanczos3: node = try layers.graph.downsample(node, factor: 2, filter: .lanczos3)
      }
      node = try activate(try layers.normalize(node, name: name))
      layers.blocks[name] = node
      return node
    }

    mutating func activate(_ node: Graph.Node) throws -> Graph.Node {
      switch network.activation {
      case .leakyReLU: try layers.graph.leakyReLU(node, slope: 0.2)
      case .swish: try layers.graph.swish(node)
      case .elu: try layers.graph.elu(node)
      case .none: node
      }
    }
  }
}

extension SkipNetwork {
  /// Denoising, super-resolution and text inpainting: 5 scales of 128 channels.
  ///
  /// With `skip` 4, 32 input and 3 output channels it has 2,217,831 parameters.
  public static func standard(
    skip: Int = 4, upsampling: UpsamplingMethod = .bilinear
  ) -> SkipNetwork {
    SkipNetwork(
      scales: Array(
        repeating: Scale(down: 128, up: 128, skip: skip, upsampling: upsampling), count: 5))
  }

  /// Feature inversion: 6 scales, kernels from 7 to 3, average pooling; 2,606,763 parameters with 32
  /// input and 3 output channels.
  public static let inversion: SkipNetwork = {
    let kernels = [7, 7, 5, 5, 3, 3]
    var network = SkipNetwork(
      scales: zip([16, 32, 64, 128, 128, 128], kernels).map { channels, kernel in
        Scale(
          down: channels, up: channels, skip: 4, downKernel: kernel, upKernel: kernel,
          downsampling: .average, upsampling: .nearest)
      })
    network.border = .zero
    return network
  }()

  /// Activation maximisation: 6 scales, no skip at the finest; 2,948,567 parameters with 32 input
  /// and 3 output channels.
  public static let maximization: SkipNetwork = {
    let channels = [16, 32, 64, 128, 128, 128]
    let (down, up) = ([5, 3, 5, 5, 3, 5], [5, 3, 5, 3, 5, 3])
    return SkipNetwork(
      scales: channels.indices.map { index in
        Scale(
          down: channels[index], up: channels[index], skip: index == 0 ? 0 : 4,
          downKernel: down[index], upKernel: up[index], downsampling: .average)
      })
  }()
}

extension SkipNetwork {
  /// As many of the finest scales, the last repeated where there are fewer.
  public mutating func setDepth(_ depth: Int) {
    guard let last = scales.last else { return }
    scales =
      Array(scales.prefix(depth)) + Array(repeating: last, count: max(0, depth - scales.count))
  }
}
