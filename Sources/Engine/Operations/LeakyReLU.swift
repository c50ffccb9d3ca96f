internal import CKernels

/// y = x where x > 0, slope · x elsewhere; with slope 0 the plain rectifier.
package struct LeakyReLU: Operation {
  package var slope: Float

  package var name: String { slope == 0 ? "ReLU" : "leaky ReLU" }

  package func outputShape(for inputs: [Shape]) -> Shape { inputs[0] }

  // With slope ≥ 0 the output has the sign of the input, so the input need not be kept.
  package var pullbackReads: PullbackReads { [.output] }

  package func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0].elements
    let y = pass.output.elements
    Elementwise.forEachPiece(pass.output.count, pass.threads) { piece in
      pi_leaky_relu(x + piece.lowerBound, slope, y + piece.lowerBound, piece.count)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    Elementwise.forEachPiece(dx.count, pass.threads) { piece in
      let start = piece.lowerBound
      pi_leaky_relu_pullback(
        pass.output.elements + start, pass.outputGradient.elements + start, slope,
        dx.elements + start, piece.count)
    }
  }

  package static let specimens = [
    Specimen(LeakyReLU(slope: 0.2), [[2, 3, 5, 7]], values: [.awayFromZero]),
    Specimen(LeakyReLU(slope: 0), [[1, 1, 1, 33]], values: [.awayFromZero]),
  ]
}

extension Graph {
  /// Rectifies: x where x > 0, `slope` · x elsewhere.
  ///
  /// The slope is at least 0; 0 is the plain ReLU, 0.2 the hourglass's.
  /// - Throws: ``EngineError/shape(operation:problem:)`` for a negative slope.
  public mutating func leakyReLU(_ x: Node, slope: Float) throws(EngineError) -> Node {
    let operation = LeakyReLU(slope: slope)
    guard slope >= 0 else {
      throw .shape(operation: operation.name, problem: "the slope \(slope) is negative")
    }
    return try apply(operation, to: [x])
  }

  /// Rectifies: x where x > 0, 0 elsewhere.
  public mutating func relu(_ x: Node) throws(EngineError) -> Node {
    try leakyReLU(x, slope: 0)
  }
}
