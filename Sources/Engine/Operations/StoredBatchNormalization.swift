internal import CKernels

/// Batch normalisation with statistics stored in training: scale · (x − mean) / √(variance + ε) +
/// shift, by channel.
///
/// Inputs: x [N, C, H, W], scale, shift, mean and variance, each [C]. Gradients flow to x, scale and
/// shift.
package struct StoredBatchNormalization: Operation {
  package var epsilon: Float

  package var name: String { "batch normalisation with stored statistics" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, inputs.dropFirst().allSatisfy({ $0 == [x.channels] }) else {
      throw .shape(
        operation: name, problem: "needs one number a channel of \(x), got \(inputs.dropFirst())")
    }
    return x
  }

  package func isDifferentiable(input: Int) -> Bool { input < 3 }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let (channels, plane) = (x.shape.channels, x.shape.height * x.shape.width)
    pass.threads.forEach(x.shape.batch * channels) { index in
      let c = index % channels
      let inverse = 1 / (pass.inputs[4].elements[c] + epsilon).squareRoot()
      let factor = pass.inputs[1].elements[c] * inverse
      let shift = pass.inputs[2].elements[c] - pass.inputs[3].elements[c] * factor
      pi_scale(x.elements + index * plane, factor, shift, y.elements + index * plane, plane)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, dy) = (pass.inputs[0], pass.outputGradient)
    let (channels, plane) = (x.shape.channels, x.shape.height * x.shape.width)
    pass.threads.forEach(channels) { c in
      let inverse = 1 / (pass.inputs[4].elements[c] + epsilon).squareRoot()
      let factor = pass.inputs[1].elements[c] * inverse
      var (sum, product) = (0.0, 0.0)
      for n in 0..<x.shape.batch {
        let start = (n * channels + c) * plane
        if let dx = pass.inputGradients[0]?.elements {
          pi_scale(dy.elements + start, factor, 0, dx + start, plane)
        }
        sum += pi_sum(dy.elements + start, plane)
        product += pi_dot_centred(
          dy.elements + start, x.elements + start, pass.inputs[3].elements[c], plane)
      }
      pass.inputGradients[1]?.elements[c] = Float(product) * inverse
      pass.inputGradients[2]?.elements[c] = Float(sum)
    }
  }

  package static let specimens = [
    Specimen(
      StoredBatchNormalization(epsilon: 1e-3), [[2, 3, 4, 5], [3], [3], [3], [3]],
      values: [
        .uniform(-1...1), .uniform(0.5...1), .uniform(-1...1), .uniform(-1...1),
        .uniform(0.5...2),
      ])
  ]
}

extension Graph {
  /// scale · (x − mean) / √(variance + ε) + shift by channel of `[N, C, H, W]`; all are `[C]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the shapes do not fit.
  public mutating func batchNormalize(
    _ x: Node, scale: Node, shift: Node, mean: Node, variance: Node, epsilon: Float
  ) throws(EngineError) -> Node {
    try apply(StoredBatchNormalization(epsilon: epsilon), to: [x, scale, shift, mean, variance])
  }
}
