internal import CKernels

/// x, but no less than `low` and no more than `high`; the gradient flows where x lies between them.
package struct Clip: Operation {
  package var low: Float
  package var high: Float

  package var name: String { "clipping" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard low <= high else {
      throw .shape(operation: name, problem: "\(low) is not below \(high)")
    }
    return inputs[0]
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0].elements, pass.output.elements)
    Elementwise.forEachPiece(pass.output.count, pass.threads) { piece in
      pi_clip(x + piece.lowerBound, low, high, y + piece.lowerBound, piece.count)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0]?.elements else { return }
    let (x, dy) = (pass.inputs[0].elements, pass.outputGradient.elements)
    Elementwise.forEachPiece(pass.outputGradient.count, pass.threads) { piece in
      let start = piece.lowerBound
      pi_clip_pullback(x + start, low, high, dy + start, dx + start, piece.count)
    }
  }

  package static let specimens = [
    Specimen(Clip(low: 0, high: 6), [[2, 3, 5, 3]], values: [.awayFromZero]),
    Specimen(
      Clip(low: -0.5, high: 0.5), [[1, 2, 2, 2]],
      values: [.fixed([-1, -0.7, -0.3, -0.1, 0.1, 0.3, 0.7, 1])]),
    Specimen(Clip(low: 0, high: .infinity), [[1, 1, 1, 33]], values: [.awayFromZero]),
  ]
}

extension Graph {
  /// x, but no less than `low` and no more than `high`, either of which may be infinite.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where `low` is above `high`.
  public mutating func clip(_ x: Node, low: Float, high: Float) throws(EngineError) -> Node {
    try apply(Clip(low: low, high: high), to: [x])
  }
}
