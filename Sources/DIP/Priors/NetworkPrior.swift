import Engine

/// An untrained network whose output is a picture.
public protocol GeneratorNetwork: Sendable {
  /// The short name that commands and reports use.
  static var name: String { get }

  /// Adds the network to a graph.
  ///
  /// Parameters are named `name.scale0.down.conv.weight` and the like, and start as PyTorch's
  /// default does: weights and biases uniform in ±1/√(fan-in), scales 1, shifts 0.
  /// - Throws: ``EngineError`` where the input is too small for the network.
  /// - Returns: the output `[1, outputChannels, H, W]` and, by name (`scale0.skip`, `output`, …), the
  ///   result of each block.
  func build(
    in graph: inout Graph, from input: Graph.Node, outputChannels: Int, name: String,
    random: inout RandomSource
  ) throws -> (output: Graph.Node, blocks: [String: Graph.Node])

  /// The sides of its pictures are multiples of this.
  var reduction: Int { get }

  /// The least side of a picture, a multiple of ``reduction``.
  var smallestSide: Int { get }

  /// The factor between the sides of the picture and those of the network's input.
  var enlargement: Int { get }
}

extension GeneratorNetwork {
  public var enlargement: Int { 1 }
}

/// What a network is fed.
public enum NetworkInput: Sendable, Hashable, Codable {
  /// Uniform noise in 0 ..< 0.1 of this many channels.
  case noise(channels: Int)
  /// Two channels that run from 0 to 1 along the columns and along the rows.
  case meshgrid
}

/// A picture is the output of an untrained network on a fixed input.
public struct NetworkPrior<Network: GeneratorNetwork>: Prior {
  public var network: Network
  public var input: NetworkInput

  public init(_ network: Network, input: NetworkInput = .noise(channels: 32)) {
    self.network = network
    self.input = input
  }

  public var name: String { Network.name }
  public var sizeMultiple: Int { network.reduction }
  public var smallestSide: Int { network.smallestSide }

  public func build(
    in graph: inout Graph, channels: Int, height: Int, width: Int, random: inout RandomSource
  ) throws -> Generator {
    let (height, width) = (height / network.enlargement, width / network.enlargement)
    let value: Tensor
    switch input {
    case .noise(let channels):
      value = random.uniform([1, channels, height, width], in: 0..<0.1)
    case .meshgrid: value = Self.meshgrid(height: height, width: width)
    }
    let node = graph.input(value.shape)
    let (image, _) = try network.build(
      in: &graph, from: node, outputChannels: channels, name: "prior", random: &random)
    return Generator(image: image, input: (node, value))
  }

  static func meshgrid(height: Int, width: Int) -> Tensor {
    var columns: [Float] = []
    var rows: [Float] = []
    for y in 0..<height {
      for x in 0..<width {
        columns.append(Float(x) / Float(max(1, width - 1)))
        rows.append(Float(y) / Float(max(1, height - 1)))
      }
    }
    return Tensor([1, 2, height, width], columns + rows)
  }
}

/// The Deep Image Prior: a picture is the output of an untrained hourglass on fixed noise.
public typealias HourglassPrior = NetworkPrior<SkipNetwork>
