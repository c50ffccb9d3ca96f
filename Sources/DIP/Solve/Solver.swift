import Engine
import Foundation

/// Finds the picture that makes an energy small: every task of this toolkit is one solve.
///
///     minimise over θ:   E(x) + R(x)      with x = g(θ)
public final class Solver {
  private let program: Program
  private let generator: Generator
  private let terms: EnergyTerms
  private let plan: SolvePlan
  private let threads: ThreadPool
  private var random: RandomSource
  private var optimizer: any Optimizer = Adam()
  private var averaged: Tensor
  private var kept: (loss: Float, parameters: Tensor, optimizer: any Optimizer)?
  private var best: Solution.Best?

  /// Describes and compiles the problem; nothing is computed yet.
  ///
  /// The sizes are those of the generated picture; for a ``Prior/sizeMultiple`` they are multiples
  /// of it. The same `random` gives the same bytes, whatever the number of threads.
  /// - Throws: ``EngineError``, or what building the energy throws.
  public init(
    prior: any Prior, channels: Int, height: Int, width: Int, energy: any Energy,
    regularizers: [Regularizer] = [], plan: SolvePlan, random: RandomSource, threads: ThreadPool
  ) throws {
    var random = random
    var graph = Graph()
    generator = try prior.build(
      in: &graph, channels: channels, height: height, width: width, random: &random)
    terms = try energy.build(in: &graph, of: generator.image)
    var loss = terms.loss
    for regularizer in regularizers {
      loss = try graph.add(loss, regularizer.build(in: &graph, of: generator.code))
    }
    program = try Program(
      minimizing: loss, over: parameterPrefix, in: graph,
      observing: [terms.picture] + terms.observed.map(\.node), threads: threads)
    averaged = Tensor(terms.picture.shape)
    self.plan = plan
    self.random = random
    self.threads = threads
  }

  /// The bytes of the program's buffers.
  public var memoryBytes: Int { program.memoryBytes }

  /// How the program's convolutions are computed, one entry a shape.
  public var convolutions: [ConvolutionReport] { program.convolutions }

  /// The number of optimised numbers.
  public var parameterCount: Int {
    program.parameterNames.reduce(0) { $0 + ((try? program.parameter($1).shape.count) ?? 0) }
  }

  /// Runs all phases.
  ///
  /// `observe` is called after each iteration's gradients and before its step, so that what it sees
  /// is one state.
  /// - Throws: what `observe` throws, which ends the run.
  public func run(observe: (Iterate) throws -> Void = { _ in }) throws -> Solution {
    let clock = ContinuousClock()
    let start = clock.now
    var iteration = 0
    var loss: Float = 0
    if let input = generator.input { try program.set(input.node, to: input.value) }
    for phase in plan.phases {
      if let optimizer = phase.optimizer { self.optimizer = optimizer }
      for _ in 0..<phase.iterations {
        perturb(isJittered: phase.isJittered)
        loss = program.forwardAndBackward()
        average(iteration)
        if plan.keepsBest { keepIfBest(iteration, loss) }
        try observe(Iterate(iteration: iteration, loss: loss, solver: self))
        if !backtrack(iteration, loss) { program.step(&optimizer) }
        iteration += 1
      }
    }
    return Solution(
      picture: program.value(of: terms.picture), average: averaged, loss: loss,
      iterations: iteration, observed: observed, best: best,
      seconds: (clock.now - start) / .seconds(1))
  }

  var picture: Tensor { program.value(of: terms.picture) }
  var average: Tensor { averaged }
  var observed: [(name: String, value: Float)] {
    terms.observed.map { ($0.name, scalar($0.node)) }
  }

  private func scalar(_ node: Graph.Node) -> Float { program.withSpan(of: node) { $0[0] } }

