internal import CKernels

/// Batch normalisation (Ioffe and Szegedy, 2015) with the statistics of the batch itself.
///
/// Inputs: x [N, C, H, W], scale [C], shift [C]. With one picture, as in deep image priors, the
/// statistics are those of each channel over the picture. Saves mean and 1/deviation a channel.
package struct BatchNormalization: Operation {
  package var epsilon: Float

  package var name: String { "batch normalisation" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, inputs[1] == [x.channels], inputs[2] == [x.channels] else {
      throw .shape(
        operation: name,
        problem: "scale \(inputs[1]) and shift \(inputs[2]) must have one number a channel of \(x)")
    }
    guard x.batch * x.height * x.width > 1 else {
      throw .shape(
        operation: name,
        problem: "one pixel a channel has no statistics (input \(x)); use a larger picture")
    }
    return x
  }

  package func savedCount(for inputs: [Shape]) -> Int { 2 * inputs[0].channels }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let (channels, plane) = (x.shape.channels, x.shape.height * x.shape.width)
    let count = Double(x.shape.batch * plane)
    pass.threads.forEach(channels) { c in
      var (sum, squares) = (0.0, 0.0)
      for n in 0..<x.shape.batch { sum += pi_sum(x.elements + (n * channels + c) * plane, plane) }
      let mean = Float(sum / count)
      for n in 0..<x.shape.batch {
        squares += pi_sum_of_squares(x.elements + (n * channels + c) * plane, mean, plane)
      }
      let inverse = Float(1 / (squares / count + Double(epsilon)).squareRoot())
      let factor = pass.inputs[1].elements[c] * inverse
      let shift = pass.inputs[2].elements[c] - mean * factor
      pass.saved[2 * c] = mean
      pass.saved[2 * c + 1] = inverse
      for n in 0..<x.shape.batch {
        let offset = (n * channels + c) * plane
        pi_scale(x.elements + offset, factor, shift, y.elements + offset, plane)
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, dy) = (pass.inputs[0], pass.outputGradient)
    let (channels, plane) = (x.shape.channels, x.shape.height * x.shape.width)
    let count = Double(x.shape.batch * plane)
    pass.threads.forEach(channels) { c in
      let (mean, inverse) = (Double(pass.saved[2 * c]), Double(pass.saved[2 * c + 1]))
      var (sum, product) = (0.0, 0.0)
      for n in 0..<x.shape.batch {
        let offset = (n * channels + c) * plane
        sum += pi_sum(dy.elements + offset, plane)
        product += pi_dot_centred(
          dy.elements + offset, x.elements + offset, pass.saved[2 * c], plane)
      }
      let scaleGradient = product * inverse
      pass.inputGradients[1]?.elements[c] = Float(scaleGradient)
      pass.inputGradients[2]?.elements[c] = Float(sum)
      guard let dx = pass.inputGradients[0] else { return }
      // dx = scale/σ · (dy − mean(dy) − x̂ · mean(dy·x̂)), with x̂ = (x − mean)/σ.
      let a = Double(pass.inputs[1].elements[c]) * inverse
      let b = -a * scaleGradient / count * inverse
      let shift = -a * sum / count - b * mean
      for n in 0..<x.shape.batch {
        let offset = (n * channels + c) * plane
        pi_combine(
          dy.elements + offset, Float(a), x.elements + offset, Float(b), Float(shift),
          dx.elements + offset, plane)
      }
    }
  }

  package static let specimens = [
    Specimen(BatchNormalization(epsilon: 1e-5), [[1, 3, 6, 5], [3], [3]]),
    Specimen(BatchNormalization(epsilon: 1e-2), [[3, 2, 4, 1], [2], [2]]),
    Specimen(BatchNormalization(epsilon: 1e-5), [[1, 2, 33, 35], [2], [2]]),
  ]
}

extension Graph {
  /// Normalises each channel to mean 0 and variance 1 over the batch, then scales and shifts it.
  ///
  /// `scale` and `shift` are `[C]`; `epsilon` is added to the variance (the biased one, as in
  /// PyTorch's training mode).
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the shapes do not fit.
  public mutating func batchNormalize(
    _ x: Node, scale: Node, shift: Node, epsilon: Float = 1e-5
  ) throws(EngineError) -> Node {
    try apply(BatchNormalization(epsilon: epsilon), to: [x, scale, shift])
  }
}
