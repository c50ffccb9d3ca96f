import Engine
import Foundation

/// Finds the picture that makes an energy small: every task of this toolkit is one solve.
///
///     minimise over θ:   E(x) + R(x)      with x = g(θ)
public final class Solver {
  private let program: Program
  private let generator: Generator
  private let terms: EnergyTerms
  let plan: SolvePlan
  private let threads: ThreadPool
  private var random: RandomSource
  private var optimizer: any Optimizer = Adam()
  private var averaged: Tensor
  private var kept: (loss: Float, parameters: Tensor, optimizer: any Optimizer)?
  private var best: Solution.Best?
  private var watch: IterateWatch?
  private var posterior: Posterior?
  /// How many iterations are done, those before an interruption included.
  public private(set) var iteration = 0
  private var seconds = 0.0
  var isStopped = false

  /// Describes and compiles the problem; nothing is computed yet.
  ///
  /// The sizes are those of the generated picture; for a ``Prior/sizeMultiple`` they are multiples
  /// of it. The same `random` gives the same bytes, whatever the number of threads.
  /// - Throws: ``EngineError``, or what building the energy throws.
  public init(
    prior: any Prior, channels: Int, height: Int, width: Int, energy: any Energy,
    regularizers: [Regularizer] = [], plan: SolvePlan, random: RandomSource, threads: ThreadPool
  ) throws {
    let problem = try Problem(
      prior, channels, height, width, energy, regularizers, random: random)
    (generator, terms) = (problem.generator, problem.terms)
    program = try Program(
      minimizing: problem.loss, over: parameterPrefix, in: problem.graph,
      observing: problem.observed, threads: threads)
    averaged = Tensor(terms.picture.shape)
    watch = plan.stopping.map { IterateWatch($0) }
    posterior = plan.langevin == nil ? nil : Posterior(terms.picture.shape)
    self.plan = plan
    self.random = problem.random
    self.threads = threads
  }

  /// The bytes of the program's buffers.
  public var memoryBytes: Int { program.memoryBytes }

  /// The ``memoryBytes`` that a solver would have, without their being asked for.
  ///
  /// - Throws: as ``init(prior:channels:height:width:energy:regularizers:plan:random:threads:)``.
  public static func memoryBytes(
    prior: any Prior, channels: Int, height: Int, width: Int, energy: any Energy,
    regularizers: [Regularizer] = [], threads: Int
  ) throws -> Int {
    let problem = try Problem(
      prior, channels, height, width, energy, regularizers, random: RandomSource(seed: 0))
    return try Program.memoryBytes(
      minimizing: problem.loss, over: parameterPrefix, in: problem.graph,
      observing: problem.observed, threads: threads)
  }

  /// The seconds that an iteration takes but for its step, as two trials have it that change nothing.
  public func trySeconds() throws -> Double {
    if let input = generator.input { try program.set(input.node, to: input.value) }
    // The first finds the memory untouched.
    _ = program.forwardAndBackward()
    return ContinuousClock().measure { _ = program.forwardAndBackward() } / .seconds(1)
  }

  /// How the program's convolutions are computed, one entry a shape.
  public var convolutions: [ConvolutionReport] { program.convolutions }

  /// The number of optimised numbers.
  public var parameterCount: Int {
    program.parameterNames.reduce(0) { $0 + ((try? program.parameter($1).shape.count) ?? 0) }
  }

  /// Runs all phases, or what is left of them after ``restore(_:)``.
  ///
  /// `observe` is called after each iteration's gradients and before its step, so that what it sees
  /// is one state.
  /// - Throws: what `observe` throws, which ends the run.
  public func run(observe: (Iterate) throws -> Void = { _ in }) throws -> Solution {
    try run(keepingEvery: .infinity, keep: { _ in }, observe: observe)
  }

