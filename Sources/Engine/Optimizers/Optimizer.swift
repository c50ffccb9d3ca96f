/// A rule that moves parameters along gradients. Its state is a value: keeping a copy of the
/// optimiser and of ``Program/parameters`` is a checkpoint.
public protocol Optimizer: Sendable {
  /// The step length; may be changed between steps.
  var learningRate: Float { get set }

  /// Moves `parameters`, given the gradients of the loss at their present value.
  mutating func step(
    parameters: inout MutableSpan<Float>, gradients: Span<Float>,
    threads: ThreadPool)
}
