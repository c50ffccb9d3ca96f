import Engine

/// How a picture is sought: the optimiser, its schedule, and what steadies it.
public struct SolvePlan: Sendable {
  /// A stretch of iterations under one rule.
  public struct Phase: Sendable {
    public var iterations: Int
    /// The rule that moves the parameters; `nil` goes on with the one before.
    public var optimizer: (any Optimizer)?
    /// Whether displacements are drawn at random; otherwise they stay at their middle.
    public var isJittered: Bool

    public init(iterations: Int, optimizer: (any Optimizer)?, isJittered: Bool = true) {
      self.iterations = iterations
      self.optimizer = optimizer
      self.isJittered = isJittered
    }
  }

  /// A return to the last good state after a collapse.
  public struct Backtracking: Sendable, Hashable {
    /// How often, in iterations, the loss is looked at and the state is kept.
    public var interval: Int
    /// The rise of the loss, in decibels, that counts as a collapse.
    public var tolerance: Double

    public init(interval: Int = 100, tolerance: Double = 5) {
      self.interval = interval
      self.tolerance = tolerance
    }
  }

  /// Stochastic gradient Langevin dynamics (Welling and Teh, ICML 2011) for deep image priors (Cheng et
  /// al., CVPR 2019): the mean of the iterates does not overfit, their spread tells what is uncertain.
  public struct Langevin: Sendable, Hashable, Codable {
    /// The iterations before the first that counts.
    public var burnIn: Int
    /// The standard deviation of the noise that each step adds to the kernels, in step lengths.
    public var noise: Float

    /// The defaults are the authors'.
    public init(burnIn: Int = 7000, noise: Float = 2) {
      (self.burnIn, self.noise) = (burnIn, noise)
    }
  }

  public var phases: [Phase]
  /// The standard deviation of the noise added to the generator's input at each iteration.
  public var inputNoise: Float
  /// The weight of the past in the exponential average of the iterates, 0 ..< 1.
  public var averaging: Float
  public var backtracking: Backtracking?
  /// What tells the best iterate, and ends the solve when no better one is to be expected.
  public var stopping: StopRule?
  /// The wall-clock seconds after which the solve ends.
  public var timeLimit = Double.infinity
  /// Noise on the weights that makes the iterates samples of a posterior.
  public var langevin: Langevin?
  /// Whether, without a stop rule, the iterate of the least loss is kept: of use where the loss is the aim itself, not
  /// where it is overfitted.
  public var keepsBest = false

  public init(
    phases: [Phase], inputNoise: Float = 0, averaging: Float = 0.99,
    backtracking: Backtracking? = nil
  ) {
    self.phases = phases
    self.inputNoise = inputNoise
    self.averaging = averaging
    self.backtracking = backtracking
  }

  /// Adam all the way.
  public init(
    iterations: Int, learningRate: Float, inputNoise: Float = 0,
    backtracking: Backtracking? = nil
  ) {
    self.init(
      phases: [Phase(iterations: iterations, optimizer: Adam(learningRate: learningRate))],
      inputNoise: inputNoise, backtracking: backtracking)
  }

  /// The iterations of all phases.
  public var iterations: Int {
    get { phases.reduce(0) { $0 + $1.iterations } }
    set { stretch(to: newValue) }
  }

  /// The same, but that the last so many iterations draw no displacements: what is written is then what was seen.
  public func settling(in last: Int) -> SolvePlan {
    let rest = iterations - max(0, last)
    guard last > 0, rest > 0 else { return self }
    var plan = self
    plan.iterations = rest
    plan.phases.append(Phase(iterations: last, optimizer: nil, isJittered: false))
    return plan
  }

  /// The phases, and which iterations are theirs.
  var ranges: [(phase: Phase, iterations: Range<Int>)] {
    var start = 0
    return phases.map { phase in
      defer { start += phase.iterations }
      return (phase, start..<start + phase.iterations)
    }
  }

  /// Gives each phase its share of another number of iterations, to the last one the rest.
  private mutating func stretch(to count: Int) {
    let before = max(1, iterations)
    var rest = max(0, count)
    for index in phases.indices.dropLast() {
      let share = phases[index].iterations * count / before
      phases[index].iterations = min(rest, share)
      rest -= phases[index].iterations
    }
    if let last = phases.indices.last { phases[last].iterations = rest }
  }
}
