internal import CKernels

/// What batch normalisation (Ioffe and Szegedy, 2015) makes of a channel, as numbers that its readers
/// apply: x becomes (x − centre) · factor + offset, so that no normalised copy of x is needed.
///
/// Inputs: x [1, C, H, W], scale [C], shift [C]. Output: [3, C], the centres (means), the factors
/// (scale / deviation) and the offsets (shifts). Saves 1/deviation a channel.
package struct NormalizationTerms: Operation {
  package var epsilon: Float

  package var name: String { "normalisation terms" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = try BatchNormalization(epsilon: epsilon).outputShape(for: inputs)
    return [3, x.channels]
  }

  package func addsToGradient(ofInput input: Int) -> Bool { input == 0 }

  package func savedCount(for inputs: [Shape]) -> Int { inputs[0].channels }

  package func forward(_ pass: ForwardPass) {
    let (x, terms) = (pass.inputs[0], pass.output.elements)
    let channels = x.shape.channels
    if x.moments == nil {
      pass.threads.forEach(channels) { c in set(c, moments(of: x, c), pass, terms) }
    } else if let moments = x.moments {
      for c in 0..<channels {
        set(c, (Double(moments[c]), Double(moments[channels + c])), pass, terms)
      }
    }
  }

  private func moments(of x: View, _ c: Int) -> (mean: Double, variance: Double) {
    let plane = x.shape.height * x.shape.width
    let mean = pi_sum(x.elements + c * plane, plane) / Double(plane)
    let squares = pi_sum_of_squares(x.elements + c * plane, Float(mean), plane)
    return (mean, squares / Double(plane))
  }

  private func set(
    _ c: Int, _ moments: (mean: Double, variance: Double), _ pass: ForwardPass,
    _ terms: UnsafeMutablePointer<Float>
  ) {
    let channels = pass.inputs[0].shape.channels
    let inverse = Float(1 / (max(0, moments.variance) + Double(epsilon)).squareRoot())
    pass.saved[c] = inverse
    terms[c] = Float(moments.mean)
    terms[channels + c] = pass.inputs[1].elements[c] * inverse
    terms[2 * channels + c] = pass.inputs[2].elements[c]
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, gradient) = (pass.inputs[0], pass.outputGradient.elements)
    let (channels, plane) = (x.shape.channels, x.shape.height * x.shape.width)
    pass.threads.forEach(channels) { c in
      let inverse = Double(pass.saved[c])
      let (centre, factor, offset) = (
        Double(gradient[c]), Double(gradient[channels + c]), Double(gradient[2 * channels + c])
      )
      pass.inputGradients[1]?.elements[c] = Float(factor * inverse)
      pass.inputGradients[2]?.elements[c] = Float(offset)
      guard let dx = pass.inputGradients[0] else { return }
      // d mean / dx = 1 / n and d inverse / dx = −inverse³ (x − mean) / n.
      let count = Double(plane)
      let scale = Double(pass.inputs[1].elements[c])
      let slope = -scale * factor * inverse * inverse * inverse / count
      let (values, target) = (x.elements + c * plane, dx.elements + c * plane)
      let mean = x.moments.map { Double($0[c]) } ?? pi_sum(values, plane) / count
      let shift = Float(centre / count - slope * mean)
      if pass.adds[0] {
        pi_combine(target, 1, values, Float(slope), shift, target, plane)
      } else {
        pi_scale(values, Float(slope), shift, target, plane)
      }
    }
  }

  package static let specimens = [
    Specimen(NormalizationTerms(epsilon: 1e-5), [[1, 3, 6, 5], [3], [3]]),
    Specimen(NormalizationTerms(epsilon: 1e-2), [[1, 2, 33, 35], [2], [2]]),
  ]
}

/// Planes read through ``NormalizationTerms`` and rectified: a copy, for readers that cannot do so.
///
/// Inputs: x [1, C, H, W], terms [3, C].
package struct Normalization: Operation {
  /// Of the rectifier; 1 is the identity.
  package var slope: Float = 1

  package var name: String { "normalisation" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard inputs[0].rank == 4, inputs[0].batch == 1, inputs[1] == [3, inputs[0].channels] else {
      throw .shape(operation: name, problem: "terms \(inputs[1]) do not fit \(inputs[0])")
    }
    return inputs[0]
  }

  package func addsToGradient(ofInput input: Int) -> Bool { input == 0 }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let plane = x.shape.height * x.shape.width
    pass.threads.forEach(x.shape.channels) { c in
      pi_read(
        x.elements + c * plane, pi_reading(of: pass.inputs[1], c, slope), y.elements + c * plane,
        plane)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let x = pass.inputs[0]
    let plane = x.shape.height * x.shape.width
    guard let dx = pass.inputGradients[0], let terms = pass.inputGradients[1] else { return }
    pass.threads.forEach(x.shape.channels) { c in
      let reading = pi_reading(of: pass.inputs[1], c, slope)
      var sums = (0.0, 0.0)
      withUnsafeMutableBytes(of: &sums) { sums in
        pi_read_pullback(
          x.elements + c * plane, reading, pass.outputGradient.elements + c * plane,
          pass.adds[0] ? 1 : 0, dx.elements + c * plane, plane,
          sums.assumingMemoryBound(to: Double.self).baseAddress)
      }
      reading.setGradient(of: terms, c, sums)
    }
  }

  package static let specimens = [
    Specimen(
      Normalization(), [[1, 3, 4, 5], [3, 3]], values: [.awayFromZero, .terms(channels: 3)]),
    Specimen(
      Normalization(slope: 0.2), [[1, 2, 33, 37], [3, 2]],
      values: [.awayFromZero, .terms(channels: 2)]),
  ]
}

extension pi_reading {
  /// How channel `c` is read through terms [3, C].
  init(of terms: View, _ c: Int, _ slope: Float) {
    let channels = terms.count / 3
    self.init(
      centre: terms.elements[c], factor: terms.elements[channels + c],
      offset: terms.elements[2 * channels + c], slope: slope)
  }

  /// Sets the gradient of the terms of channel `c` from the sums that a pullback leaves.
  func setGradient(of terms: View, _ c: Int, _ sums: (offset: Double, factor: Double)) {
    let channels = terms.count / 3
    terms.elements[c] = Float(-Double(factor) * sums.offset)
    terms.elements[channels + c] = Float(sums.factor)
    terms.elements[2 * channels + c] = Float(sums.offset)
  }
}
