internal import CKernels

/// a·x + b·y of two tensors of one shape; y may have a single pixel, which then serves every pixel of x.
package struct LinearCombination: Operation {
  package var a: Float = 1
  package var b: Float = 1

  package var name: String { "addition" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard inputs[0] == inputs[1] || inputs[1].isPixel(of: inputs[0]) else {
      throw .shape(
        operation: name, problem: "adds tensors of one shape, not \(inputs[0]) and \(inputs[1])")
    }
    return inputs[0]
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y, z) = (pass.inputs[0].elements, pass.inputs[1].elements, pass.output.elements)
    if let plane = planeOfPixel(pass.inputs[1], pass.output) {
      return pass.threads.forEach(pass.inputs[1].count) { index in
        pi_scale(x + index * plane, a, b * y[index], z + index * plane, plane)
      }
    }
    Elementwise.forEachPiece(pass.output.count, pass.threads) { piece in
      let start = piece.lowerBound
      pi_combine(x + start, a, y + start, b, 0, z + start, piece.count)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let dz = pass.outputGradient.elements
    for position in 0...1 {
      guard let gradient = pass.inputGradients[position]?.elements else { continue }
      let factor = position == 0 ? a : b
      if position == 1, let plane = planeOfPixel(pass.inputs[1], pass.outputGradient) {
        pass.threads.forEach(pass.inputs[1].count) { index in
          gradient[index] = factor * Float(pi_sum(dz + index * plane, plane))
        }
        continue
      }
      Elementwise.forEachPiece(pass.outputGradient.count, pass.threads) { piece in
        pi_scale(dz + piece.lowerBound, factor, 0, gradient + piece.lowerBound, piece.count)
      }
    }
  }

  /// The numbers of a plane where y has a single pixel, and z more.
  private func planeOfPixel(_ y: View, _ z: View) -> Int? {
    y.count < z.count ? z.shape.height * z.shape.width : nil
  }

  package static let specimens = [
    Specimen(LinearCombination(), [[2, 3, 4, 5], [2, 3, 4, 5]]),
    Specimen(LinearCombination(b: -3), [[2, 3, 4, 5], [2, 3, 1, 1]]),
    Specimen(LinearCombination(a: 0.5, b: -3), [[], []]),
  ]
}

/// x · scale + shift, with a scale and a shift for each channel, or one scale for all and no shift.
package struct Affine: Operation {
  /// One number, or one a channel.
  package var scales: [Float]
  /// One number a channel; empty for none.
  package var shift: [Float] = []

  package var name: String { "affine map" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    for (numbers, kind) in [(scales, "scales"), (shift, "shifts")] {
      let isByChannel = x.rank == 4 && x.channels == numbers.count
      guard isByChannel || numbers.count == (kind == "scales" ? 1 : 0) else {
        throw .shape(operation: name, problem: "\(numbers.count) \(kind) for the channels of \(x)")
      }
    }
    return x
  }

  package func forward(_ pass: ForwardPass) {
    run(pass.inputs[0], shift, into: pass.output, pass.threads)
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    run(pass.outputGradient, [], into: dx, pass.threads)
  }

  private func run(_ x: View, _ shift: [Float], into y: View, _ threads: ThreadPool) {
    if shift.isEmpty && scales.count == 1 {
      Elementwise.forEachPiece(y.count, threads) { piece in
        pi_scale(
          x.elements + piece.lowerBound, scales[0], 0, y.elements + piece.lowerBound, piece.count)
      }
    } else {
      let plane = x.shape.height * x.shape.width
      threads.forEach(x.shape.batch * x.shape.channels) { index in
        let channel = index % x.shape.channels
        pi_scale(
          x.elements + index * plane, scales[channel % scales.count],
          shift.isEmpty ? 0 : shift[channel], y.elements + index * plane, plane)
      }
    }
  }

  package static let specimens = [
    Specimen(Affine(scales: [-2.5]), [[2, 3, 4, 5]]),
    Specimen(Affine(scales: [3], shift: [1, -2, 0.5]), [[2, 3, 4, 1]]),
    Specimen(Affine(scales: [3, -0.5], shift: [1, -2]), [[2, 2, 3, 2]]),
    Specimen(Affine(scales: [3, -0.5]), [[1, 2, 3, 2]]),
  ]
}

extension Graph {
  /// x + y of two tensors of one shape, or with y of x's shape but for a single pixel.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where y has neither.
  public mutating func add(_ x: Node, _ y: Node) throws(EngineError) -> Node {
    try apply(LinearCombination(), to: [x, y])
  }

  /// x · factor.
  ///
  /// - Throws: never in fact; it is an operation like the others.
  public mutating func scale(_ x: Node, by factor: Float) throws(EngineError) -> Node {
    try apply(Affine(scales: [factor]), to: [x])
  }

  /// x · scale + shift, with one shift for each channel of `[N, C, H, W]` (empty for none).
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the shifts are not one a channel.
  public mutating func affine(
    _ x: Node, scale: Float, shift: [Float]
  ) throws(EngineError) -> Node {
    try affine(x, scales: [scale], shift: shift)
  }

  /// x · scale + shift, with one scale and one shift for each channel of `[N, C, H, W]` (a single scale
  /// serves all, and no shifts are none).
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where they are not one a channel.
  public mutating func affine(
    _ x: Node, scales: [Float], shift: [Float]
  ) throws(EngineError) -> Node {
    try apply(Affine(scales: scales, shift: shift), to: [x])
  }
}
