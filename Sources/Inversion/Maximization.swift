import DIP
import Engine
import PretrainedNets

/// The negative sum of excitations by their weights, times 5 as in the Deep Image Prior's experiments; or, with a
/// ``target``, the sum of the distances to it.
public struct ExcitationEnergy: NetworkEnergy {
  /// An excitation among several; a negative weight makes it small.
  public struct Term: Sendable, Hashable {
    public var excitation: Excitation
    public var weight: Float

    public init(_ excitation: Excitation, weight: Float = 1) {
      (self.excitation, self.weight) = (excitation, weight)
    }
  }

  public var classifier: Classifier
  public var terms: [Term]
  public var viewing: Viewing
  /// What each excitation is brought to, a neuron's each where there are several; `nil` for as high as it goes.
  /// The Deep Image Prior's authors give 300 for a class and 200 elsewhere.
  public var target: Float?
  /// What the picture is to be unlike.
  public var diversity: Diversity?

  public init(classifier: Classifier, terms: [Term], viewing: Viewing) {
    (self.classifier, self.terms, self.viewing) = (classifier, terms, viewing)
  }

  /// The name of the observed scalar, the sum.
  public static let name = "excitation"

  public func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms {
    let (seen, picture, chances) = try viewing.build(in: &graph, of: image)
    let layers = terms.map { $0.excitation.layer(of: classifier.architecture) }
    let nodes = try classifier.build(
      in: &graph, from: seen, upTo: layers + (diversity.map { [$0.layer] } ?? []))
    var sum: Graph.Node?
    var distance: Graph.Node?
    func add(_ node: Graph.Node, _ weight: Float, to total: inout Graph.Node?) throws {
      let one = try graph.scale(node, by: weight)
      total = try total.map { try graph.add($0, one) } ?? one
    }
    for (term, layer) in zip(terms, layers) {
      guard let features = nodes[layer] else { continue }
      try add(term.excitation.build(in: &graph, of: features), term.weight, to: &sum)
      guard let target else { continue }
      try add(
        term.excitation.distance(to: target, in: &graph, of: features), term.weight, to: &distance)
    }
    guard let sum else { throw ExcitationError.none }
    var loss = try distance ?? graph.scale(sum, by: -1)
    if let diversity, let features = nodes[diversity.layer],
      let cost = try diversity.build(in: &graph, of: features)
    {
      loss = try graph.add(loss, cost)
    }
    var energy = EnergyTerms(loss: try graph.scale(loss, by: 5), picture: picture)
    chances.set(in: &energy)
    energy.observed = [(Self.name, sum)]
    return energy
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
  /// The excitation is driven up without a bound; the authors do so too, or bring it to
  /// ``ExcitationEnergy/target``.
  /// `size` is the side of the picture in pixels, by default the network's own.
  public static func dip(
    _ excitation: Excitation, of classifier: Classifier, size: Int? = nil
  ) -> Maximization {
    var rate: Float = 0.001
    switch excitation {
    case .score, .logProbability: rate = 0.01
    default: break
    }
    let side = size ?? classifier.architecture.inputSize
    return Maximization(
      energy: ExcitationEnergy(
        classifier: classifier, terms: [.init(excitation)],
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
        classifier: classifier, terms: [.init(excitation)],
        viewing: Viewing(height: side, width: side)),
      prior: PixelPrior(start: .uniform(0.5..<0.6)),
      regularizers: [.totalVariation(beta: 4, weight: 1e-6 * 255 * 255 * 255 * 255)],
      plan: SolvePlan(iterations: 3100, learningRate: 0.01))
  }
}
