import DIP
import Engine
import Testing

/// The rules on iterates that are known: a picture that is drawn to a target and then shaken.
@Suite("Stop rules")
struct StopRuleTests {
  /// Pixels that follow a list of pictures, whatever the gradients.
  private struct Playing: Optimizer {
    var learningRate: Float = 1
    var pictures: [[Float]]
    var steps = 0

    var state: OptimizerState { OptimizerState(steps: steps) }

    mutating func restore(_ state: OptimizerState, parameterCount: Int) -> Bool { false }

    mutating func step(
      parameters: inout MutableSpan<Float>, gradients: Span<Float>, threads: ThreadPool
    ) {
      let picture = pictures[min(steps, pictures.count - 1)]
      for index in picture.indices { parameters[index] = picture[index] }
      steps += 1
    }
  }

  private struct Zero: Energy {
    func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms {
      var terms = EnergyTerms(
        loss: try graph.meanSquaredError(image, graph.constant(Tensor(image.shape))),
        picture: image)
      terms.heldOut = terms.loss
      return terms
    }
  }

  /// Sixteen pixels that approach 0.5 for 150 iterations and then shake ever more.
  private static let pictures: [[Float]] = {
    var random = RandomSource(seed: 1)
    return (0..<400).map { iteration in
      let away = Float(max(0, 150 - iteration)) / 500
      let noise = 0.001 + Float(max(0, iteration - 150)) / 2000
      return random.uniform([16], in: -noise..<noise).elements.map { 0.5 + away + $0 }
    }
  }()

  private static func run(
    _ rule: StopRule, _ observe: (Iterate) -> Void = { _ in }
  ) throws -> Solution {
    var plan = SolvePlan(
      phases: [.init(iterations: 401, optimizer: Playing(pictures: pictures))])
    plan.stopping = rule
    let solver = try Solver(
      prior: PixelPrior(start: .picture(Tensor([1, 1, 4, 4], pictures[0]))), channels: 1, height: 4,
      width: 4, energy: Zero(), plan: plan, random: RandomSource(seed: 1),
      threads: try ThreadPool(threads: 1))
    return try solver.run { observe($0) }
  }

  @Test("the moving variance is that of its definition")
  func movingVariance() throws {
    var scores: [Double] = []
    _ = try Self.run(.movingVariance) { if let score = $0.score { scores.append(score) } }
    // The first picture is seen twice: as the start, and after the first step.
    let pictures = [Self.pictures[0]] + Self.pictures
    var (average, variance) = (pictures[0].map { Double($0) }, 0.0)
    for (iteration, (score, picture)) in zip(scores, pictures).enumerated() {
      let change = zip(picture, average).map { Double($0) - $1 }
      average = zip(average, change).map { $0 + 0.1 * $1 }
      let distance = change.reduce(0) { $0 + $1 * $1 } / 16
      let share = iteration < 100 ? 0.1 : 0.01
      variance += share * (0.9 * distance - variance)
      // Sums of sixteen in single precision.
      #expect(abs(score - variance) <= 1e-5 * variance + 1e-12)
    }
    #expect(scores.count == 401)
  }

  @Test("the windowed variance is that of its definition")
  func windowedVariance() throws {
    var scores: [Int: Double] = [:]
    _ = try Self.run(StopRule(.windowedVariance(window: 20))) { scores[$0.iteration] = $0.score }
    #expect(scores[18] == nil)
    let pictures = [Self.pictures[0]] + Self.pictures
    for last in 19...400 {
      let window = pictures[last - 19...last]
      var variance = 0.0
      for index in 0..<16 {
        let values = window.map { Double($0[index]) }
        let mean = values.reduce(0, +) / 20
        variance += values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20 / 16
      }
      // Differences of squares, of numbers near a half.
      #expect(abs((scores[last] ?? 0) - variance) <= 1e-6 * variance + 1e-9, "\(last)")
    }
  }

  @Test(
    "the calm before the shaking is found, and the solve ends after its patience",
    arguments: [
      StopRule(.movingVariance(weight: 0.1), patience: 100),
      StopRule(.windowedVariance(window: 20), patience: 100),
    ])
  func stops(rule: StopRule) throws {
    var averages: [Tensor] = []
    let solution = try Self.run(rule) { averages.append($0.average) }
    let best = try #require(solution.best)
    // The variance looks back, the moving one over some hundred iterations.
    #expect((140...210).contains(best.iteration), "\(best.iteration)")
    #expect(solution.end == .rule && solution.iterations == best.iteration + 101)
    #expect(best.picture.elements == Self.pictures[best.iteration - 1])
    #expect(best.average == averages[best.iteration])
  }

  @Test("held-out errors are followed, and what is no number is never the best")
  func heldOut() throws {
    var scores: [Double] = []
    let solution = try Self.run(.heldOutError) { if let score = $0.score { scores.append(score) } }
    #expect(scores.count == 401)
    let best = try #require(solution.best)
    #expect(scores[best.iteration] == scores.dropFirst(100).min())
    #expect(solution.end == .iterations)
  }

  @Test("a time limit ends a solve after the iteration that reaches it")
  func timeLimit() throws {
    var plan = SolvePlan(iterations: 1000, learningRate: 0.01)
    plan.timeLimit = 0
    let solution = try Solver(
      prior: PixelPrior(start: .uniform(0..<1)), channels: 1, height: 4, width: 4, energy: Zero(),
      plan: plan, random: RandomSource(seed: 1), threads: try ThreadPool(threads: 1)
    ).run()
    #expect(solution.end == .time && solution.iterations == 1)
  }
}
