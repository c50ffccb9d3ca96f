internal import CKernels

/// Sums a number for each of `count` pieces, computed on all threads, in the order of the pieces.
private func sum(
  _ count: Int, _ scratch: UnsafeMutablePointer<Float>, _ threads: ThreadPool,
  _ piece: (Int) -> Double
) -> Float {
  let parts = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Double.self)
  threads.forEach(count) { parts[$0] = piece($0) }
  var total = 0.0
  for index in 0..<count { total += parts[index] }
  return Float(total)
}

/// Σ (dx² + dy²)^(β/2) over pixels and channels, the total variation of Mahendran and Vedaldi (CVPR
/// 2015): forward differences, those of the last row and column zero.
package struct TotalVariation: Operation {
  package var beta: Float
  /// In the gradient dx² + dy² counts as at least this where β < 2, which would else be infinite.
  package var floor: Float = 1e-5

  package var name: String { "total variation" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard inputs[0].rank == 4, beta >= 1, floor > 0 else {
      throw .shape(
        operation: name,
        problem: "needs [N, C, H, W] and an exponent of at least 1; got \(inputs[0]) and \(beta)")
    }
    return []
  }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    2 * inputs[0].batch * inputs[0].channels
  }

  package func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    let (height, width) = (x.shape.height, x.shape.width)
    pass.output.elements[0] = sum(
      x.shape.batch * x.shape.channels, pass.scratch, pass.threads
    ) { plane in
      pi_total_variation(x.elements + plane * height * width, Int32(height), Int32(width), beta)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let x = pass.inputs[0]
    let (height, width) = (x.shape.height, x.shape.width)
    let factor = pass.outputGradient.elements[0]
    pass.threads.forEach(x.shape.batch * x.shape.channels) { plane in
      let start = plane * height * width
      pi_total_variation_gradient(
        x.elements + start, Int32(height), Int32(width), beta, floor, factor,
        dx.elements + start)
    }
  }

  // The tiny floor leaves random numbers alone, whose differences are never that small.
  package static let specimens =
    [1, 1.5, 2, 3, 4].map { beta in
      Specimen(
        TotalVariation(beta: beta, floor: 1e-12), [[2, 3, 5, 4]],
        values: beta < 2 ? [.distinct] : [.uniform(-1...1)], tolerance: 5e-3)
    } + [
      Specimen(TotalVariation(beta: 2), [[1, 1, 1, 1]]),
      Specimen(TotalVariation(beta: 4), [[1, 2, 1, 6]]),
    ]
}

/// Σ over pixels of ‖x‖^α with the Euclidean norm over the channels (Mahendran and Vedaldi, IJCV
/// 2016), or over all numbers of |x|^α (CVPR 2015).
package struct AlphaNorm: Operation {
  package var alpha: Float
  package var scope = AlphaNormScope.perPixel

  package var name: String { "α-norm" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard inputs[0].rank == 4, alpha >= 2 else {
      throw .shape(
        operation: name,
        problem: "needs [N, C, H, W] and an exponent of at least 2; got \(inputs[0]) and \(alpha)")
    }
    return []
  }

  private func pieces(_ x: Shape) -> Int {
    scope == .perPixel ? x.batch : x.batch * x.channels
  }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int { 2 * pieces(inputs[0]) }

  package func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    let plane = x.shape.height * x.shape.width
    let channels = scope == .perPixel ? x.shape.channels : 1
    pass.output.elements[0] = sum(pieces(x.shape), pass.scratch, pass.threads) { piece in
      pi_alpha_norm(
        x.elements + piece * channels * plane, plane, Int32(channels), plane, alpha)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let x = pass.inputs[0]
    let plane = x.shape.height * x.shape.width
    let channels = scope == .perPixel ? x.shape.channels : 1
    let factor = pass.outputGradient.elements[0]
    pass.threads.forEach(pieces(x.shape)) { piece in
      let start = piece * channels * plane
      pi_alpha_norm_gradient(
        x.elements + start, plane, Int32(channels), plane, alpha, factor, dx.elements + start)
    }
  }

  package static let specimens = [
    Specimen(AlphaNorm(alpha: 6), [[2, 3, 4, 5]]),
    Specimen(AlphaNorm(alpha: 6, scope: .elementwise), [[1, 3, 4, 5]]),
    Specimen(AlphaNorm(alpha: 3), [[1, 3, 2, 1]], values: [.awayFromZero]),
    Specimen(AlphaNorm(alpha: 2, scope: .elementwise), [[2, 1, 1, 3]]),
  ]
}

/// What the α-norm takes as one number.
public enum AlphaNormScope: String, Sendable, Hashable, Codable {
  /// The Euclidean norm of a pixel over its channels.
  case perPixel
  /// Each channel of each pixel.
  case elementwise
}

extension Graph {
  /// Σ (dx² + dy²)^(β/2) over pixels and channels of `[N, C, H, W]`: a scalar.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless x has rank 4 and β ≥ 1.
  public mutating func totalVariation(_ x: Node, beta: Float) throws(EngineError) -> Node {
    try apply(TotalVariation(beta: beta), to: [x])
  }

  /// Σ ‖x‖^α over the pixels, or over all numbers, of `[N, C, H, W]`: a scalar.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless x has rank 4 and α ≥ 2.
  public mutating func alphaNorm(
    _ x: Node, alpha: Float, over scope: AlphaNormScope
  ) throws(EngineError) -> Node {
    try apply(AlphaNorm(alpha: alpha, scope: scope), to: [x])
  }
}
