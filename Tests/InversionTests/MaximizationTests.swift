import DIP
import Engine
import Inversion
import Foundation
import PretrainedNets
import TestSupport
import Testing

@Suite("Activation maximisation")
struct MaximizationTests {
  private static func classifier() throws -> Classifier {
    try Classifier(.vgg16, weightsAt: Fixtures.path("weights/vgg16_block1.h5"))
  }

  private static let layer = "conv1_2"

  @Test(
    "the excitation rises, and is what the network says of the picture",
    arguments: ["dip", "tv"],
    [
      Excitation.channel(7, layer: layer),
      .neuron(row: 2, column: 30, channel: 7, layer: layer),
      .window(side: 3, channel: 7, layer: layer),
    ])
  func rises(prior: String, excitation: Excitation) throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Self.classifier()
    var search =
      prior == "dip"
      ? Maximization.dip(excitation, of: classifier, size: 40)
      : Maximization.tv(excitation, of: classifier, size: 40)
    search.plan.iterations = 6
    search.plan.inputNoise = 0
    var scores: [Float] = []
    let solution = try search.solver(random: RandomSource(seed: 2), threads: threads).run {
      scores.append($0.observed[0].value)
    }
    #expect(try #require(scores.last) > scores[0])
    #expect(solution.observed[0].name == ExcitationEnergy.name)

