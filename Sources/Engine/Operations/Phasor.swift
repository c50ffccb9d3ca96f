import Foundation

/// Cosines and sines of angles: [1, C, H, W] becomes [2, C, H, W], the real and imaginary parts of
/// complex numbers of magnitude 1.
package struct Phasor: Operation {
  package var name: String { "phasor" }

  package var pullbackReads: PullbackReads { .output }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, x.batch == 1 else {
      throw .shape(operation: name, problem: "needs [1, C, H, W], got \(x)")
    }
    return [2, x.channels, x.height, x.width]
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    Elementwise.forEachPiece(x.count, pass.threads) { piece in
      for index in piece {
        y.elements[index] = cos(x.elements[index])
        y.elements[x.count + index] = sin(x.elements[index])
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let (y, dy) = (pass.output.elements, pass.outputGradient.elements)
    Elementwise.forEachPiece(dx.count, pass.threads) { piece in
      for index in piece {
        dx.elements[index] =
          y[index] * dy[dx.count + index] - y[dx.count + index] * dy[index]
      }
    }
  }

  package static let specimens = [
    Specimen(Phasor(), [[1, 2, 3, 4]], values: [.uniform(-4...4)]),
    Specimen(Phasor(), [[1, 1, 1, 1]]),
  ]
}

extension Graph {
  /// Cosines and sines of `[1, C, H, W]`, in radians: `[2, C, H, W]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` for another shape.
  public mutating func phasor(_ angles: Node) throws(EngineError) -> Node {
    try apply(Phasor(), to: [angles])
  }
}
