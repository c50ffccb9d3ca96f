internal import CKernels

/// The cosine of the angle between two tensors of one shape, as vectors: a scalar, 0 where one of them is 0.
package struct CosineSimilarity: Operation {
  package var name: String { "cosine similarity" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    try scalarShape(of: inputs, for: name)
  }

  package func forward(_ pass: ForwardPass) {
    pass.output.elements[0] = Float(Products(pass.inputs[0], pass.inputs[1]).cosine)
  }

  package func pullback(_ pass: PullbackPass) {
    let products = Products(pass.inputs[0], pass.inputs[1])
    let factor = Double(pass.outputGradient.elements[0])
    for (position, dx) in pass.inputGradients.enumerated() {
      guard let dx else { continue }
      let (x, y) = (pass.inputs[position], pass.inputs[1 - position])
      let square = position == 0 ? products.xx : products.yy
      // y / (‖x‖‖y‖) − cos · x / ‖x‖²
      let across = Float(factor * products.inverse)
      let along = square > 0 ? Float(-factor * products.cosine / square) : 0
      Elementwise.forEachPiece(dx.count, pass.threads) { piece in
        let start = piece.lowerBound
        pi_combine(
          y.elements + start, across, x.elements + start, along, 0, dx.elements + start,
          piece.count)
      }
    }
  }

  private struct Products {
    let xx, yy, inverse, cosine: Double

    init(_ x: View, _ y: View) {
      xx = pi_dot(x.elements, x.elements, x.count)
      yy = pi_dot(y.elements, y.elements, y.count)
      let norms = (xx * yy).squareRoot()
      inverse = norms > 0 ? 1 / norms : 0
      cosine = pi_dot(x.elements, y.elements, x.count) * inverse
    }
  }

  package static let specimens = [
    Specimen(CosineSimilarity(), [[2, 3, 4, 5], [2, 3, 4, 5]])
  ]
}

extension Graph {
  /// Σ x·y / (‖x‖ ‖y‖) over all elements: a scalar.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless both have one shape.
  public mutating func cosineSimilarity(_ x: Node, _ y: Node) throws(EngineError) -> Node {
    try apply(CosineSimilarity(), to: [x, y])
  }
}
