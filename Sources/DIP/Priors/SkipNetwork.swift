import Engine

/// The hourglass with skip connections of the Deep Image Prior (Ulyanov, Vedaldi and Lempitsky,
/// CVPR 2018), with every option of the original.
///
/// At each scale the picture is halved by a pair of convolutions, handed to the next scale, enlarged
/// again, joined with a few skip channels and mixed by convolutions. Every convolution but the last
/// is followed by batch normalisation, with the statistics of the picture itself, and an activation.
public struct SkipNetwork: Sendable, Hashable, Codable {
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
  /// Adds the network to a graph.
  ///
  /// Parameters are named `name.scale0.down.conv.weight` and the like, and start as PyTorch's
  /// default does: weights and biases uniform in ±1/√(fan-in), scales 1, shifts 0.
  /// - Throws: ``EngineError`` where the input is too small for the scales.
  /// - Returns: the output `[1, outputChannels, H, W]` and, by name (`scale0.skip`, `output`, …), the
  ///   result of each block.
  public func build(
    in graph: inout Graph, from input: Graph.Node, outputChannels: Int, name: String,
    random: inout RandomSource
  ) throws -> (output: Graph.Node, blocks: [String: Graph.Node]) {
    var builder = Builder(network: self, graph: graph, name: name, random: random)
    let features = try builder.addScale(0, to: input)
    var output = try builder.convolve(
      features, name: "output", channels: outputChannels, kernel: 1)
    if hasSigmoid { output = try builder.graph.sigmoid(output) }
    builder.blocks["output"] = output
    graph = builder.graph
    random = builder.random
    return (output, builder.blocks)
  }

  private struct Builder {
    let network: SkipNetwork
    var graph: Graph
    let name: String
    var random: RandomSource
    var blocks: [String: Graph.Node] = [:]

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
      deeper = try graph.upsample(deeper, factor: 2, method: scale.upsampling)
      blocks["\(prefix).upsampled"] = deeper
      branches.append(deeper)
      let joined = branches.count == 1 ? deeper : try graph.concatenate(branches)
      var result = try normalize(joined, name: "\(prefix).join")
      blocks["\(prefix).join"] = result
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
      var node = try convolve(
        input, name: name, channels: channels, kernel: kernel,
        stride: downsampling == .stride ? 2 : 1)
      switch downsampling {
      case nil, .stride: break
      case .average: node = try graph.averagePool(node, kernel: 2, stride: 2)
      case .maximum: node = try graph.maxPool(node, kernel: 2, stride: 2)
      case .lanczos2: node = try graph.downsample(node, factor: 2, filter: .lanczos2)
      case .lanczos3: node = try graph.downsample(node, factor: 2, filter: .lanczos3)
      }
      node = try activate(try normalize(node, name: name))
      blocks[name] = node
      return node
    }

    mutating func convolve(
      _ input: Graph.Node, name: String, channels: Int, kernel: Int, stride: Int = 1
    ) throws -> Graph.Node {
      let inputs = input.shape[1]
      let bound = 1 / Float(inputs * kernel * kernel).squareRoot()
      let weights = try parameter(
        "\(name).conv.weight",
        random.uniform([channels, inputs, kernel, kernel], in: -bound..<bound))
      let bias =
        network.hasBias
        ? try parameter("\(name).conv.bias", random.uniform([channels], in: -bound..<bound)) : nil
      return try graph.convolve(
        input, weights: weights, bias: bias, stride: stride, padding: (kernel - 1) / 2,
        border: network.border)
    }

    mutating func normalize(_ node: Graph.Node, name: String) throws -> Graph.Node {
      let channels: Shape = [node.shape[1]]
      let scale = try parameter("\(name).norm.weight", Tensor(channels, repeating: 1))
      let shift = try parameter("\(name).norm.bias", Tensor(channels))
      return try graph.batchNormalize(node, scale: scale, shift: shift)
    }

    mutating func activate(_ node: Graph.Node) throws -> Graph.Node {
      switch network.activation {
      case .leakyReLU: try graph.leakyReLU(node, slope: 0.2)
      case .swish: try graph.swish(node)
      case .elu: try graph.elu(node)
      case .none: node
      }
    }

    mutating func parameter(_ suffix: String, _ initial: Tensor) throws -> Graph.Node {
      try graph.parameter("\(name).\(suffix)", initial: initial)
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
