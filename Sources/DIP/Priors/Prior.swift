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

  /// The prior for a part of the picture.
  func cropped(to region: Region) -> any Prior
}

extension Prior {
  public var sizeMultiple: Int { 1 }
  public var smallestSide: Int { 1 }
  public func cropped(to region: Region) -> any Prior { self }
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
