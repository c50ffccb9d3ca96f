internal import CKernels

/// y = W x + b, where x is flattened in the order C, H, W.
///
/// Inputs: x [N, …], weights [K, D] with D the numbers of one picture, and, where `hasBias`, a bias
/// [K]. The output is [N, K, 1, 1], so that it can be followed by what follows a convolution.
package struct FullyConnected: Operation {
  package var hasBias: Bool

  /// Outputs or inputs a piece of work covers.
  private static let grain = 256

  package var name: String { "fully connected layer" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let (x, w) = (inputs[0], inputs[1])
    guard x.rank >= 1, w.rank == 2, x.count / x[0] == w[1] else {
      throw .shape(
        operation: name,
        problem: "input \(x) has \(x.count / max(1, x.extents.first ?? 1)) numbers a picture but "
          + "weights \(w) take \(w.rank == 2 ? w[1] : 0); give the picture the network's size")
    }
    if hasBias, inputs[2] != [w[0]] {
      throw .shape(operation: name, problem: "bias \(inputs[2]) should be [\(w[0])]")
    }
    return [x[0], w[0], 1, 1]
  }

  package func forward(_ pass: ForwardPass) {
    let (x, w, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    let (out, size) = (w.shape[0], w.shape[1])
    let bias = hasBias ? pass.inputs[2].elements : nil
    for n in 0..<x.shape[0] {
      pass.threads.forEachRange(of: out, grain: Self.grain) { piece in
        pi_dense(
          w.elements, x.elements + n * size, bias, size, piece.lowerBound, piece.count,
          y.elements + n * out)
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, w, dy) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let (batch, out, size) = (x.shape[0], w.shape[0], w.shape[1])
    if let dx = pass.inputGradients[0] {
      for n in 0..<batch {
        pass.threads.forEachRange(of: size, grain: Self.grain) { piece in
          pi_dense_data(
            w.elements, dy.elements + n * out, size, out, piece.lowerBound, piece.count,
            dx.elements + n * size)
        }
      }
    }
    if let dw = pass.inputGradients[1] {
      pass.threads.forEach(out) { k in
        for n in 0..<batch {
          let (row, factor) = (dw.elements + k * size, dy.elements[n * out + k])
          if n == 0 {
            pi_scale(x.elements, factor, 0, row, size)
          } else {
            pi_combine(x.elements + n * size, factor, row, 1, 0, row, size)
          }
        }
      }
    }
    if hasBias, let db = pass.inputGradients[2] {
      for k in 0..<out {
        var sum: Float = 0
        for n in 0..<batch { sum += dy.elements[n * out + k] }
        db.elements[k] = sum
      }
    }
  }

  package static let specimens = [
    Specimen(FullyConnected(hasBias: true), [[2, 3, 2, 2], [5, 12], [5]]),
    Specimen(FullyConnected(hasBias: false), [[1, 4, 1, 1], [3, 4]]),
    Specimen(
      FullyConnected(hasBias: true), [[1, 1, 1, 300], [260, 300], [260]], tolerance: 5e-3),
  ]
}

extension Graph {
  /// W x + b, with x `[N, …]` flattened in row-major order, `weights` `[K, D]` and `bias` `[K]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the numbers do not match.
  public mutating func fullyConnect(
    _ x: Node, weights: Node, bias: Node? = nil
  ) throws(EngineError) -> Node {
    try apply(
      FullyConnected(hasBias: bias != nil), to: [x, weights] + (bias.map { [$0] } ?? []))
  }
}
