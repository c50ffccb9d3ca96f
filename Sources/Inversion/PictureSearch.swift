import DIP
import Engine
import PretrainedNets

/// An energy that a network gives to the part of a picture that it sees.
public protocol NetworkEnergy: Energy {
  var classifier: Classifier { get }
  var viewing: Viewing { get }
}

/// A picture that is sought for a network: what it must explain, and how it is looked for.
///
/// ``FeatureInversion`` and ``Maximization`` are its recipes.
public struct PictureSearch<Sought: NetworkEnergy>: Recipe {
  public var energy: Sought
  public var prior: any Prior
  public var regularizers: [Regularizer]
  public var plan: SolvePlan

  public init(
    energy: Sought, prior: any Prior, regularizers: [Regularizer] = [], plan: SolvePlan
  ) {
    self.energy = energy
    self.prior = prior
    self.regularizers = regularizers
    self.plan = plan
  }

  /// Describes and compiles the search; nothing is computed yet.
  ///
  /// - Throws: ``EngineError``, ``ExcitationError``, or what reading the weights throws.
  public func solver(random: RandomSource, threads: ThreadPool) throws -> Solver {
    let canvas = energy.viewing.canvas(for: prior)
    return try Solver(
      prior: prior, channels: 3, height: canvas.height, width: canvas.width, energy: energy,
      regularizers: regularizers, plan: plan, random: random, threads: threads)
  }
}
