internal import CKernels

/// How an upsampling fills the pixels between.
public enum UpsamplingMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// Each pixel is repeated.
  case nearest
  /// Linear both ways between half-pixel centres, clamped at the edges.
  case bilinear
}

/// Enlargement of each channel by a whole factor.
package struct Upsampling: Operation {
  package var factor: Int
  package var method: UpsamplingMethod

  package var name: String { "\(method) upsampling" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, factor >= 1 else {
      throw .shape(
        operation: name, problem: "enlarges [N, C, H, W] by 1 or more, not \(x) by \(factor)")
    }
    return [x.batch, x.channels, x.height * factor, x.width * factor]
  }

  private func rowScratch(_ x: Shape) -> Int { 2 * factor * x.width }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    method == .bilinear ? rowScratch(inputs[0]) * threads : 0
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let (height, width) = (Int32(x.shape.height), Int32(x.shape.width))
    let (small, large) = (x.shape.height * x.shape.width, y.shape.height * y.shape.width)
    pass.threads.forEach(x.shape.batch * x.shape.channels) { plane, thread in
      let (source, target) = (x.elements + plane * small, y.elements + plane * large)
      switch method {
      case .nearest: pi_upsample_nearest(source, height, width, Int32(factor), target)
      case .bilinear:
        pi_upsample_bilinear(
          source, height, width, Int32(factor), target,
          pass.scratch + thread * rowScratch(x.shape))
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let dy = pass.outputGradient
    let (height, width) = (Int32(dx.shape.height), Int32(dx.shape.width))
    let (small, large) = (dx.shape.height * dx.shape.width, dy.shape.height * dy.shape.width)
    pass.threads.forEach(dx.shape.batch * dx.shape.channels) { plane, thread in
      let (source, target) = (dy.elements + plane * large, dx.elements + plane * small)
      switch method {
      case .nearest: pi_upsample_nearest_adjoint(source, height, width, Int32(factor), target)
      case .bilinear:
        pi_upsample_bilinear_adjoint(
          source, height, width, Int32(factor), target,
          pass.scratch + thread * rowScratch(dx.shape))
      }
    }
  }

  package static let specimens: [Specimen] = UpsamplingMethod.allCases.flatMap { method in
    [
      Specimen(Upsampling(factor: 2, method: method), [[2, 3, 4, 5]]),
      Specimen(Upsampling(factor: 2, method: method), [[1, 2, 1, 1]]),
      Specimen(Upsampling(factor: 2, method: method), [[1, 1, 2, 7]]),
      Specimen(Upsampling(factor: 3, method: method), [[1, 2, 3, 4]]),
      Specimen(Upsampling(factor: 5, method: method), [[1, 1, 2, 1]]),
    ]
  }
}

extension Graph {
  /// Enlarges `[N, C, H, W]` to `[N, C, factor·H, factor·W]`.
  ///
  /// Bilinear samples lie at half-pixel centres (PyTorch's `align_corners=False`); edges clamp.
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless x has rank 4 and the factor is ≥ 1.
  public mutating func upsample(
    _ x: Node, factor: Int, method: UpsamplingMethod
  ) throws(EngineError) -> Node {
    try apply(Upsampling(factor: factor, method: method), to: [x])
  }
}
