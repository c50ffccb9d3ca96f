internal import CKernels

/// What batch normalisation (Ioffe and Szegedy, 2015) makes of a channel, as numbers that its readers
/// apply: x becomes (x − centre) · factor + offset, so that no normalised copy of x is needed.
///
/// Inputs: x [1, C, H, W], in one or several parts by channels that may differ in size; scale [C], shift
/// [C]. Output: [3, C], the centres (means), the factors (scale / deviation) and the offsets (shifts). Saves
/// 1/deviation a channel. A part enlarged by repeating its pixels has the terms of the part itself; one
/// enlarged bilinearly has its mean, and as variance the mean of d times d smoothed, with d = x − mean.
package struct NormalizationTerms: Operation {
  package var epsilon: Float
  package var parts = 1
  /// Whether the terms are those of the last part enlarged bilinearly.
  package var smoothsLast = false

  package var name: String { "normalisation terms" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let channels = inputs.prefix(parts).reduce(0) { $0 + $1.channels }
    guard inputs.prefix(parts).allSatisfy({ $0.batch == 1 && $0.height * $0.width > 1 }),
      inputs[parts] == [channels], inputs[parts + 1] == [channels]
    else {
      throw .shape(
        operation: name,
        problem: "needs single pictures and a scale and a shift a channel, not \(inputs)")
    }
    return [3, channels]
  }

  package func addsToGradient(ofInput input: Int) -> Bool { input < parts }

  package func savedCount(for inputs: [Shape]) -> Int { inputs[parts].count }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    smoothsLast ? threads * room(inputs[parts - 1]) : 0
  }

  private func room(_ shape: Shape) -> Int {
    Placement.aligned(pi_smoothing_scratch(smoothing(shape)))
  }

  private func smoothing(_ shape: Shape) -> pi_smoothing {
    pi_smoothing(height: Int32(shape.height), width: Int32(shape.width))
  }

  /// Calls `body` with every channel of every part: the part, its number, the channel there and among
  /// all, and the scratch memory of the thread where the part is smoothed.
  private func forEachChannel(
    _ inputs: [View], _ scratch: UnsafeMutablePointer<Float>, _ threads: ThreadPool,
    _ body: (View, _ part: Int, Int, Int, _ smoothing: UnsafeMutablePointer<Float>?) -> Void
  ) {
    let room = smoothsLast ? room(inputs[parts - 1].shape) : 0
    threads.forEach(inputs[parts].count) { channel, thread in
      var (part, c) = (0, channel)
      while c >= inputs[part].shape.channels {
        c -= inputs[part].shape.channels
        part += 1
      }
      let isSmoothed = smoothsLast && part == parts - 1
      body(inputs[part], part, c, channel, isSmoothed ? scratch + thread * room : nil)
    }
  }

  package func forward(_ pass: ForwardPass) {
    let terms = pass.output.elements
    let channels = pass.output.shape[1]
    forEachChannel(pass.inputs, pass.scratch, pass.threads) { x, _, c, channel, scratch in
      let (mean, variance) = moments(of: x, c, scratch)
      let inverse = Float(1 / (max(0, variance) + Double(epsilon)).squareRoot())
      pass.saved[channel] = inverse
      terms[channel] = Float(mean)
      terms[channels + channel] = pass.inputs[parts].elements[channel] * inverse
      terms[2 * channels + channel] = pass.inputs[parts + 1].elements[channel]
    }
  }

  private func moments(
    of x: View, _ c: Int, _ scratch: UnsafeMutablePointer<Float>?
  ) -> (mean: Double, variance: Double) {
    let plane = x.shape.height * x.shape.width
    let values = x.elements + c * plane
    let mean = x.moments.map { Double($0[c]) } ?? pi_sum(values, plane) / Double(plane)
    if let scratch {
      let squares = pi_smoothed_squares(smoothing(x.shape), values, Float(mean), scratch)
      return (mean, squares / Double(plane))
    }
    if let moments = x.moments { return (mean, Double(moments[x.shape.channels + c])) }
    return (mean, pi_sum_of_squares(values, Float(mean), plane) / Double(plane))
  }

  package func pullback(_ pass: PullbackPass) {
    let gradient = pass.outputGradient.elements
    let channels = pass.outputGradient.shape[1]
    forEachChannel(pass.inputs, pass.scratch, pass.threads) { x, part, c, channel, scratch in
      let plane = x.shape.height * x.shape.width
      let inverse = Double(pass.saved[channel])
      let (centre, factor, offset) = (
        Double(gradient[channel]), Double(gradient[channels + channel]),
        Double(gradient[2 * channels + channel])
      )
      pass.inputGradients[parts]?.elements[channel] = Float(factor * inverse)
      pass.inputGradients[parts + 1]?.elements[channel] = Float(offset)
      guard let dx = pass.inputGradients[part] else { return }
      // d mean / dx = 1 / n and d inverse / dx = −inverse³ (x − mean) / n, smoothed with the part.
      let count = Double(plane)
      let scale = Double(pass.inputs[parts].elements[channel])
      let slope = -scale * factor * inverse * inverse * inverse / count
      let (values, target) = (x.elements + c * plane, dx.elements + c * plane)
      let mean = x.moments.map { Double($0[c]) } ?? pi_sum(values, plane) / count
      let shift = Float(centre / count - slope * mean)
      if let scratch {
        let adds: Int32 = pass.adds[part] ? 1 : 0
        pi_smooth(smoothing(x.shape), values, Float(slope), shift, adds, target, scratch)
      } else if pass.adds[part] {
        pi_combine(target, 1, values, Float(slope), shift, target, plane)
      } else {
        pi_scale(values, Float(slope), shift, target, plane)
      }
    }
  }

  package static let specimens = [
    Specimen(NormalizationTerms(epsilon: 1e-5), [[1, 3, 6, 5], [3], [3]]),
    Specimen(NormalizationTerms(epsilon: 1e-2), [[1, 2, 33, 35], [2], [2]]),
    Specimen(
      NormalizationTerms(epsilon: 1e-5, parts: 2), [[1, 2, 6, 8], [1, 3, 3, 4], [5], [5]]),
    Specimen(
      NormalizationTerms(epsilon: 1e-5, parts: 2, smoothsLast: true),
      [[1, 2, 6, 8], [1, 3, 3, 4], [5], [5]]),
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
        x.elements + c * plane, reading(pass.inputs, c), y.elements + c * plane, plane)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let x = pass.inputs[0]
    let plane = x.shape.height * x.shape.width
    guard let dx = pass.inputGradients[0], let terms = pass.inputGradients[1] else { return }
    pass.threads.forEach(x.shape.channels) { c in
      let reading = reading(pass.inputs, c)
      var sums = (0.0, 0.0)
      withUnsafeMutableBytes(of: &sums) { sums in
        pi_read_pullback(
          x.elements + c * plane, reading, pass.outputGradient.elements + c * plane,
          pass.adds[0] ? 1 : 0, dx.elements + c * plane, plane,
          sums.assumingMemoryBound(to: Double.self).baseAddress)
      }
      reading.setGradient(of: terms.elements, channels: x.shape.channels, c, sums)
    }
  }

  private func reading(_ inputs: [View], _ c: Int) -> pi_reading {
    pi_reading(of: inputs[1].elements, channels: inputs[0].shape.channels, c, slope: slope)
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
  /// How channel `c` is read through terms [3, channels].
  init(
    of terms: UnsafeMutablePointer<Float>, channels: Int, _ c: Int, slope: Float = 1
  ) {
    self.init(
      centre: terms[c], factor: terms[channels + c], offset: terms[2 * channels + c], slope: slope)
  }

  /// Sets the gradient of the terms of channel `c` from the sums that a pullback leaves.
  func setGradient(
    of terms: UnsafeMutablePointer<Float>, channels: Int, _ c: Int,
    _ sums: (offset: Double, factor: Double)
  ) {
    terms[c] = Float(-Double(factor) * sums.offset)
    terms[channels + c] = Float(sums.factor)
    terms[2 * channels + c] = Float(sums.offset)
  }
}
