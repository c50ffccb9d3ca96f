import Engine
import TestSupport
import Testing

/// The optimisers against PyTorch in double precision; see Tools/reference/optimizer_goldens.py.
@Suite struct OptimizerGoldenTests {
  private let file: GoldenFile

  init() throws { file = try GoldenFile("optimizers") }

  @Test("Adam") func adam() throws {
    try compare("Adam", Adam(learningRate: 0.01), steps: 5, tolerance: 2e-6)
  }

  @Test("momentum") func momentum() throws {
    try compare("momentum", Momentum(learningRate: 0.1), steps: 10, tolerance: 2e-6)
  }

  // Curvatures are quotients of small differences of gradients, each with its rounding, and the steps
  // feed on one another: PyTorch's own single precision is 8e-5 from its double precision here.
  @Test("L-BFGS") func lbfgs() throws {
    try compare("L-BFGS", LBFGS(), steps: 12, tolerance: 2e-4)
    try compare(
      "L-BFGS of short memory", LBFGS(learningRate: 0.5, history: 3), steps: 12, tolerance: 5e-5)
    // The first step is scaled by a ten-millionth.
    try compare(
      "L-BFGS on a steep slope", LBFGS(learningRate: 0.5), steps: 6, steepness: 1_048_576,
      tolerance: 5e-5)
  }

  @Test("pre-image descent") func preimage() throws {
    let ball = PreimageDescent.Ball(radius: 1.25, channels: 3, plane: 72)
    try compare(
      "pre-image", PreimageDescent(learningRate: 2, momentum: 0.9, ball: ball), steps: 10,
      over: ["picture"], tolerance: 2e-6)
  }

  /// A convolution and a hyperbolic tangent shall give a hashed picture.
  private func compare(
    _ name: String, _ optimizer: some Optimizer, steps: Int,
    over parameters: [String] = ["weights", "bias"], steepness: Float = 1, tolerance: Double
  ) throws {
    var graph = Graph()
    func node(_ part: String, _ shape: Shape, _ bound: Double) throws -> Graph.Node {
      let value = Tensor.hashed("optimizers.\(part)", shape, in: -bound..<bound)
      return parameters.contains(part)
        ? try graph.parameter("optimized.\(part)", initial: value) : graph.constant(value)
    }
    let (picture, weights) = (
      try node("picture", [1, 3, 9, 8], 1), try node("weights", [4, 3, 3, 3], 0.5)
    )
    let (bias, target) = (try node("bias", [4], 0.5), try node("target", [1, 4, 7, 6], 1))
    let mismatch = try graph.meanSquaredError(
      graph.tanh(graph.convolve(picture, weights: weights, bias: bias)), target)
    let loss = try graph.scale(mismatch, by: steepness)
    let program = try Program(
      minimizing: loss, over: "optimized.", in: graph, threads: ThreadPool(threads: 2))

    var optimizer = optimizer
    var losses = [program.forwardAndBackward()]
    for _ in 0..<steps {
      program.step(&optimizer)
      losses.append(program.forwardAndBackward())
    }
    let error = try file.tensor("\(name).losses").error(of: Tensor([losses.count], losses))
    #expect(error < tolerance, "losses")
    for part in parameters {
      let error = try file.tensor("\(name).\(part)").error(
        of: program.parameter("optimized.\(part)"))
      #expect(error < tolerance, "\(part)")
    }
  }
}
