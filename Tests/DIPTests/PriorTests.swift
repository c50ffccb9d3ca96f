import DIP
import Engine
import Foundation
import TestSupport
import Testing

/// Every prior in every restoration, and the ones without a network against PyTorch (see
/// Tools/reference/network_goldens.py).
@Suite("Priors")
struct PriorTests {
  private static let recipes: [PriorRecipe] = [
    .decoder(DeepDecoder(depth: 3, channels: 12)), .unet(UNet(depth: 3, channels: 6)),
    .resnet(ResidualNetwork(depth: 2, channels: 8)), .pixels, .totalVariation(), .fourier,
    .fixedMagnitude(), .fixedMagnitude(.picture(picture(1, 20, 31))),
  ]

  private static func picture(_ channels: Int, _ height: Int, _ width: Int) -> Tensor {
    Tensor.hashed("prior.picture", [1, channels, height, width], in: 0..<1)
  }

  private static func restorations(_ channels: Int) throws -> [Restoration] {
    let given = picture(channels, 37, 30)
    var mask = Tensor([1, 1, 37, 30], repeating: 1)
    for y in 10..<20 { for x in 5..<25 { mask[0, 0, y, x] = 0 } }
    return [
      .denoising(given), .inpainting(given, mask: mask, holes: .text),
      try .superResolution(of: given, factor: 2),
    ]
  }

  @Test("each lowers the loss of each task, in grey and in colours", arguments: recipes, [1, 3])
  func descends(_ recipe: PriorRecipe, channels: Int) throws {
    for restoration in try Self.restorations(channels) {
      var restoration = restoration
      restoration.use(recipe)
      restoration.plan.iterations = 30
      #expect(restoration.prior.name == recipe.prior.name)
      var losses: [Float] = []
      let solution = try restoration.solver(
        random: RandomSource(seed: 1), threads: ThreadPool(threads: 2)
      ).run { losses.append($0.loss) }
      #expect(solution.loss < 0.98 * losses[0], "\(recipe.prior.name)")
      var factor = 1
      for case .downsampling(let whole, _) in restoration.degradation.steps { factor = Int(whole) }
      #expect(solution.picture.shape == [1, channels, 37 * factor, 30 * factor])
    }
  }

  @Test("a sample is the first iterate of a search with the same randomness", arguments: recipes)
  func samples(_ recipe: PriorRecipe) throws {
    // The last takes its magnitudes from a picture of one channel and of this size.
    let (random, threads) = (RandomSource(seed: 3), try ThreadPool(threads: 2))
    let sample = try recipe.prior.sample(
      channels: 1, height: 20, width: 31, random: random, threads: threads)
    var restoration = Restoration.denoising(Self.picture(1, 20, 31))
    restoration.use(recipe)
    var first: Tensor?
    _ = try restoration.solver(random: random, threads: threads).run { iterate in
      first = iterate.picture
      iterate.stop()
    }
    #expect(sample.elements == first?.elements)
  }

  @Test(
    "deep decoders have their authors' numbers of parameters",
    arguments: [(64, 25536), (128, 100224)])
  func decoderParameters(channels: Int, count: Int) throws {
    let prior = DecoderPrior(DeepDecoder(channels: channels))
    var graph = Graph()
    var random = RandomSource(seed: 0)
    let generator = try prior.build(
      in: &graph, channels: 3, height: 64, width: 96, random: &random)
    #expect(generator.image.shape == [1, 3, 64, 96])
    #expect(generator.input?.value.shape == [1, channels, 2, 3])
    let parameters = graph.parameterNames.compactMap { graph.parameter(named: $0)?.shape.count }
    #expect(parameters.reduce(0, +) == count)
  }

