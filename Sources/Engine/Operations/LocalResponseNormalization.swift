internal import CKernels

/// x / (k + a·Σ x²)^β, the sum over the `window` channels about each (Krizhevsky, Sutskever and
/// Hinton, NIPS 2012).
package struct LocalResponseNormalization: Operation {
  package var window: Int
  package var alpha: Float
  package var beta: Float
  package var k: Float
  package var convention = ResponseConvention.divided

  package var name: String { "local response normalisation" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard inputs[0].rank == 4, window >= 1, window % 2 == 1, k > 0 else {
      throw .shape(
        operation: name,
        problem: "needs [N, C, H, W], an odd window and k > 0; got \(inputs[0]), \(window) and \(k)"
      )
    }
    return inputs[0]
  }

  package func savedCount(for inputs: [Shape]) -> Int { inputs[0].count }

  private func geometry(_ x: Shape) -> pi_response {
    pi_response(
      channels: Int32(x.channels), window: Int32(window),
      a: convention == .divided ? alpha / Float(window) : alpha, b: beta, k: k)
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let geometry = geometry(x.shape)
    forEachRow(x.shape, pass.threads) { start, plane, count in
      withUnsafePointer(to: geometry) {
        pi_response_normalize(
          $0, x.elements + start, plane, count, y.elements + start, pass.saved + start)
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let x = pass.inputs[0]
    let geometry = geometry(x.shape)
    forEachRow(x.shape, pass.threads) { start, plane, count in
      withUnsafePointer(to: geometry) {
        pi_response_normalize_pullback(
          $0, x.elements + start, pass.saved + start, pass.outputGradient.elements + start,
          plane, count, dx.elements + start)
      }
    }
  }

  private func forEachRow(
    _ x: Shape, _ threads: ThreadPool, _ body: (_ start: Int, _ plane: Int, _ count: Int) -> Void
  ) {
    let plane = x.height * x.width
    threads.forEach(x.batch * x.height) { index in
      let (n, row) = index.quotientAndRemainder(dividingBy: x.height)
      body(n * x.channels * plane + row * x.width, plane, x.width)
    }
  }

  package static let specimens = [
    Specimen(
      LocalResponseNormalization(window: 5, alpha: 0.5, beta: 0.75, k: 1), [[2, 7, 2, 3]]),
    Specimen(
      LocalResponseNormalization(
        window: 3, alpha: 0.2, beta: 0.75, k: 2, convention: .undivided), [[1, 4, 3, 2]]),
    Specimen(LocalResponseNormalization(window: 5, alpha: 1, beta: 0.5, k: 1), [[1, 2, 1, 4]]),
  ]
}

/// How α of a local response normalisation is meant.
public enum ResponseConvention: String, Sendable, Hashable, Codable {
  /// It is divided by the window's size (Caffe, PyTorch).
  case divided
  /// It multiplies the sum as it stands (the paper, Keras ports).
  case undivided
}

extension Graph {
  /// x / (k + a·Σ x²)^β over `window` channels, with a = α / window or a = α.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` for an even window or an x not of rank 4.
  public mutating func normalizeResponse(
    _ x: Node, window: Int = 5, alpha: Float = 1e-4, beta: Float = 0.75, k: Float = 1,
    convention: ResponseConvention = .divided
  ) throws(EngineError) -> Node {
    try apply(
      LocalResponseNormalization(
        window: window, alpha: alpha, beta: beta, k: k, convention: convention), to: [x])
  }
}
