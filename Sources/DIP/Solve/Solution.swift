import Engine

/// One iteration of a solve, as an observer sees it.
public struct Iterate {
  /// Counted from 0.
  public let iteration: Int
  /// How many iterations the plan has.
  public var planned: Int { solver.plan.iterations }
  /// Energy and penalties.
  public let loss: Float
  /// What the plan's stop rule makes of it, less is better; `nil` before it says anything.
  public let score: Double?
  private let solver: Solver

  init(iteration: Int, loss: Float, score: Double?, solver: Solver) {
    self.iteration = iteration
    self.loss = loss
    self.score = score
    self.solver = solver
  }

  /// The picture of this iteration, copied.
  public var picture: Tensor { solver.picture }
  /// The exponential average of the pictures so far, this one included.
  public var average: Tensor { solver.average }
  /// The energy's further scalars.
  public var observed: [(name: String, value: Float)] { solver.observed }

  /// Ends the solve after this iteration, as if it had been the last.
  public func stop() { solver.isStopped = true }
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
  /// What ended it.
  public let end: End
  /// The energy's further scalars at the last picture.
  public let observed: [(name: String, value: Float)]
  /// The iterate that the plan's stop rule takes for the best, or that of the least loss where the plan
  /// keeps it.
  public let best: Best?
  /// What the noise of a plan's Langevin dynamics left: the mean of the pictures, and the standard
  /// deviation of each of their numbers.
  public let posterior: (mean: Tensor, deviation: Tensor)?
  /// The wall-clock time of the iterations, those before an interruption included.
  public let seconds: Double

  /// What ended a solve.
  public enum End: String, Sendable, Codable {
    /// All iterations were done.
    case iterations
    /// The stop rule saw no better iterate for as long as its patience lasted.
    case rule
    /// The time was up.
    case time
    /// The observer asked for it.
    case request
  }

  /// The best iterate.
  public struct Best: Sendable {
    /// Counted from 0.
    public internal(set) var iteration: Int
    public internal(set) var loss: Float
    /// `[1, C, H, W]`.
    public internal(set) var picture: Tensor
    /// The exponential average of the pictures up to this one.
    public internal(set) var average: Tensor
    /// The energy's further scalars at this picture.
    public internal(set) var observed: [(name: String, value: Float)]
  }
}
