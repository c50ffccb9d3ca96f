import Engine

/// Where a solve is between two iterations: all that the next ones depend on besides the problem itself.
public struct SolverState: Sendable {
  /// How many iterations are done.
  public var iteration: Int
  /// The wall-clock seconds that they took.
  public var seconds: Double
  /// The optimised numbers, by name.
  public var parameters: [(name: String, value: Tensor)]
  var random: RandomSource
  var optimizer: OptimizerState
  var average: Tensor
  /// What backtracking returns to.
  var kept: (loss: Float, parameters: Tensor, optimizer: OptimizerState)?
  var best: Solution.Best?
  var watch: (scalars: IterateWatch.State, pictures: [Tensor])?
  var posterior: Posterior?

  init(
    iteration: Int, seconds: Double, random: RandomSource,
    parameters: [(name: String, value: Tensor)], optimizer: OptimizerState, average: Tensor
  ) {
    (self.iteration, self.seconds, self.random) = (iteration, seconds, random)
    (self.parameters, self.optimizer, self.average) = (parameters, optimizer, average)
  }
}

extension SolverState {
  /// What of a state is no tensor.
  private struct Scalars: Codable {
    var iteration: Int
    var seconds: Double
    var random: RandomSource
    var optimizer: Optimizer
    var kept: Kept?
    var best: Best?
    var watch: IterateWatch.State?
    var posteriorCount: Int?

    struct Optimizer: Codable {
      var steps: Int
      var numbers: [Double]

      init(_ state: OptimizerState) { (steps, numbers) = (state.steps, state.numbers) }
    }

    struct Kept: Codable {
      var loss: Float
      var optimizer: Optimizer
    }

    struct Best: Codable {
      var iteration: Int
      var loss: Float
      var observed: [Observed]
    }

    struct Observed: Codable {
      var name: String
      var value: Float
    }
  }

  private static let parameter = "parameter "

  /// The state as tensors, and the rest of it as text.
  func archive(into archive: inout TensorBundle) throws {
    var scalars = Scalars(
      iteration: iteration, seconds: seconds, random: random, optimizer: .init(optimizer))
    for (name, value) in parameters { archive[Self.parameter + name] = value }
    archive.add(optimizer.tensors, "optimizer")
    archive["average"] = average
    if let kept {
      scalars.kept = .init(loss: kept.loss, optimizer: .init(kept.optimizer))
      archive["kept"] = kept.parameters
      archive.add(kept.optimizer.tensors, "kept optimizer")
    }
    if let best {
      scalars.best = .init(
        iteration: best.iteration, loss: best.loss,
        observed: best.observed.map { .init(name: $0.name, value: $0.value) })
      archive["best picture"] = best.picture
      archive["best average"] = best.average
    }
    if let watch {
      scalars.watch = watch.scalars
      archive.add(watch.pictures, "watch")
    }
    if let posterior {
      scalars.posteriorCount = posterior.count
      archive["posterior mean"] = posterior.mean
      archive["posterior squares"] = posterior.squares
    }
    archive.texts["state"] = try TensorBundle.text(of: scalars)
  }

  /// Reads a state that ``archive(into:)`` put there.
  init(_ archive: TensorBundle) throws(CheckpointError) {
    let scalars = try archive.value(Scalars.self, of: "state")
    func optimizer(_ scalars: Scalars.Optimizer, _ name: String) -> OptimizerState {
      OptimizerState(
        steps: scalars.steps, numbers: scalars.numbers, tensors: archive.list(name))
    }
    let parameters = archive.tensors.filter { $0.name.hasPrefix(Self.parameter) }
      .map { (name: String($0.name.dropFirst(Self.parameter.count)), value: $0.tensor) }
    self.init(
      iteration: scalars.iteration, seconds: scalars.seconds, random: scalars.random,
      parameters: parameters, optimizer: optimizer(scalars.optimizer, "optimizer"),
      average: try archive.tensor("average"))
    if let kept = scalars.kept {
      self.kept = (
        kept.loss, try archive.tensor("kept"), optimizer(kept.optimizer, "kept optimizer")
      )
    }
    if let best = scalars.best {
      self.best = Solution.Best(
        iteration: best.iteration, loss: best.loss, picture: try archive.tensor("best picture"),
        average: try archive.tensor("best average"),
        observed: best.observed.map { ($0.name, $0.value) })
    }
    if let watch = scalars.watch { self.watch = (watch, archive.list("watch")) }
    if let count = scalars.posteriorCount {
      posterior = Posterior(
        count: count, mean: try archive.tensor("posterior mean"),
        squares: try archive.tensor("posterior squares"))
    }
  }
}
