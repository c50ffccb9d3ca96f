import DIP
import Engine
import TestSupport
import Testing

/// The solve loop on a problem whose every step is known: pixels drawn to a target.
@Suite("The solve loop")
struct SolverTests {
  private struct Distance: Energy {
    var target: Tensor

    func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms {
      EnergyTerms(
        loss: try graph.meanSquaredError(image, graph.constant(target)), picture: image)
    }
  }

  /// Leaps far off at one step, and counts its steps.
  private struct Leaping: Optimizer {
    var learningRate: Float = 0.01
    var leapAt: Int
    var steps = 0

    var state: OptimizerState { OptimizerState(steps: steps) }

    mutating func restore(_ state: OptimizerState, parameterCount: Int) -> Bool {
      steps = state.steps
      return true
    }

    mutating func step(
      parameters: inout MutableSpan<Float>, gradients: Span<Float>, threads: ThreadPool
    ) {
      for index in parameters.indices {
        parameters[index] += steps == leapAt ? 100 : -learningRate * gradients[index]
      }
      steps += 1
    }
  }

  private static let target = Tensor([1, 1, 4, 4], repeating: 0.5)

  private static func solver(_ plan: SolvePlan, regularizers: [Regularizer] = []) throws -> Solver {
    try Solver(
      prior: PixelPrior(start: .uniform(0..<1)), channels: 1, height: 4, width: 4,
      energy: Distance(target: target), regularizers: regularizers, plan: plan,
      random: RandomSource(seed: 4), threads: try ThreadPool(threads: 1))
  }

