import DIP
import Engine
import Inversion
import PretrainedNets
import TestSupport
import Testing

/// Inversions of the first block of an untrained VGG at small sizes: what is tested is that the search
/// does what it says, not how beautiful its pictures are.
@Suite("Feature inversion")
struct FeatureInversionTests {
  private static let side = 40

  private static func classifier() throws -> Classifier {
    try Classifier(.vgg16, weightsAt: Fixtures.path("weights/vgg16_block1.h5"))
  }

  /// Stripes, so that there is something to find.
  private static let picture: Tensor = {
    var picture = Tensor([1, 3, side, side])
    for c in 0..<3 {
      for y in 0..<side {
        for x in 0..<side { picture[0, c, y, x] = (x + c * y) / 8 % 2 == 0 ? 0.8 : 0.3 }
      }
    }
    return picture
  }()

  private static func inversion(
    _ prior: String, _ layers: [FeatureInversion.Layer], _ threads: ThreadPool
  ) throws -> FeatureInversion {
    prior == "dip"
      ? try .dip(picture, layers: layers, of: classifier(), threads: threads)
      : try .tv(picture, layers: layers, of: classifier(), threads: threads)
  }

  /// ‖Φ − Φ₀‖² / ‖Φ₀‖² from features computed anew.
  private static func error(
    of found: Tensor, at layer: String, _ threads: ThreadPool
  ) throws -> Double {
    let classifier = try classifier()
    let a = try #require(classifier.features(of: found, at: [layer], threads: threads)[layer])
    let b = try #require(classifier.features(of: picture, at: [layer], threads: threads)[layer])
    let difference = zip(a.elements, b.elements).reduce(0.0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
    return difference / b.elements.reduce(0.0) { $0 + Double($1) * Double($1) }
  }

  @Test(
    "the energy falls, and the error told is that of the picture", arguments: ["dip", "tv"])
  func descends(prior: String) throws {
    let threads = try ThreadPool(threads: 2)
    var inversion = try Self.inversion(prior, [.init("pool1")], threads)
    inversion.plan.iterations = prior == "dip" ? 12 : 70
    var first: Float?
    let solution = try inversion.solver(random: RandomSource(seed: 1), threads: threads).run {
      if first == nil { first = $0.loss }
    }
    let best = try #require(solution.best)
    #expect(best.picture.shape == [1, 3, Self.side, Self.side])
    let told = try #require(FeatureEnergy.errors(in: best.observed).first)
    #expect(told.layer == "pool1")
    #expect(best.loss < 0.7 * (try #require(first)))
    // Jitter moves what the network sees, so that only its last phase, without, sees the result.
    if prior == "dip" || best.iteration >= 60 {
      let computed = try Self.error(of: best.picture, at: "pool1", threads)
      #expect(abs(Double(told.error) - computed) < 1e-4 * computed)
    }
  }

  @Test(
    "every other prior lowers the energy",
    arguments: [
      PriorRecipe.decoder(DeepDecoder(depth: 3, channels: 12)), .unet(UNet(depth: 3, channels: 6)),
      .resnet(ResidualNetwork(depth: 2, channels: 8)), .pixels, .fourier, .fixedMagnitude(),
    ])
  func others(_ recipe: PriorRecipe) throws {
    let threads = try ThreadPool(threads: 2)
    var inversion = try Self.inversion("dip", [.init("pool1")], threads)
    inversion.use(recipe)
    inversion.plan.iterations = 15
    var first: Float?
    let solution = try inversion.solver(random: RandomSource(seed: 1), threads: threads).run {
      if first == nil { first = $0.loss }
    }
    #expect(try #require(solution.best).loss < 0.97 * (try #require(first)))
  }

  @Test("several layers add up by their weights")
  func weights() throws {
    let threads = try ThreadPool(threads: 1)
    func firstLoss(_ layers: [FeatureInversion.Layer]) throws -> Float {
      var inversion = try Self.inversion("dip", layers, threads)
      inversion.plan.iterations = 1
      return try inversion.solver(random: RandomSource(seed: 1), threads: threads).run().loss
    }
    let a = try firstLoss([.init("relu1_1")])
    let b = try firstLoss([.init("conv1_2")])
    let both = try firstLoss([.init("relu1_1", weight: 3), .init("conv1_2", weight: 0.5)])
    #expect(abs(both - (3 * a + 0.5 * b)) < 1e-4 * both)
  }

  @Test("a part of a layer is matched, whatever the rest is")
  func parts() throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Self.classifier()
    let part = FeaturePart(channels: 3..<20, region: Region(rows: 4..<12, columns: 6..<16))
    let features = try classifier.features(of: Self.picture, at: ["pool1"], threads: threads)
    let whole = try #require(features["pool1"])
    let counted = try part.applied(to: whole, layer: "pool1")
    for index in whole.elements.indices {
      let (channel, row, column) = (index / 400, index / 20 % 20, index % 20)
      let counts = (3..<20).contains(channel) && (4..<12).contains(row) && (6..<16).contains(column)
      #expect(counted.elements[index] == (counts ? whole.elements[index] : 0))
    }
    // The loss of the first iterate is the mean square over the part, as computed from its features.
    var inversion = try Self.inversion("dip", [.init("pool1", part: part)], threads)
    inversion.plan.iterations = 1
    let solution = try inversion.solver(random: RandomSource(seed: 1), threads: threads).run()
    let best = try #require(solution.best)
    let found = try #require(
      classifier.features(of: best.picture, at: ["pool1"], threads: threads)["pool1"])
    let difference = zip(
      try part.applied(to: found, layer: "pool1").elements, counted.elements
    ).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    let told = try #require(FeatureEnergy.errors(in: best.observed).first).error
    #expect(abs(Double(told) - difference / counted.squaredNorm) < 1e-4)
  }

  @Test("the middle of a layer is a square about it, and all of what is not spatial")
  func middle() {
    #expect(
      FeaturePart.middle(5, of: [1, 8, 12, 13]).region
        == Region(rows: 3..<8, columns: 4..<9))
    #expect(FeaturePart.middle(50, of: [1, 8, 12, 13]).region == Region(height: 12, width: 13))
    #expect(FeaturePart.middle(5, of: [1, 8]) == FeaturePart())
  }

  @Test("pixels stay in nnpreimage's ball about the mean colour, jitter in its margin")
  func tvRecipe() throws {
    let threads = try ThreadPool(threads: 2)
    var inversion = try Self.inversion("tv", [.init("pool1")], threads)
    #expect(inversion.plan.phases.map(\.iterations) == [300, 50])
    #expect(inversion.plan.phases.map(\.isJittered) == [true, false])
    #expect(inversion.energy.viewing.jitter == 1)
    let mean = inversion.energy.classifier.architecture.preprocessing.meanColour
    inversion.plan.iterations = 20
    let picture = try inversion.solver(random: RandomSource(seed: 1), threads: threads).run()
      .picture
    for y in 0..<Self.side {
      for x in 0..<Self.side {
        let square = (0..<3).reduce(0 as Float) { sum, c in
          let value = (picture[0, c, y, x] - mean[c]) * 255
          return sum + value * value
        }
        #expect(square.squareRoot() < 160.01)
      }
    }
  }

  @Test("the same seed gives the same bytes on one and on two threads", arguments: ["dip", "tv"])
  func threads(prior: String) throws {
    func found(_ count: Int, seed: UInt64) throws -> Tensor {
      let threads = try ThreadPool(threads: count)
      var inversion = try Self.inversion(prior, [.init("pool1")], threads)
      inversion.plan.iterations = 3
      return try inversion.solver(random: RandomSource(seed: seed), threads: threads).run().picture
    }
    #expect(try found(1, seed: 5) == found(2, seed: 5))
    #expect(try found(1, seed: 5) != found(1, seed: 6))
  }

  @Test("layers that cannot be inverted are told")
  func errors() throws {
    let threads = try ThreadPool(threads: 1)
    #expect(throws: FeatureInversionError.noLayer) { try Self.inversion("dip", [], threads) }
    #expect(throws: ClassifierError.self) {
      try Self.inversion("dip", [.init("conv1_9")], threads)
    }
    #expect(throws: WeightFileError.self) {
      try Self.inversion("tv", [.init("conv3_1")], threads)
    }
    for (part, problem) in [
      (
        FeaturePart(channels: 60..<65),
        FeaturePartError.channels(60..<65, layer: "pool1", count: 64)
      ),
      (
        FeaturePart(region: Region(rows: 0..<4, columns: 18..<21)),
        .region(layer: "pool1", width: 20, height: 20)
      ),
    ] {
      #expect(throws: problem) {
        try Self.inversion("dip", [.init("pool1", part: part)], threads)
      }
    }
  }
}