  private func perturb(isJittered: Bool) {
    if let input = generator.input, plan.inputNoise > 0 {
      program.withUnsafeMutableInput(input.node) { target in
        random.fill(
          target, adding: input.value, standardDeviation: plan.inputNoise, threads)
      }
    }
    for jitter in terms.jitters {
      let middle = (jitter.amount - 1) / 2
      let (dy, dx) =
        isJittered
        ? (random.integer(in: 0...jitter.amount - 1), random.integer(in: 0...jitter.amount - 1))
        : (middle, middle)
      program.withUnsafeMutableInput(jitter.offsets) { offsets in
        offsets[0] = Float(dy)
        offsets[1] = Float(dx)
      }
    }
  }

  /// The exponential average of the iterates so far, weighted as if there had been none before the
  /// first: the original gives the first, which shows nothing yet, the weight of all before it.
  private func average(_ iteration: Int) {
    let past = plan.averaging
    let before = 1 - pow(past, Float(iteration))
    let keep = past * before / (1 - past * (1 - before))
    program.withSpan(of: terms.picture) { picture in
      averaged.withMutableSpan { average in
        for index in picture.indices {
          average[index] = keep * average[index] + (1 - keep) * picture[index]
        }
      }
    }
  }

  private func keepIfBest(_ iteration: Int, _ loss: Float) {
    // Written so that what is no number is never kept.
    guard loss < best?.loss ?? .infinity else { return }
    // In place, for nearly every iteration is the best so far.
    var new =
      best.take()
      ?? Solution.Best(
        iteration: 0, loss: 0, picture: Tensor(terms.picture.shape), observed: observed)
    (new.iteration, new.loss) = (iteration, loss)
    program.copy(valueOf: terms.picture, to: &new.picture)
    for (index, term) in terms.observed.enumerated() {
      new.observed[index].value = scalar(term.node)
    }
    best = new
  }

  /// Returns to the kept state where the loss has collapsed, and otherwise keeps this one.
  ///
  /// Weights and optimiser go back together, and the step of the bad gradient is not taken.
  private func backtrack(_ iteration: Int, _ loss: Float) -> Bool {
    guard let backtracking = plan.backtracking, iteration % backtracking.interval == 0,
      iteration > 0
    else { return false }
    if let kept, !(loss <= kept.loss * backtracking.factor) {
      program.parameters = kept.parameters
      optimizer = kept.optimizer
      return true
    }
    kept = (loss, program.parameters, optimizer)
    return false
  }
}

/// One iteration of a solve, as an observer sees it.
public struct Iterate {
  /// Counted from 0.
  public let iteration: Int
  /// Energy and penalties.
  public let loss: Float
  private let solver: Solver

  init(iteration: Int, loss: Float, solver: Solver) {
    self.iteration = iteration
    self.loss = loss
    self.solver = solver
  }

  /// The picture of this iteration, copied.
  public var picture: Tensor { solver.picture }
  /// The exponential average of the pictures so far, this one included.
  public var average: Tensor { solver.average }
  /// The energy's further scalars.
  public var observed: [(name: String, value: Float)] { solver.observed }
}

/// What a solve ends with.
public struct Solution: Sendable {
  /// The last picture, `[1, C, H, W]`.
  public let picture: Tensor
  /// The exponential average of all pictures.
  public let average: Tensor
  /// The last loss.
  public let loss: Float
  public let iterations: Int
  /// The energy's further scalars at the last picture.
  public let observed: [(name: String, value: Float)]
  /// The iterate of the least loss, where the plan keeps it.
  public let best: Best?
  /// The wall-clock time of the iterations.
  public let seconds: Double

  /// The iterate of the least loss.
  public struct Best: Sendable {
    /// Counted from 0.
    public internal(set) var iteration: Int
    public internal(set) var loss: Float
    /// `[1, C, H, W]`.
    public internal(set) var picture: Tensor
    /// The energy's further scalars at this picture.
    public internal(set) var observed: [(name: String, value: Float)]
  }
}

extension SolvePlan.Backtracking {
  /// The tolerance as a ratio of losses.
  fileprivate var factor: Float { Float(pow(10, tolerance / 10)) }
}
