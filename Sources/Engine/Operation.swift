/// One kind of computation: its hyper-parameters, shape rule, forward pass, pullback and the
/// specimens on which the gradient test tries it.
///
/// An operation is a struct in a file of its own, with a building method on ``Graph`` beside it, and
/// is listed in ``Operations/all``.
package protocol Operation: Sendable {
  /// The name that errors and profiles show.
  var name: String { get }

  /// The shape of the output.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the inputs do not fit.
  func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape

  /// What the pullback reads besides the output's gradient; the rest need not be kept.
  var pullbackReads: PullbackReads { get }

  /// Whether a gradient can flow to the input. Where not, it is treated as a constant.
  func isDifferentiable(input: Int) -> Bool

  /// Whether the pullback can add to a gradient that is there already, as ``PullbackPass/adds`` asks;
  /// where not, the program adds for it.
  func addsToGradient(ofInput input: Int) -> Bool

  /// Whether the forward pass leaves the moments of its output, see ``View/moments``.
  var gathersMoments: Bool { get }

  /// How many numbers the forward pass leaves for the pullback (statistics, winners of a pooling).
  func savedCount(for inputs: [Shape]) -> Int

  /// How many numbers of scratch memory either pass needs; undefined at entry.
  func scratchCount(for inputs: [Shape], threads: Int) -> Int

  /// Computes the output; every element is written.
  func forward(_ pass: ForwardPass)

  /// Computes the gradients that are asked for; every element of them is written, not added to, but
  /// where ``PullbackPass/adds`` says so.
  func pullback(_ pass: PullbackPass)

  /// Shapes, strides, borders and odd sizes on which the pullback is compared with differences.
  static var specimens: [Specimen] { get }
}

extension Operation {
  package var pullbackReads: PullbackReads { [.inputs] }
  package func isDifferentiable(input: Int) -> Bool { true }
  package func addsToGradient(ofInput input: Int) -> Bool { false }
  package var gathersMoments: Bool { false }
  package func savedCount(for inputs: [Shape]) -> Int { 0 }
  package func scratchCount(for inputs: [Shape], threads: Int) -> Int { 0 }
}

/// The values of the forward pass that a pullback reads.
package struct PullbackReads: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }
  package static let inputs = PullbackReads(rawValue: 1)
  package static let output = PullbackReads(rawValue: 2)
}

/// A buffer of a program as an operation sees it.
package struct View {
  package let shape: Shape
  package let elements: UnsafeMutablePointer<Float>
  package let count: Int
  /// Mean and variance of each channel, [2, C], where the operation that wrote the value left them.
  package let moments: UnsafeMutablePointer<Float>?

  package init(
    shape: Shape, elements: UnsafeMutablePointer<Float>,
    moments: UnsafeMutablePointer<Float>? = nil
  ) {
    self.shape = shape
    self.elements = elements
    self.count = shape.count
    self.moments = moments
  }

  /// Where picture `n` of an `[N, …]` buffer begins.
  func picture(_ n: Int) -> UnsafeMutablePointer<Float> {
    elements + n * (count / shape.batch)
  }
}

/// What an operation reads and writes in the forward pass.
package struct ForwardPass {
  package let inputs: [View]
  package let output: View
  /// Numbers left for the pullback.
  package let saved: UnsafeMutablePointer<Float>
  package let scratch: UnsafeMutablePointer<Float>
  package let threads: ThreadPool
}

/// What an operation reads and writes in the backward pass.
///
/// Only the values named by ``Operation/pullbackReads`` may be read; the others may be gone.
package struct PullbackPass {
  package let inputs: [View]
  package let output: View
  package let outputGradient: View
  /// One an input, `nil` where no gradient is wanted.
  package let inputGradients: [View?]
  /// One an input, true where its gradient is to be added to, not written.
  package let adds: [Bool]
  package let saved: UnsafeMutablePointer<Float>
  package let scratch: UnsafeMutablePointer<Float>
  package let threads: ThreadPool
}

/// One case of the gradient test: an operation, its input shapes and the numbers to fill them with.
package struct Specimen: Sendable, CustomStringConvertible {
  /// Where an input's numbers come from; kinks must be kept at a distance from them.
  package enum Values: Sendable {
    /// Uniform in the range.
    case uniform(ClosedRange<Float>)
    /// Of either sign, with magnitudes in 0.1 ... 1: clear of a kink at zero.
    case awayFromZero
    /// A shuffled ladder of steps of 0.05: any two differ by at least a step.
    case distinct
    /// Given numbers, in row-major order.
    case fixed([Float])

    /// Normalisation terms [3, channels] that leave ``awayFromZero`` numbers away from zero.
    package static func terms(channels: Int) -> Values {
      func row(_ value: (Float) -> Float) -> [Float] {
        (0..<channels).map { value(Float($0) / Float(channels)) }
      }
      return .fixed(row { 0.02 - 0.03 * $0 } + row { 0.8 + 0.4 * $0 } + row { 0.02 * $0 - 0.01 })
    }
  }

  package let operation: any Operation
  package let inputs: [Shape]
  package let values: [Values]
  /// The bound on the gradient's error relative to its largest element.
  package let tolerance: Double

  /// Of `values` there is one an input; the last serves the inputs that follow.
  package init(
    _ operation: any Operation, _ inputs: [Shape], values: [Values] = [.uniform(-1...1)],
    tolerance: Double = 2e-3
  ) {
    self.operation = operation
    self.inputs = inputs
    self.values = values
    self.tolerance = tolerance
  }

  package var description: String {
    "\(operation) of \(inputs.map(\.description).joined(separator: ", "))"
  }

  package func values(of input: Int) -> Values { values[min(input, values.count - 1)] }
}
