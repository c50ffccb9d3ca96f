import DIP
import Engine
import Inversion
import PretrainedNets
import TestSupport
import Testing

@Suite("Every objective with every prior")
struct ObjectiveTests {
  /// What is sought, as the commands offer it.
  enum Objective: CaseIterable {
    case score, probability, difference, channel, neuron, window, direction, energy
    case classTarget, channelTarget, neuronTarget, diverse, round

    func set(in energy: inout ExcitationEnergy, threads: ThreadPool) throws {
      let layer = "conv4"
      func seek(_ excitation: Excitation, target: Float? = nil) {
        (energy.terms, energy.target) = ([.init(excitation)], target)
      }
      let score = Excitation.score(ofClass: 9)
      switch self {
      case .score: seek(score)
      case .probability: seek(.logProbability(ofClass: 9))
      case .difference:
        energy.terms = [.init(score), .init(.score(ofClass: 4), weight: -0.5)]
      case .channel: seek(.channel(3, layer: layer))
      case .neuron: seek(.neuron(row: 4, column: 3, channel: 3, layer: layer))
      case .window: seek(.window(side: 3, channel: 3, layer: layer))
      case .direction:
        seek(.direction((0..<128).map { $0 % 3 == 0 ? 1 : -0.25 }, layer: layer))
      case .energy: seek(.energy(layer: layer))
      case .classTarget: seek(score, target: 300)
      case .channelTarget: seek(.channel(3, layer: layer), target: 200)
      case .neuronTarget:
        seek(.neuron(row: 4, column: 3, channel: 3, layer: layer), target: 200)
      case .diverse:
        seek(score)
        var diversity = Diversity(layer: layer)
        diversity.excitation = 100
        try diversity.add(
          .hashed("another", [1, 3, 64, 64], in: 0..<1), of: energy.classifier, threads: threads)
        energy.diversity = diversity
      case .round:
        seek(score)
        energy.viewing.isRound = true
      }
    }
  }

  @Test(
    "the loss falls in a few steps, wherever the search begins",
    arguments: PriorKind.allCases, Objective.allCases)
  func falls(prior: PriorKind, objective: Objective) throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Classifier.shipped(.textures)
    var search = Maximization.search(prior, .score(ofClass: 9), of: classifier)
    try objective.set(in: &search.energy, threads: threads)
    search.plan.iterations = 8
    // The first steps of a network at 0.01 may overshoot, for some twenty iterations.
    if prior.isNetwork { search.plan = SolvePlan(iterations: 8, learningRate: 0.001) }
    // Pictures that are written down directly may begin where a network is deaf; they are cheap to begin anew.
    for seed in 0..<(prior.isNetwork ? 1 : 4) as Range<UInt64> {
      var losses: [Float] = []
      _ = try search.solver(random: RandomSource(seed: seed), threads: threads).run {
        losses.append($0.loss)
      }
      #expect(try #require(losses.min()) < losses[0], "seed \(seed): \(losses)")
    }
  }
}