    let features = try #require(
      classifier.features(of: solution.picture, at: [Self.layer], threads: threads)[Self.layer])
    var expected = 0.0
    for y in 0..<40 {
      for x in 0..<40 {
        if Self.isExcited(by: excitation, row: y, column: x) {
          expected += Double(features[0, 7, y, x])
        }
      }
    }
    #expect(abs(Double(try #require(scores.last)) - expected) < 1e-4 * abs(expected) + 1e-2)
  }

  /// Whether a neuron of a map of 40×40 is among those that these tests excite.
  private static func isExcited(by excitation: Excitation, row: Int, column: Int) -> Bool {
    switch excitation {
    case .neuron: row == 2 && column == 30
    case .window: (18...20).contains(row) && (18...20).contains(column)
    default: true
    }
  }

  @Test("what is turned and scaled by chance is seen otherwise each time, and else the same")
  func turning() throws {
    let threads = try ThreadPool(threads: 2)
    func scores(scaling: Float, rotation: Float) throws -> Set<Float> {
      var search = Maximization.tv(
        .neuron(row: 10, column: 30, channel: 7, layer: Self.layer), of: try Self.classifier(),
        size: 40)
      search.plan = SolvePlan(iterations: 5, learningRate: 0)
      (search.energy.viewing.scaling, search.energy.viewing.rotation) = (scaling, rotation)
      var seen: Set<Float> = []
      let solution = try search.solver(random: RandomSource(seed: 2), threads: threads).run {
        seen.insert($0.observed[0].value)
      }
      #expect(solution.picture.shape == [1, 3, 40, 40])
      return seen
    }
    #expect(try scores(scaling: 0, rotation: 0).count == 1)
    #expect(try scores(scaling: 0.1, rotation: 0).count > 3)
    #expect(try scores(scaling: 0, rotation: 10).count > 3)
  }

  @Test("every excitation rises with every prior", arguments: PriorKind.allCases)
  func everyPrior(prior: PriorKind) throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Classifier.shipped(.textures)
    var direction = [Float](repeating: 0, count: 128)
    (direction[3], direction[9]) = (1, -0.5)
    let all: [[ExcitationEnergy.Term]] = [
      [.init(.score(ofClass: 4))], [.init(.logProbability(ofClass: 12))],
      [.init(.score(ofClass: 2)), .init(.score(ofClass: 5), weight: -0.5)],
      [.init(.direction(direction, layer: "conv4"))], [.init(.channel(3, layer: "conv1"))],
      [.init(.energy(layer: "conv4"))],
      [
        .init(
          try .caricature(
            of: Tensor.hashed("drawn", [1, 3, 64, 64], in: 0..<1), at: "conv4", of: classifier,
            threads: threads))
      ],
    ]
    for terms in all {
      var search = Maximization.search(prior, terms[0].excitation, of: classifier)
      search.energy.terms = terms
      (search.plan.iterations, search.plan.inputNoise) = (12, 0)
      var values: [Float] = []
      let solution = try search.solver(random: RandomSource(seed: 3), threads: threads).run {
        values.append($0.observed[0].value)
      }
      #expect(try #require(values.max()) > values[0], "\(terms)")
      // What is told is what the network says of the picture.
      let layer = terms[0].excitation.layer(of: .textures)
      let features = try #require(
        classifier.features(of: solution.picture, at: [layer], threads: threads)[layer])
      let told = try #require(values.last)
      let expected = Self.value(of: terms, features: features)
      #expect(abs(Double(told) - expected) < 1e-3 * abs(expected) + 1e-3, "\(terms)")
    }
  }

  /// The sum of excitations, of features of one layer.
  private static func value(of terms: [ExcitationEnergy.Term], features: Tensor) -> Double {
    let (channels, plane) = (features.shape[1], features.shape[2] * features.shape[3])
    let sums = (0..<channels).map { channel in
      (0..<plane).reduce(0.0) { $0 + Double(features.elements[channel * plane + $1]) }
    }
    let scores = sums.map { $0 / Double(plane) }
    return terms.reduce(0) { total, term in
      let value: Double =
        switch term.excitation {
        case .score(let index): scores[index]
        case .logProbability(let index): scores[index] - logarithm(ofSumOfPowers: scores)
        case .energy:
          features.elements.reduce(0) { $0 + Double($1) * Double($1) } / 2
        case .direction(let direction, _) where direction.count == features.shape.count:
          zip(direction, features.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        case .direction(let direction, _):
          zip(direction, sums).reduce(0) { $0 + Double($1.0) * $1.1 }
        case .channel(let channel, _): sums[channel]
        default: .nan
        }
      return total + Double(term.weight) * value
    }
  }

  private static func logarithm(ofSumOfPowers scores: [Double]) -> Double {
    let largest = scores.max() ?? 0
    return largest + log(scores.reduce(0) { $0 + exp($1 - largest) })
  }

  @Test("a target is a distance, a neuron's each where there are several, and is approached")
  func target() throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Self.classifier()
    for excitation in [
      Excitation.window(side: 3, channel: 7, layer: Self.layer),
      .channel(7, layer: Self.layer), .neuron(row: 2, column: 30, channel: 7, layer: Self.layer),
    ] {
      var search = Maximization.tv(excitation, of: classifier, size: 40)
      (search.energy.target, search.regularizers, search.plan.iterations) = (200, [], 8)
      var losses: [Float] = []
      var first: Tensor?
      _ = try search.solver(random: RandomSource(seed: 2), threads: threads).run {
        losses.append($0.loss)
        first = first ?? $0.picture
      }
      let start = try #require(first)
      let features = try #require(
        classifier.features(of: start, at: [Self.layer], threads: threads)[Self.layer])
      var expected = 0.0
      for row in 0..<40 {
        for column in 0..<40 {
          if Self.isExcited(by: excitation, row: row, column: column) {
            expected += 5 * abs(200 - Double(features[0, 7, row, column]))
          }
        }
      }
      #expect(abs(Double(losses[0]) - expected) < 1e-4 * expected)
      #expect(try #require(losses.last) < losses[0])
    }
  }

  @Test(
    "what is round is grey at its corners and itself in its middle",
    arguments: [PriorKind.tv, .dip], [1, 5])
  func round(prior: PriorKind, jitter: Int) throws {
    let threads = try ThreadPool(threads: 2)
    var search = Maximization.search(
      prior, .channel(7, layer: Self.layer), of: try Self.classifier(), size: 40)
    search.plan = SolvePlan(iterations: 1, learningRate: 0)
    search.energy.viewing.jitter = jitter
    let plain = try search.solver(random: RandomSource(seed: 2), threads: threads).run()
    search.energy.viewing.isRound = true
    let round = try search.solver(random: RandomSource(seed: 2), threads: threads).run()
    for (row, column) in [(0, 0), (0, 39), (39, 0), (39, 39), (0, 19), (19, 39)] {
      for channel in 0..<3 { #expect(abs(round.picture[0, channel, row, column] - 0.5) < 1e-2) }
    }
    for (row, column) in [(20, 20), (12, 20), (20, 27), (15, 15)] {
      #expect(abs(round.picture[0, 0, row, column] - plain.picture[0, 0, row, column]) < 1e-6)
    }
    #expect(abs(round.picture[0, 0, 4, 20] - plain.picture[0, 0, 4, 20]) > 1e-3)
  }

  @Test("what is not there is told")
  func errors() throws {
    let threads = try ThreadPool(threads: 1)
    func search(_ excitation: Excitation) throws {
      let classifier = try Self.classifier()
      _ = try Maximization.tv(excitation, of: classifier, size: 40)
        .solver(random: RandomSource(seed: 0), threads: threads)
    }
    #expect(throws: ExcitationError.channel(64, count: 64)) {
      try search(.channel(64, layer: Self.layer))
    }
    #expect(throws: ExcitationError.neuron(column: 1, row: 40, width: 40, height: 40)) {
      try search(.neuron(row: 40, column: 1, channel: 0, layer: Self.layer))
    }
    #expect(throws: ExcitationError.window(0)) {
      try search(.window(side: 0, channel: 0, layer: Self.layer))
    }
    #expect(throws: ExcitationError.direction(2, count: 64)) {
      try search(.direction([1, 2], layer: Self.layer))
    }
    #expect(throws: WeightFileError.self) { try search(.score(ofClass: 3)) }
  }

  @Test(
    "a class that SqueezeNet is made to see is seen",
    .enabled(if: SharedData.isPresent, "needs the weights of ../shared"))
  func zebra() throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Classifier(
      .squeezeNet1_1, weightsAt: SharedData.path("weights/squeezenet1_1.caffemodel.h5"))
    let zebra = try ClassLabels.imageNet.index(of: "zebra")
    var search = Maximization.tv(.score(ofClass: zebra), of: classifier)
    search.plan.iterations = 40
    let found = try search.solver(random: RandomSource(seed: 0), threads: threads).run().picture
    let best = try #require(classifier.classify(found, threads: threads).first)
    #expect(best.index == zebra)
    #expect(best.probability > 0.9)
  }
}
