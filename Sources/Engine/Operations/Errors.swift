internal import CKernels

/// The mean of the squared differences of two tensors of one shape: a scalar.
package struct MeanSquaredError: Operation {
  package var name: String { "mean squared error" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    try scalarShape(of: inputs, for: name)
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.inputs[1])
    pass.output.elements[0] = Float(
      pi_sum_of_squared_differences(x.elements, y.elements, x.count) / Double(x.count))
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, y) = (pass.inputs[0], pass.inputs[1])
    let factor = 2 * pass.outputGradient.elements[0] / Float(x.count)
    for position in 0...1 {
      guard let dx = pass.inputGradients[position] else { continue }
      let sign: Float = position == 0 ? 1 : -1
      Elementwise.forEachPiece(x.count, pass.threads) { piece in
        let start = piece.lowerBound
        pi_combine(
          x.elements + start, sign * factor, y.elements + start, -sign * factor, 0,
          dx.elements + start, piece.count)
      }
    }
  }

  package static let specimens = [
    Specimen(MeanSquaredError(), [[2, 3, 4, 5], [2, 3, 4, 5]]),
    Specimen(MeanSquaredError(), [[1], [1]]),
  ]
}

/// The mean of the absolute differences of two tensors (L1), or of its variant that is quadratic,
/// d²/2, where |d| < 1 and |d| − 1/2 elsewhere (smooth L1; Girshick, ICCV 2015): a scalar.
package struct MeanAbsoluteError: Operation {
  package var isSmooth = false

  package var name: String { isSmooth ? "smooth L1 error" : "mean absolute error" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    try scalarShape(of: inputs, for: name)
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.inputs[1])
    pass.output.elements[0] = Float(
      pi_absolute_error(x.elements, y.elements, isSmooth ? 1 : 0, x.count) / Double(x.count))
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, y) = (pass.inputs[0], pass.inputs[1])
    let factor = pass.outputGradient.elements[0] / Float(x.count)
    for position in 0...1 {
      guard let dx = pass.inputGradients[position] else { continue }
      let factor = position == 0 ? factor : -factor
      Elementwise.forEachPiece(x.count, pass.threads) { piece in
        let start = piece.lowerBound
        pi_absolute_error_gradient(
          x.elements + start, y.elements + start, isSmooth ? 1 : 0, factor, dx.elements + start,
          piece.count)
      }
    }
  }

  package static let specimens = [
    Specimen(
      MeanAbsoluteError(), [[2, 3, 4], [2, 3, 4]], values: [.uniform(1...2), .uniform(-1...0)]),
    Specimen(
      MeanAbsoluteError(isSmooth: true), [[2, 3, 4], [2, 3, 4]],
      values: [.uniform(0...0.4), .uniform(0...0.4)]),
    Specimen(
      MeanAbsoluteError(isSmooth: true), [[5], [5]], values: [.uniform(2...3), .uniform(0...0.5)]),
  ]
}

/// The shape rule of errors: both inputs alike, the output a scalar.
func scalarShape(of inputs: [Shape], for name: String) throws(EngineError) -> Shape {
  guard inputs[0] == inputs[1] else {
    throw .shape(
      operation: name, problem: "compares tensors of one shape, not \(inputs[0]) and \(inputs[1])")
  }
  return []
}

extension Graph {
  /// The mean of (x − target)² over all elements: a scalar.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless both have one shape.
  public mutating func meanSquaredError(
    _ x: Node, _ target: Node
  ) throws(EngineError) -> Node {
    try apply(MeanSquaredError(), to: [x, target])
  }
}

extension Graph {
  /// The mean of |x − target| over all elements: a scalar.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless both have one shape.
  public mutating func meanAbsoluteError(
    _ x: Node, _ target: Node
  ) throws(EngineError) -> Node {
    try apply(MeanAbsoluteError(), to: [x, target])
  }

  /// The mean of d²/2 where |d| < 1 and |d| − 1/2 elsewhere, with d = x − target: a scalar.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless both have one shape.
  public mutating func smoothAbsoluteError(
    _ x: Node, _ target: Node
  ) throws(EngineError) -> Node {
    try apply(MeanAbsoluteError(isSmooth: true), to: [x, target])
  }
}
