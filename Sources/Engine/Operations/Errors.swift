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
    for (dx, sign) in zip(pass.inputGradients, [Float(1), -1]) {
      guard let dx else { continue }
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
