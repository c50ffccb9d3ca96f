internal import CKernels

/// The adjoint of a convolution: what makes small pictures of large ones, turned round.
///
/// Inputs: x [N, K, h, w], weights [K, C, R, S], bias [C]. It is computed as the convolution's gradient
/// to its data, and its own gradients as that convolution and its gradient to the weights.
package struct TransposedConvolution: Operation {
  package var stride = 1
  package var padding = 0

  package var name: String { "transposed convolution" }

  /// The convolution that it is the adjoint of.
  private var convolution: Convolution {
    Convolution(stride: stride, paddingHeight: padding, paddingWidth: padding)
  }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let (x, w) = (inputs[0], inputs[1])
    guard x.rank == 4, w.rank == 4, x.channels == w[0], inputs[2] == [w[1]] else {
      throw .shape(
        operation: name,
        problem: "needs [N, K, H, W], [K, C, R, S] and [C], not \(x), \(w) and \(inputs[2])")
    }
    let height = (x.height - 1) * stride - 2 * padding + w[2]
    let width = (x.width - 1) * stride - 2 * padding + w[3]
    guard stride > 0, padding >= 0, height > 0, width > 0 else {
      throw .shape(
        operation: name,
        problem: "stride \(stride) and padding \(padding) leave nothing of \(x) and \(w)")
    }
    let y: Shape = [x.batch, w[1], height, width]
    _ = try convolution.outputShape(for: [y, w])
    return y
  }

  private func outputShape(of x: Shape, _ w: Shape) -> Shape {
    [
      x.batch, w[1], (x.height - 1) * stride - 2 * padding + w[2],
      (x.width - 1) * stride - 2 * padding + w[3],
    ]
  }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    convolution.scratchCount(
      for: [outputShape(of: inputs[0], inputs[1]), inputs[1]], threads: threads)
  }

  package func forward(_ pass: ForwardPass) {
    let (x, w, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    let geometry = convolution.geometry(of: y.shape, w.shape)
    let plane = y.shape.height * y.shape.width
    var tensors = pi_tensors()
    tensors.w = UnsafePointer(w.elements)
    for n in 0..<x.shape.batch {
      tensors.dy.values = UnsafePointer(x.picture(n))
      tensors.dx = y.picture(n)
      geometry.run(pi_pass_data, tensors, pass.scratch, pass.threads, nil)
      pass.threads.forEach(y.shape.channels) { c in
        let values = y.picture(n) + c * plane
        pi_scale(values, 1, pass.inputs[2].elements[c], values, plane)
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, w, dy) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let geometry = convolution.geometry(of: dy.shape, w.shape)
    var tensors = pi_tensors()
    tensors.w = UnsafePointer(w.elements)
    tensors.out_slope = 1
    for n in 0..<x.shape.batch {
      tensors.x.values = UnsafePointer(dy.picture(n))
      let (dx, dw) = (pass.inputGradients[0], pass.inputGradients[1])
      tensors.y = dx?.picture(n)
      tensors.dy.values = UnsafePointer(x.picture(n))
      tensors.dw = dw?.elements
      tensors.adds = n > 0 ? 1 : 0
      geometry.run(
        pi_pass_forward, dx == nil ? nil : tensors, besideWeights: dw == nil ? nil : tensors,
        pass.scratch, pass.threads)
    }
    guard let db = pass.inputGradients[2] else { return }
    let plane = dy.shape.height * dy.shape.width
    pass.threads.forEach(db.count) { c in
      db.elements[c] = Float(
        (0..<dy.shape.batch).reduce(0.0) { $0 + pi_sum(dy.picture($1) + c * plane, plane) })
    }
  }

  package static let specimens = [
    Specimen(TransposedConvolution(stride: 2, padding: 1), [[1, 3, 4, 5], [3, 2, 4, 4], [2]]),
    Specimen(TransposedConvolution(), [[2, 2, 3, 4], [2, 3, 3, 3], [3]]),
    Specimen(TransposedConvolution(stride: 3), [[1, 2, 3, 2], [2, 3, 2, 2], [3]]),
    Specimen(
      TransposedConvolution(stride: 2, padding: 1), [[1, 18, 9, 8], [18, 17, 4, 4], [17]]),
  ]
}

extension Graph {
  /// Enlarges `[N, K, H, W]` by the adjoint of a convolution with `weights` `[K, C, R, S]`, as PyTorch's
  /// `ConvTranspose2d`: to `[N, C, H', W']`, H' = (H − 1)·stride − 2·padding + R. `bias` is `[C]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the shapes do not fit.
  public mutating func convolveTransposed(
    _ x: Node, weights: Node, bias: Node, stride: Int = 1, padding: Int = 0
  ) throws(EngineError) -> Node {
    try apply(
      TransposedConvolution(stride: stride, padding: padding), to: [x, weights, bias])
  }
}
