internal import CKernels

/// exp(x) / Σ exp(x) over the channels of [N, C, H, W], or its logarithm.
package struct Softmax: Operation {
  package var isLogarithmic: Bool

  package var name: String { isLogarithmic ? "log-softmax" : "softmax" }

  package var pullbackReads: PullbackReads { [.output] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard inputs[0].rank == 4 else {
      throw .shape(operation: name, problem: "needs [N, C, H, W], got \(inputs[0])")
    }
    return inputs[0]
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let (channels, plane) = (x.shape.channels, x.shape.height * x.shape.width)
    pass.threads.forEach(x.shape.batch) { n in
      let start = n * channels * plane
      pi_softmax(
        x.elements + start, plane, Int32(channels), plane, isLogarithmic ? 1 : 0,
        y.elements + start)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let (channels, plane) = (dx.shape.channels, dx.shape.height * dx.shape.width)
    pass.threads.forEach(dx.shape.batch) { n in
      let start = n * channels * plane
      pi_softmax_pullback(
        pass.output.elements + start, pass.outputGradient.elements + start, plane,
        Int32(channels), plane, isLogarithmic ? 1 : 0, dx.elements + start)
    }
  }

  package static let specimens = [false, true].flatMap { isLogarithmic in
    [
      Specimen(Softmax(isLogarithmic: isLogarithmic), [[2, 5, 2, 3]], values: [.uniform(-3...3)]),
      Specimen(Softmax(isLogarithmic: isLogarithmic), [[1, 7, 1, 1]]),
    ]
  }
}

extension Graph {
  /// exp(x) / Σ exp(x) over the channels of `[N, C, H, W]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless x has rank 4.
  public mutating func softmax(_ x: Node) throws(EngineError) -> Node {
    try apply(Softmax(isLogarithmic: false), to: [x])
  }

  /// The logarithm of ``softmax(_:)``, without its rounding to zero.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless x has rank 4.
  public mutating func logSoftmax(_ x: Node) throws(EngineError) -> Node {
    try apply(Softmax(isLogarithmic: true), to: [x])
  }
}
