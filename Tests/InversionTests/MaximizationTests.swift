import DIP
import Engine
import Inversion
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
        let isIn =
          switch excitation {
          case .neuron: y == 2 && x == 30
          case .window: (18...20).contains(y) && (18...20).contains(x)
          default: true
          }
        if isIn { expected += Double(features[0, 7, y, x]) }
      }
    }
    #expect(abs(Double(try #require(scores.last)) - expected) < 1e-4 * abs(expected) + 1e-2)
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
