import Engine

/// A way of writing down a picture: a generator whose parameters are what is optimised.
public protocol Prior: Sendable {
  /// The short name that commands and reports use.
  var name: String { get }

  /// Adds the generator of a picture `[1, channels, height, width]` to a graph.
  ///
  /// Its parameters' names begin with ``parameterPrefix``.
  /// - Throws: ``EngineError`` where the size does not suit the prior.
  func build(
    in graph: inout Graph, channels: Int, height: Int, width: Int, random: inout RandomSource
  ) throws -> Generator

  /// The sides of its pictures are multiples of this.
  var sizeMultiple: Int { get }

  /// The sides of its pictures are at least this.
  var smallestSide: Int { get }
}

extension Prior {
  public var sizeMultiple: Int { 1 }
  public var smallestSide: Int { 1 }
}

/// What the names of all optimised parameters begin with.
public let parameterPrefix = "prior."

/// A generator in a graph.
public struct Generator: Sendable {
  /// The picture, `[1, C, H, W]`.
  public let image: Graph.Node
  /// The numbers that penalties apply to: the picture itself unless the prior counts in other units.
  public let code: Graph.Node
  /// What the picture is generated from, if anything, with its value.
  public let input: (node: Graph.Node, value: Tensor)?

  public init(
    image: Graph.Node, code: Graph.Node? = nil, input: (node: Graph.Node, value: Tensor)? = nil
  ) {
    self.image = image
    self.code = code ?? image
    self.input = input
  }
}

/// The Deep Image Prior: a picture is the output of an untrained hourglass on fixed noise.
public struct HourglassPrior: Prior {
  /// What the hourglass is fed.
  public enum Input: Sendable, Hashable, Codable {
    /// Uniform noise in 0 ..< 0.1 of this many channels.
    case noise(channels: Int)
    /// Two channels that run from 0 to 1 along the columns and along the rows.
    case meshgrid
  }

  public var network: SkipNetwork
  public var input: Input

  public init(_ network: SkipNetwork, input: Input = .noise(channels: 32)) {
    self.network = network
    self.input = input
  }

  public var name: String { "dip" }
  public var sizeMultiple: Int { network.reduction }
  public var smallestSide: Int { network.smallestSide }

  public func build(
    in graph: inout Graph, channels: Int, height: Int, width: Int, random: inout RandomSource
  ) throws -> Generator {
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
