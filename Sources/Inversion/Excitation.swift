import DIP
import Engine
import PretrainedNets

/// What a picture is to excite.
public enum Excitation: Sendable, Hashable {
  /// A class: its score before rectification and softmax, averaged over the picture.
  case score(ofClass: Int)
  /// A class: the logarithm of its probability, which grows as the scores of the others fall too. The scores
  /// are averaged over the picture.
  case logProbability(ofClass: Int)
  /// A channel of a layer: the sum of its neurons.
  case channel(Int, layer: String)
  /// One neuron.
  case neuron(row: Int, column: Int, channel: Int, layer: String)
  /// The neurons of a channel in a square of this side about the middle: their sum.
  case window(side: Int, channel: Int, layer: String)
  /// A direction in the space of a layer's channels, one number for each, and then the sum over the places of
  /// the inner product with it; or in that of all its numbers, in the order C, H, W.
  case direction([Float], layer: String)
  /// All of a layer: half the sum of its squares, as Mordvintsev, Olah and Tyka dream (Google Research 2015).
  case energy(layer: String)

  /// The layer it is measured at.
  package func layer(of architecture: Architecture) -> String {
    switch self {
    case .score, .logProbability: architecture.scoreLayer
    case .channel(_, let layer), .neuron(_, _, _, let layer), .window(_, _, let layer),
      .direction(_, let layer), .energy(let layer):
      layer
    }
  }

  /// Adds the excitation, a scalar, to a graph.
  package func build(in graph: inout Graph, of features: Graph.Node) throws -> Graph.Node {
    let (channels, height, width) = (features.shape[1], features.shape[2], features.shape[3])
    func sum(_ channel: Int, _ rows: Range<Int>, _ columns: Range<Int>) throws -> Graph.Node {
      guard (0..<channels).contains(channel) else {
        throw ExcitationError.channel(channel, count: channels)
      }
      return try graph.sum(
        of: features, channels: channel..<channel + 1, rows: rows, columns: columns)
    }
    switch self {
    case .score(let index):
      return try graph.scale(
        sum(index, 0..<height, 0..<width), by: 1 / Float(height * width))
    case .logProbability(let index):
      guard (0..<channels).contains(index) else {
        throw ExcitationError.channel(index, count: channels)
      }
      let logarithms = try graph.logSoftmax(graph.globalAveragePool(features))
      return try graph.sum(
        of: logarithms, channels: index..<index + 1, rows: 0..<1, columns: 0..<1)
    case .energy: return try graph.scale(graph.innerProduct(features, features), by: 0.5)
    case .direction(let direction, _) where direction.count == features.shape.count:
      return try graph.innerProduct(features, graph.constant(Tensor(features.shape, direction)))
    case .direction(let direction, _):
      guard direction.count == channels else {
        throw ExcitationError.direction(direction.count, count: channels)
      }
      var weights = Tensor(features.shape)
      for channel in 0..<channels {
        for row in 0..<height {
          for column in 0..<width { weights[0, channel, row, column] = direction[channel] }
        }
      }
      return try graph.innerProduct(features, graph.constant(weights))
    case .channel(let channel, _): return try sum(channel, 0..<height, 0..<width)
    case .neuron(let row, let column, let channel, _):
      guard (0..<height).contains(row), (0..<width).contains(column) else {
        throw ExcitationError.neuron(column: column, row: row, width: width, height: height)
      }
      return try sum(channel, row..<row + 1, column..<column + 1)
    case .window(let side, let channel, _):
      guard side > 0 else { throw ExcitationError.window(side) }
      return try sum(channel, Self.middle(side, of: height), Self.middle(side, of: width))
    }
  }

  /// Adds the distance to `target`, a scalar: of each of a channel's neurons where they are meant, or else of the
  /// excitation.
  package func distance(
    to target: Float, in graph: inout Graph, of features: Graph.Node
  ) throws -> Graph.Node {
    let (height, width) = (features.shape[2], features.shape[3])
    let region: Region
    let chosen: Int
    switch self {
    case .channel(let channel, _):
      (chosen, region) = (channel, Region(height: height, width: width))
    case .window(let side, let channel, _):
      let (rows, columns) = (Self.middle(side, of: height), Self.middle(side, of: width))
      (chosen, region) = (channel, Region(rows: rows, columns: columns))
    default:
      return try graph.meanAbsoluteError(
        build(in: &graph, of: features), graph.constant(Tensor(target)))
    }
    let channel = try graph.select(channels: chosen..<chosen + 1, of: features)
    let neurons = try graph.crop(
      channel, top: region.rows.lowerBound, left: region.columns.lowerBound,
      height: region.rows.count, width: region.columns.count)
    let mean = try graph.meanAbsoluteError(
      neurons, graph.constant(Tensor(neurons.shape, repeating: target)))
    return try graph.scale(mean, by: Float(neurons.shape.count))
  }

  /// What a layer has of a picture, the more the better: a caricature (Olah et al., Feature Visualization,
  /// Distill 2017).
  ///
  /// The picture is `[1, 3, H, W]`, 0 ... 1, of the size that is sought. The direction has the length 1.
  /// - Throws: as ``Classifier/build(in:from:upTo:)``.
  public static func caricature(
    of picture: Tensor, at layer: String, of classifier: Classifier, threads: ThreadPool
  ) throws -> Excitation {
    let features = try classifier.features(of: picture, at: [layer], threads: threads)[layer]
    let length = Float((features?.squaredNorm ?? 0).squareRoot())
    return .direction(
      (features?.elements ?? []).map { $0 / max(length, .leastNormalMagnitude) }, layer: layer)
  }

  private static func middle(_ side: Int, of extent: Int) -> Range<Int> {
    let length = min(side, extent)
    let start = (extent - length) / 2
    return start..<start + length
  }
}

/// Why an excitation cannot be measured.
public enum ExcitationError: Error, Equatable, Sendable, CustomStringConvertible {
  case none
  case channel(Int, count: Int)
  case neuron(column: Int, row: Int, width: Int, height: Int)
  case window(Int)
  case direction(Int, count: Int)

  public var description: String {
    switch self {
    case .none: "nothing is to be excited; name a class, a channel, a neuron or a direction"
    case .channel(let channel, let count):
      "there is no channel \(channel); the layer has channels 0 to \(count - 1)"
    case .neuron(let column, let row, let width, let height):
      "there is no neuron \(column),\(row); "
        + "the layer has columns 0 to \(width - 1) and rows 0 to \(height - 1)"
    case .direction(let numbers, let count):
      "a direction of \(numbers) numbers in a layer of \(count) channels; give one for each, or for each number of the layer"
    case .window(let side): "a window of side \(side) holds no neuron; give at least 1"
    }
  }
}
