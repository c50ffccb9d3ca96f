internal import CKernels

/// F Fᵀ / (C·H·W) of features F [C, H·W], for each picture: [N, 1, C, C] (Gatys, Ecker and Bethge,
/// CVPR 2016).
package struct GramMatrix: Operation {
  package var name: String { "Gram matrix" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4 else {
      throw .shape(operation: name, problem: "needs [N, C, H, W], got \(x)")
    }
    return [x.batch, 1, x.channels, x.channels]
  }

  package func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    let (c, plane) = (x.shape.channels, x.shape.height * x.shape.width)
    pass.threads.forEach(x.shape.batch) { n in
      pi_gram(
        x.elements + n * c * plane, c, plane, 1 / Float(c * plane),
        pass.output.elements + n * c * c)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let x = pass.inputs[0]
    let (c, plane) = (x.shape.channels, x.shape.height * x.shape.width)
    pass.threads.forEach(x.shape.batch) { n in
      pi_gram_pullback(
        x.elements + n * c * plane, pass.outputGradient.elements + n * c * c, c, plane,
        1 / Float(c * plane), dx.elements + n * c * plane)
    }
  }

  package static let specimens = [
    Specimen(GramMatrix(), [[2, 3, 4, 5]]), Specimen(GramMatrix(), [[1, 4, 1, 1]]),
  ]
}

extension Graph {
  /// F Fᵀ / (C·H·W) of each picture of `[N, C, H, W]`: `[N, 1, C, C]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless x has rank 4.
  public mutating func gramMatrix(_ x: Node) throws(EngineError) -> Node {
    try apply(GramMatrix(), to: [x])
  }
}
