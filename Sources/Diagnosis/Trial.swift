import DIP
import Engine
import Inversion

/// One search for a network with one prior and one seed, and what was seen on the way.
public struct Trial: Sendable {
  public let prior: PriorKind
  public let seed: UInt64
  /// The iterate of the least loss where the plan keeps it, or else the last: `[1, 3, H, W]`, 0 ... 1.
  public let picture: Tensor
  /// Its loss.
  public let loss: Float
  /// Its further scalars: feature errors, or the excitation.
  public let observed: [(name: String, value: Float)]
  public let iterations: Int
  /// The wall-clock time of the iterations.
  public let seconds: Double
  /// What was seen on the way, at most some hundred points, the last iterate among them.
  public let curve: [Point]
  /// Iterates on the way, as many as were asked for, the last among them.
  public let snapshots: [(iteration: Int, picture: Tensor)]

  /// An iterate of a curve.
  public struct Point: Sendable, Equatable {
    /// Counted from 1.
    public let iteration: Int
    public let seconds: Double
    public let loss: Float
    /// The first of the energy's further scalars.
    public let value: Float
  }

  /// Searches, with `prior` for the name of the search's own, and keeps `snapshots` iterates.
  ///
  /// - Throws: errors of building the search, and what `observe` throws; ``TrialError/diverged`` where no
  ///   iterate has a loss that is a number.
  public init<Sought>(
    _ search: PictureSearch<Sought>, prior: PriorKind, seed: UInt64, snapshots count: Int = 0,
    threads: ThreadPool, observe: (Iterate) throws -> Void = { _ in }
  ) throws {
    let solver = try search.solver(random: RandomSource(seed: seed), threads: threads)
    let planned = search.plan.iterations
    let clock = ContinuousClock()
    let start = clock.now
    var curve: [Point] = []
    var shots: [(iteration: Int, picture: Tensor)] = []
    var latest: Point?
    let solution = try solver.run { (iterate: Iterate) throws -> Void in
      let number = iterate.iteration + 1
      let point = Point(
        iteration: number, seconds: (clock.now - start) / .seconds(1), loss: iterate.loss,
        value: iterate.observed.first?.value ?? iterate.loss)
      if Self.isMarked(number, of: planned, marks: 100) { curve.append(point) }
      latest = point
      if count > 1, Self.isMarked(number, of: planned, marks: count - 1) {
        shots.append((number, iterate.picture.clamped()))
      }
      try observe(iterate)
    }
    if let latest, curve.last != latest { curve.append(latest) }
    let best = solution.best
    if search.plan.keepsBest, best == nil { throw TrialError.diverged }
    (self.prior, self.seed, self.curve) = (prior, seed, curve)
    picture = (best?.picture ?? solution.picture).clamped()
    loss = best?.loss ?? solution.loss
    observed = best?.observed ?? solution.observed
    (iterations, seconds) = (solution.iterations, solution.seconds)
    if count > 0, shots.last?.iteration != solution.iterations {
      shots.append((solution.iterations, solution.picture.clamped()))
    }
    self.snapshots = shots
  }

  /// The first of the further scalars.
  public var value: Float { observed.first?.value ?? loss }

  /// Whether an iteration is one of so many that are spread over all, the first and the last among them.
  private static func isMarked(_ number: Int, of planned: Int, marks: Int) -> Bool {
    number == 1 || number == planned
      || number * marks / planned > (number - 1) * marks / planned
  }
}

/// Why a trial has no result.
public enum TrialError: Error, Equatable, Sendable, CustomStringConvertible {
  case diverged

  public var description: String {
    "the energy was not a number from the start; try another seed, layer or prior"
  }
}
