/// A rule that moves parameters along gradients. It is a value: keeping a copy of it and of
/// ``Program/parameters`` is a checkpoint, and its ``state`` is what of it goes to a file.
public protocol Optimizer: Sendable {
  /// The step length; may be changed between steps.
  var learningRate: Float { get set }

  /// What is remembered from step to step: with the settings, all that the next step depends on.
  var state: OptimizerState { get }

  /// Goes on from a state that was kept.
  ///
  /// - Returns: whether it is one of this rule for so many parameters; otherwise nothing is changed.
  mutating func restore(_ state: OptimizerState, parameterCount: Int) -> Bool

  /// Moves `parameters`, given the gradients of the loss at their present value.
  mutating func step(
    parameters: inout MutableSpan<Float>, gradients: Span<Float>,
    threads: ThreadPool)
}

/// What an optimiser remembers, in an order of its own.
public struct OptimizerState: Sendable, Equatable {
  /// How many steps were taken.
  public var steps: Int
  public var numbers: [Double]
  /// Each with one number a parameter.
  public var tensors: [Tensor]

  public init(steps: Int = 0, numbers: [Double] = [], tensors: [Tensor] = []) {
    (self.steps, self.numbers, self.tensors) = (steps, numbers, tensors)
  }

  /// Whether it has so many numbers and tensors, or none of any where no step was taken.
  func fits(numbers: Int = 0, tensors: Int, parameterCount: Int) -> Bool {
    if steps == 0 { return self.numbers.isEmpty && self.tensors.isEmpty }
    return steps > 0 && self.numbers.count == numbers && self.tensors.count == tensors
      && self.tensors.allSatisfy { $0.shape.count == parameterCount }
  }
}