  @Test(
    "pictures of coefficients and of phases, and their gradients",
    arguments: [
      ("fourier", 3, 12, 16), ("fourier odd", 3, 15, 11), ("fourier grey", 1, 10, 13),
      ("maco", 3, 12, 16), ("maco odd", 3, 15, 11),
    ])
  func spectra(name: String, channels: Int, height: Int, width: Int) throws {
    let isPhase = name.hasPrefix("maco")
    let prior: any Prior = isPhase ? FixedMagnitudePrior() : FourierPrior()
    var graph = Graph()
    var random = RandomSource(seed: 0)
    let image = try prior.build(
      in: &graph, channels: channels, height: height, width: width, random: &random
    ).image
    let target = Tensor.hashed("\(name).target", image.shape, in: 0..<1)
    let program = try Program(
      minimizing: graph.meanSquaredError(image, graph.constant(target)), over: parameterPrefix,
      in: graph, observing: [image], threads: ThreadPool(threads: 2))
    let code = try #require(program.parameterNames.first)
    let shape = try program.parameter(code).shape
    try program.setParameter(
      code, to: .hashed("\(name).code", shape, in: isPhase ? -3..<3 : -0.5..<0.5))
    program.forwardAndBackward()
    let file = try GoldenFile("spectra")
    #expect(try file.tensor("\(name).picture").error(of: program.value(of: image)) < 1e-5)
    #expect(try file.tensor("\(name).d code").error(of: program.gradient(code)) < 2e-5)
  }

  /// Cosines with positive weights have a spectrum of real positive numbers: with phases of zero the prior
  /// gives the picture back.
  @Test("the magnitudes of a picture make that picture under its phases", arguments: [1, 3])
  func magnitudes(channels: Int) throws {
    let (height, width) = (14, 9)
    // lucid's mixture of colours.
    let longest = (3 * 0.27 * 0.27 + 0.26 * 0.26 - 0.27 * 0.27).squareRoot()
    let mixture = [[0.26, 0.09, 0.02], [0.27, 0, -0.05], [0.27, -0.09, 0.03]]
    var given = Tensor([1, channels, height, width])
    for y in 0..<height {
      for x in 0..<width {
        let waves = (0..<channels).map { c in
          0.2 + 0.5 * cos(2 * .pi * Double((c + 1) * y) / Double(height))
            + 0.3 * cos(2 * .pi * (Double(2 * x) / Double(width) + Double(c * y) / Double(height)))
        }
        for c in 0..<channels {
          let mixed =
            channels == 1
            ? waves[0] : (0..<3).reduce(0) { $0 + mixture[c][$1] / longest * waves[$1] }
          given[0, c, y, x] = Float(1 / (1 + exp(-mixed)))
        }
      }
    }
    var graph = Graph()
    var random = RandomSource(seed: 0)
    let image = try FixedMagnitudePrior(.picture(given)).build(
      in: &graph, channels: channels, height: height, width: width, random: &random
    ).image
    let program = try Program(
      minimizing: graph.meanSquaredError(image, graph.constant(given)), over: parameterPrefix,
      in: graph, observing: [image], threads: ThreadPool(threads: 1))
    let code = try #require(program.parameterNames.first)
    try program.setParameter(code, to: Tensor(program.parameter(code).shape))
    program.forward()
    #expect(program.value(of: image).largestError(against: given) < 1e-5)
  }

  @Test("penalties by the number bear one weight at all sizes")
  func meanPenalties() throws {
    func penalty(_ side: Int) throws -> Float {
      var stripes = Tensor([1, 1, side, side])
      for y in 0..<side { for x in 0..<side { stripes[0, 0, y, x] = Float(x % 2) } }
      let solver = try Solver(
        prior: PixelPrior(start: .picture(stripes)), channels: 1, height: side, width: side,
        energy: Nothing(), regularizers: [.mean(.totalVariation(beta: 1, weight: 0.5))],
        plan: SolvePlan(iterations: 1, learningRate: 0), random: RandomSource(seed: 0),
        threads: ThreadPool(threads: 1))
      return try solver.run().loss
    }
    #expect(abs(try penalty(8) - 0.5 * 7 / 8) < 1e-6)
    #expect(abs(try penalty(64) - 0.5 * 63 / 64) < 1e-6)
  }

  /// An energy that every picture has none of.
  private struct Nothing: Energy {
    func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms {
      EnergyTerms(loss: try graph.meanSquaredError(image, image), picture: image)
    }
  }

  @Test("hourglasses of any depth", arguments: 1...7)
  func depth(_ depth: Int) throws {
    var network = SkipNetwork.standard(skip: 2)
    network.setDepth(depth)
    #expect(network.scales.count == depth)
    #expect(network.scales.allSatisfy { $0.skipChannels == 2 })
    #expect(network.reduction == 1 << depth)
  }
}

extension PriorRecipe: CustomTestStringConvertible {
  public var testDescription: String { prior.name }
}
