import DIP
import Engine
import TestSupport
import Testing

/// The whole standard hourglass, its operations fused and not.
@Suite struct FusedNetworkTests {
  /// The network on noise, its output drawn to a picture.
  private func program(
    _ activation: SkipNetwork.Activation, side: Int = 64, channels: Int = 128, fusing: Bool,
    threads: Int
  ) throws -> (program: Program, output: Graph.Node) {
    var random = RandomSource(seed: 2)
    var network = SkipNetwork.standard()
    network.activation = activation
    for scale in network.scales.indices {
      network.scales[scale].downChannels = channels
      network.scales[scale].upChannels = channels
    }
    var graph = Graph()
    let generator = try HourglassPrior(network).build(
      in: &graph, channels: 3, height: side, width: side, random: &random)
    let target = graph.constant(random.uniform([1, 3, side, side], in: 0..<1))
    let program = try Program(
      minimizing: graph.meanSquaredError(generator.image, target), over: parameterPrefix,
      in: graph, observing: [generator.image], fusing: fusing,
      threads: ThreadPool(threads: threads))
    if let input = generator.input { try program.set(input.node, to: input.value) }
    return (program, generator.image)
  }

  /// Rounding grows through some twenty normalisations, the deepest over 4 pixels. Where it moves a
  /// number over zero, the kink of the leaky ReLU makes gradients jump; swish has none.
  @Test(
    "fused and unfused agree",
    arguments: [(SkipNetwork.Activation.leakyReLU, 2e-2), (.swish, 5e-4)])
  func agreement(_ activation: SkipNetwork.Activation, tolerance: Double) throws {
    let (fused, output) = try program(activation, fusing: true, threads: 2)
    let (plain, _) = try program(activation, fusing: false, threads: 2)
    #expect(fused.memoryBytes < plain.memoryBytes)
    #expect(fused.operationNames.count { $0 == "join" } == 5)
    let losses = (fused.forwardAndBackward(), plain.forwardAndBackward())
    #expect(abs(losses.0 / losses.1 - 1) < 1e-5)
    #expect(fused.value(of: output).largestError(against: plain.value(of: output)) < 2e-4)
    // Of the convolutions' weights: the other gradients are zero where a normalisation comes after.
    for name in plain.parameterNames where name.hasSuffix("conv.weight") {
      let error = try fused.gradient(name).rootMeanSquareError(against: plain.gradient(name))
      #expect(error < tolerance, "\(name)")
    }
  }

  /// The larger one convolves what is enlarged on the small picture.
  @Test(
    "fused, it gives the same bytes on one, two and three threads",
    arguments: [(64, 128, 0), (256, 12, 1)])
  func threads(side: Int, channels: Int, bilinear: Int) throws {
    let results = try [1, 2, 3].map { threads in
      let (program, output) = try program(
        .leakyReLU, side: side, channels: channels, fusing: true, threads: threads)
      #expect(program.operationNames.count { $0 == "bilinear convolution" } == bilinear)
      var adam = Adam(learningRate: 0.01)
      for _ in 0..<2 {
        program.forwardAndBackward()
        program.step(&adam)
      }
      return (program.parameters, program.value(of: output))
    }
    for result in results.dropFirst() { #expect(result == results[0]) }
  }
}
