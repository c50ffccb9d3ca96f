import DIP
import Engine
import PretrainedNets

/// What a picture is to excite.
public enum Excitation: Sendable, Hashable {
  /// A class: its score before rectification and softmax, averaged over the picture.
  case score(ofClass: Int)
  /// A channel of a layer: the sum of its neurons.
  case channel(Int, layer: String)
  /// One neuron.
  case neuron(row: Int, column: Int, channel: Int, layer: String)
  /// The neurons of a channel in a square of this side about the middle: their sum.
  case window(side: Int, channel: Int, layer: String)

  /// The layer it is measured at.
  func layer(of architecture: Architecture) -> String {
    switch self {
    case .score: architecture.scoreLayer
    case .channel(_, let layer), .neuron(_, _, _, let layer), .window(_, _, let layer): layer
    }
  }

  /// Adds the excitation, a scalar, to a graph.
  func build(in graph: inout Graph, of features: Graph.Node) throws -> Graph.Node {
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

  private static func middle(_ side: Int, of extent: Int) -> Range<Int> {
    let length = min(side, extent)
    let start = (extent - length) / 2
    return start..<start + length
  }
}

/// Why an excitation cannot be measured.
public enum ExcitationError: Error, Equatable, Sendable, CustomStringConvertible {
  case channel(Int, count: Int)
  case neuron(column: Int, row: Int, width: Int, height: Int)
  case window(Int)

  public var description: String {
    switch self {
    case .channel(let channel, let count):
      "there is no channel \(channel); the layer has channels 0 to \(count - 1)"
    case .neuron(let column, let row, let width, let height):
      "there is no neuron \(column),\(row); "
        + "the layer has columns 0 to \(width - 1) and rows 0 to \(height - 1)"
    case .window(let side): "a window of side \(side) holds no neuron; give at least 1"
    }
  }
}

/// The negative excitation, times 5 as in the Deep Image Prior's experiments.
public struct ExcitationEnergy: NetworkEnergy {
  public var classifier: Classifier
  public var excitation: Excitation
  public var viewing: Viewing

  public init(classifier: Classifier, excitation: Excitation, viewing: Viewing) {
    (self.classifier, self.excitation, self.viewing) = (classifier, excitation, viewing)
  }

  /// The name of the observed scalar.
  public static let name = "excitation"

  public func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms {
    let (seen, view) = try viewing.build(in: &graph, of: image)
    let layer = excitation.layer(of: classifier.architecture)
    let nodes = try classifier.build(in: &graph, from: seen, upTo: [layer])
    guard let features = nodes[layer] else { throw FeatureInversionError.noLayer }
    let score = try excitation.build(in: &graph, of: features)
    var terms = EnergyTerms(loss: try graph.scale(score, by: -5), picture: view.picture)
    terms.jitters = view.jitters
    terms.observed = [(Self.name, score)]
    return terms
  }
}

/// The search for the picture that excites a class, a channel or a neuron most.
public typealias Maximization = PictureSearch<ExcitationEnergy>

extension PictureSearch where Sought == ExcitationEnergy {
  /// With any prior: ``dip(_:of:size:)``, ``tv(_:of:size:)``, or the former with another prior, its plan and
  /// its penalties.
  public static func search(
    _ kind: PriorKind, _ excitation: Excitation, of classifier: Classifier, size: Int? = nil
  ) -> Maximization {
    if kind == .tv { return tv(excitation, of: classifier, size: size) }
    var maximization = dip(excitation, of: classifier, size: size)
    if kind != .dip { maximization.use(.standard(kind)) }
    return maximization
  }

  /// With the Deep Image Prior, as its authors maximise: their hourglass, input noise 0.03, Adam 0.01
  /// for a class and 0.001 elsewhere, 3100 iterations.
  ///
  /// The excitation is driven up without a bound; the authors stop at a target (300 for a class, 200
  /// for a neuron), below which the gradients are the same.
  /// `size` is the side of the picture in pixels, by default the network's own.
  public static func dip(
    _ excitation: Excitation, of classifier: Classifier, size: Int? = nil
  ) -> Maximization {
    var rate: Float = 0.001
    if case .score = excitation { rate = 0.01 }
    let side = size ?? classifier.architecture.inputSize
    return Maximization(
      energy: ExcitationEnergy(
        classifier: classifier, excitation: excitation,
        viewing: Viewing(height: side, width: side)),
      prior: HourglassPrior(.maximization),
      plan: SolvePlan(iterations: 3100, learningRate: rate, inputNoise: 0.03))
  }

  /// With pixels and total variation, as the Deep Image Prior's authors compare: grey noise of a tenth
  /// of the range, Adam 0.01, 10⁻⁶ times the sum of |∇x|⁴ in 0 ... 255, 3100 iterations.
  ///
  /// `size` is the side of the picture in pixels, by default the network's own.
  public static func tv(
    _ excitation: Excitation, of classifier: Classifier, size: Int? = nil
  ) -> Maximization {
    let side = size ?? classifier.architecture.inputSize
    return Maximization(
      energy: ExcitationEnergy(
        classifier: classifier, excitation: excitation,
        viewing: Viewing(height: side, width: side)),
      prior: PixelPrior(start: .uniform(0.5..<0.6)),
      regularizers: [.totalVariation(beta: 4, weight: 1e-6 * 255 * 255 * 255 * 255)],
      plan: SolvePlan(iterations: 3100, learningRate: 0.01))
  }
}