  /// Runs as ``run(observe:)`` does, and gives away the state on the way.
  ///
  /// `keep` is called after the steps, with the state as often as the interval says, in
  /// seconds, and at the end of a solve that is not done: what is restored from it goes on as if
  /// nothing had happened.
  /// - Throws: what `observe` and `keep` throw, which ends the run.
  public func run(
    keepingEvery interval: Double, keep: (SolverState) throws -> Void,
    observe: (Iterate) throws -> Void = { _ in }
  ) throws -> Solution {
    let clock = ContinuousClock()
    let (start, before) = (clock.now, seconds)
    var lastKept = 0.0
    var loss: Float = 0
    var end = Solution.End.iterations
    if let input = generator.input { try program.set(input.node, to: input.value) }
    phases: for (phase, range) in plan.ranges where range.upperBound > iteration {
      if iteration <= range.lowerBound, let optimizer = phase.optimizer {
        self.optimizer = optimizer
      }
      while iteration < range.upperBound {
        perturb(isJittered: phase.isJittered)
        loss = program.forwardAndBackward()
        average(iteration)
        judge(iteration, loss)
        try observe(
          Iterate(iteration: iteration, loss: loss, score: watch?.score, solver: self))
        if !backtrack(iteration, loss) { program.step(&optimizer) }
        shake(iteration)
        iteration += 1
        let elapsed = (clock.now - start) / .seconds(1)
        seconds = before + elapsed
        if isStopped {
          end = .request
        } else if watch?.isOver == true {
          end = .rule
        } else if seconds >= plan.timeLimit {
          end = .time
        } else {
          if elapsed - lastKept >= interval {
            lastKept = elapsed
            try keep(state)
          }
          continue
        }
        try keep(state)
        break phases
      }
    }
    return Solution(
      picture: program.value(of: terms.picture), average: averaged, loss: loss,
      iterations: iteration, end: end, observed: observed, best: best,
      posterior: posterior?.estimate, seconds: seconds)
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
    for turn in terms.turns {
      let (size, angle) =
        isJittered
        ? (random.number(in: -1..<1), random.number(in: -1..<1)) : (0, 0)
      program.withUnsafeMutableInput(turn.transform) { transform in
        transform[0] = pow(turn.scaling, size)
        transform[1] = turn.angle * angle
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

  /// Keeps the iterate where it is the best so far, by the plan's rule or by its loss.
  private func judge(_ iteration: Int, _ loss: Float) {
    let isBest =
      if watch != nil {
        program.withSpan(of: terms.picture) { picture in
          watch?.observe(iteration, picture, heldOut: terms.heldOut.map { scalar($0) }) == true
        }
      } else {
        // Written so that what is no number is never kept.
        plan.keepsBest && loss < best?.loss ?? .infinity
      }
    guard isBest else { return }
    // In place, for nearly every iteration can be the best so far.
    var new =
      best.take()
      ?? Solution.Best(
        iteration: 0, loss: 0, picture: Tensor(terms.picture.shape), average: averaged,
        observed: observed)
    (new.iteration, new.loss) = (iteration, loss)
    new.average.overwrite(with: averaged)
    program.copy(valueOf: terms.picture, to: &new.picture)
    for (index, term) in terms.observed.enumerated() {
      new.observed[index].value = scalar(term.node)
    }
    best = new
  }

  /// Adds the noise of Langevin dynamics to the weights, and the picture to what is known of them.
  private func shake(_ iteration: Int) {
    guard let langevin = plan.langevin else { return }
    program.addNoise(
      toParametersOfRank: 4, standardDeviation: langevin.noise * optimizer.learningRate, &random)
    guard iteration >= langevin.burnIn else { return }
    program.withSpan(of: terms.picture) { posterior?.add($0) }
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

/// A search as a graph.
private struct Problem {
  var graph = Graph()
  let generator: Generator
  let terms: EnergyTerms
  let loss: Graph.Node
  /// What is left of the randomness.
  var random: RandomSource

  init(
    _ prior: any Prior, _ channels: Int, _ height: Int, _ width: Int, _ energy: any Energy,
    _ regularizers: [Regularizer], random: RandomSource
  ) throws {
    self.random = random
    generator = try prior.build(
      in: &graph, channels: channels, height: height, width: width, random: &self.random)
    terms = try energy.build(in: &graph, of: generator.image)
    var loss = terms.loss
    for regularizer in regularizers {
      loss = try graph.add(loss, regularizer.build(in: &graph, of: generator.code))
    }
    self.loss = loss
  }

  var observed: [Graph.Node] {
    [terms.picture] + terms.observed.map(\.node) + (terms.heldOut.map { [$0] } ?? [])
  }
}

extension Solver {
  /// Where the solve is, between two iterations.
  public var state: SolverState {
    var state = SolverState(
      iteration: iteration, seconds: seconds, random: random,
      parameters: program.parameterNames.compactMap { name in
        (try? program.parameter(name)).map { (name, $0) }
      }, optimizer: optimizer.state, average: averaged)
    state.kept = kept.map { ($0.loss, $0.parameters, $0.optimizer.state) }
    state.best = best
    state.watch = watch?.state
    state.posterior = posterior
    return state
  }

  /// Brings a new solver to where another of the same problem was.
  ///
  /// - Throws: ``CheckpointError/unfit(_:)`` where the state is of another problem.
  public func restore(_ state: SolverState) throws(CheckpointError) {
    try start(from: state.parameters)
    let count = program.parameters.shape.count
    let pictures = [state.average] + (state.best.map { [$0.picture, $0.average] } ?? [])
    guard (0...plan.iterations).contains(state.iteration) else {
      throw .unfit("it has done \(state.iteration) of \(plan.iterations) iterations")
    }
    guard pictures.allSatisfy({ $0.shape == terms.picture.shape }),
      state.best?.observed.count ?? terms.observed.count == terms.observed.count
    else { throw .unfit("it is of a picture of \(state.average.shape)") }
    for (phase, range) in plan.ranges where range.lowerBound < state.iteration {
      if let optimizer = phase.optimizer { self.optimizer = optimizer }
    }
    var keptOptimizer = optimizer
    guard optimizer.restore(state.optimizer, parameterCount: count),
      state.kept.map({
        $0.parameters.shape.count == count
          && keptOptimizer.restore($0.optimizer, parameterCount: count)
      }) ?? true
    else { throw .unfit("it is of another optimiser") }
    if let rule = plan.stopping {
      guard let kept = state.watch, kept.scalars.rule == rule,
        let restored = IterateWatch(
          kept.scalars, pictures: kept.pictures, pictureCount: terms.picture.shape.count)
      else { throw .unfit("it is of another stop rule") }
      watch = restored
    }
    if plan.langevin != nil {
      guard let kept = state.posterior, kept.fits(terms.picture.shape) else {
        throw .unfit("it is of a run without noise on the weights")
      }
      posterior = kept
    }
    (iteration, seconds, random) = (state.iteration, state.seconds, state.random)
    (averaged, best) = (state.average, state.best)
    kept = state.kept.map { ($0.loss, $0.parameters, keptOptimizer) }
  }

  /// Takes the optimised numbers from another run's, by their names.
  ///
  /// - Throws: ``CheckpointError/unfit(_:)`` where names or shapes are others.
  public func start(from parameters: [(name: String, value: Tensor)]) throws(CheckpointError) {
    guard Set(parameters.map(\.name)) == Set(program.parameterNames) else {
      throw .unfit("it has the weights of another prior")
    }
    for (name, value) in parameters {
      do { try program.setParameter(name, to: value) } catch {
        throw .unfit("its \(error)")
      }
    }
  }
}

extension SolvePlan.Backtracking {
  /// The tolerance as a ratio of losses.
  fileprivate var factor: Float { Float(pow(10, tolerance / 10)) }
}