  @Test("a plan that settles does its last iterations without displacements, and no more of them")
  func settling() {
    let plan = SolvePlan(iterations: 50, learningRate: 0.1)
    let settled = plan.settling(in: 5)
    #expect(settled.iterations == 50)
    #expect(settled.phases.map(\.iterations) == [45, 5])
    #expect(settled.phases.map(\.isJittered) == [true, false])
    for none in [0, -1, 50, 60] { #expect(plan.settling(in: none).phases.count == 1) }
  }

  @Test("a collapse brings weights and optimiser back together")
  func backtracking() throws {
    func losses(_ backtracking: SolvePlan.Backtracking?) throws -> [Float] {
      var losses: [Float] = []
      let plan = SolvePlan(
        phases: [.init(iterations: 20, optimizer: Leaping(leapAt: 12))],
        backtracking: backtracking)
      _ = try Self.solver(plan).run { losses.append($0.loss) }
      return losses
    }
    let free = try losses(nil)
    #expect(free[13] > 1000 && free[15] > 1000)
    let back = try losses(.init(interval: 5, tolerance: 5))
    #expect(back.prefix(16) == free.prefix(16))
    // Seen at iteration 15; the state of iteration 10 returns with the optimiser's count, so that
    // what follows repeats what followed then, the leap after step 12 with it.
    #expect(Array(back[16..<19]) == Array(free[10..<13]))
    #expect(back[19] == free[13])
  }

  @Test("the average weighs the iterates as if there had been none before")
  func averaging() throws {
    var pictures: [Tensor] = []
    var averages: [Tensor] = []
    var plan = SolvePlan(iterations: 6, learningRate: 0.1)
    plan.averaging = 0.8
    let solution = try Self.solver(plan).run {
      pictures.append($0.picture)
      averages.append($0.average)
    }
    #expect(averages[0] == pictures[0])
    let weights = (0..<6).map { 0.2 * pow(0.8, 5 - $0) / (1 - pow(0.8, 6)) }
    let expected = (0..<16).map { index in
      zip(weights, pictures).reduce(0.0) { $0 + $1.0 * Double($1.1.elements[index]) }
    }
    for (a, b) in zip(solution.average.elements, expected) { #expect(abs(Double(a) - b) < 1e-6) }
    #expect(solution.average == averages[5])
  }

  private func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  @Test("the iterate of the least loss is kept where the plan says so")
  func best() throws {
    var plan = SolvePlan(phases: [.init(iterations: 9, optimizer: Leaping(leapAt: 5))])
    #expect(try Self.solver(plan).run().best == nil)
    plan.keepsBest = true
    var pictures: [Tensor] = []
    let best = try #require(try Self.solver(plan).run { pictures.append($0.picture) }.best)
    #expect(best.iteration == 5)
    #expect(best.picture == pictures[5])
  }

  @Test("a loss that is no number is never the best")
  func diverged() throws {
    var plan = SolvePlan(iterations: 3, learningRate: 0.1)
    plan.keepsBest = true
    let solver = try Solver(
      prior: PixelPrior(start: .uniform(0..<1)), channels: 1, height: 4, width: 4,
      energy: Distance(target: Tensor([1, 1, 4, 4], repeating: .nan)), plan: plan,
      random: RandomSource(seed: 4), threads: try ThreadPool(threads: 1))
    #expect(try solver.run().best == nil)
  }

  @Test("phases share another number of iterations")
  func stretching() {
    var plan = SolvePlan(phases: [
      .init(iterations: 300, optimizer: nil), .init(iterations: 50, optimizer: nil),
    ])
    plan.iterations = 70
    #expect(plan.phases.map(\.iterations) == [60, 10])
    plan.iterations = 1
    #expect(plan.phases.map(\.iterations) == [0, 1])
  }

  @Test("penalties are added with their weights")
  func regularizers() throws {
    func loss(_ regularizers: [Regularizer]) throws -> Float {
      try Self.solver(SolvePlan(iterations: 1, learningRate: 0), regularizers: regularizers).run()
        .loss
    }
    let plain = try loss([])
    let tv = try loss([.totalVariation(beta: 2, weight: 1)]) - plain
    let both = try loss([
      .totalVariation(beta: 2, weight: 3), .alphaNorm(alpha: 2, weight: 0),
    ])
    #expect(tv > 0)
    #expect(abs(both - (plain + 3 * tv)) < 1e-5 * both)
  }

  /// Moves nothing.
  private struct Resting: Optimizer {
    var learningRate: Float = 0.01
    var state: OptimizerState { OptimizerState(steps: 0) }
    mutating func restore(_ state: OptimizerState, parameterCount: Int) -> Bool { true }
    mutating func step(
      parameters: inout MutableSpan<Float>, gradients: Span<Float>, threads: ThreadPool
    ) {}
  }

  @Test("Langevin dynamics: the noise of each step, the mean and the deviation of what follows")
  func langevin() throws {
    var plan = SolvePlan(phases: [.init(iterations: 12, optimizer: Resting())])
    plan.langevin = .init(burnIn: 4, noise: 3)
    var pictures: [Tensor] = []
    let solver = try Solver(
      prior: PixelPrior(start: .uniform(0..<1)), channels: 1, height: 64, width: 64,
      energy: Distance(target: Tensor([1, 1, 64, 64])), plan: plan,
      random: RandomSource(seed: 4), threads: try ThreadPool(threads: 2))
    let solution = try solver.run { pictures.append($0.picture) }
    // 11 · 4096 steps: their deviation is known to a third of a percent.
    let steps = zip(pictures, pictures.dropFirst()).flatMap { one, next in
      zip(one.elements, next.elements).map { Double($1 - $0) }
    }
    let deviation = (steps.reduce(0) { $0 + $1 * $1 } / Double(steps.count)).squareRoot()
    #expect(abs(deviation - 0.03) < 0.0006)
    #expect(abs(steps.reduce(0, +) / Double(steps.count)) < 0.0006)

    let posterior = try #require(solution.posterior)
    let counted = pictures.dropFirst(4).map(\.elements)
    for index in [0, 1000, 4095] {
      let values = counted.map { Double($0[index]) }
      let mean = values.reduce(0, +) / 8
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 7
      #expect(abs(Double(posterior.mean.elements[index]) - mean) < 1e-5)
      #expect(abs(Double(posterior.deviation.elements[index]) - square.squareRoot()) < 1e-5)
    }
  }

  @Test("a trial changes nothing")
  func trial() throws {
    let plan = SolvePlan(iterations: 3, learningRate: 0.1)
    let tried = try Self.solver(plan)
    #expect(try tried.trySeconds() > 0)
    #expect(try tried.run().picture == Self.solver(plan).run().picture)
  }
}
