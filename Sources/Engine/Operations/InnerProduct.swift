internal import CKernels

/// The sum of the products of corresponding elements of two tensors of one shape: a scalar.
package struct InnerProduct: Operation {
  package var name: String { "inner product" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    try scalarShape(of: inputs, for: name)
  }

  package func forward(_ pass: ForwardPass) {
    pass.output.elements[0] = Float(
      pi_dot(pass.inputs[0].elements, pass.inputs[1].elements, pass.inputs[0].count))
  }

  package func pullback(_ pass: PullbackPass) {
    let factor = pass.outputGradient.elements[0]
    for (position, dx) in pass.inputGradients.enumerated() {
      guard let dx else { continue }
      let other = pass.inputs[1 - position].elements
      Elementwise.forEachPiece(dx.count, pass.threads) { piece in
        pi_scale(
          other + piece.lowerBound, factor, 0, dx.elements + piece.lowerBound, piece.count)
      }
    }
  }

  package static let specimens = [
    Specimen(InnerProduct(), [[2, 3, 4, 5], [2, 3, 4, 5]])
  ]
}

extension Graph {
  /// Σ x·y over all elements: a scalar.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless both have one shape.
  public mutating func innerProduct(_ x: Node, _ y: Node) throws(EngineError) -> Node {
    try apply(InnerProduct(), to: [x, y])
  }
}
