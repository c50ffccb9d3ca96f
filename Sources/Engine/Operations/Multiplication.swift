internal import CKernels

/// x · y, number by number; y may have a single channel, which then serves every channel of x, or a
/// single pixel, which then serves every pixel.
package struct Multiplication: Operation {
  package var name: String { "multiplication" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let (x, y) = (inputs[0], inputs[1])
    guard x == y || y.isMask(of: x) || y.isPixel(of: x) else {
      throw .shape(
        operation: name, problem: "\(y) is neither \(x) nor a single channel or pixel of it")
    }
    return x
  }

  package func forward(_ pass: ForwardPass) {
    multiply(pass.inputs[0], by: pass.inputs[1], into: pass.output, pass.threads)
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, y, dz) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    if let dx = pass.inputGradients[0] { multiply(dz, by: y, into: dx, pass.threads) }
    guard let dy = pass.inputGradients[1] else { return }
    if x.count == y.count {
      multiply(dz, by: x, into: dy, pass.threads)
    } else if y.shape.isPixel(of: x.shape) {
      let plane = x.shape.height * x.shape.width
      pass.threads.forEach(dy.count) { index in
        dy.elements[index] = Float(
          pi_dot(x.elements + index * plane, dz.elements + index * plane, plane))
      }
    } else {
      let plane = dy.count / dy.shape.batch
      pass.threads.forEach(dy.shape.batch) { n in
        for p in 0..<plane {
          var sum: Float = 0
          for c in 0..<x.shape.channels {
            sum += x.picture(n)[c * plane + p] * dz.picture(n)[c * plane + p]
          }
          dy.picture(n)[p] = sum
        }
      }
    }
  }

  private func multiply(_ x: View, by y: View, into z: View, _ threads: ThreadPool) {
    if x.count == y.count {
      return Elementwise.forEachPiece(x.count, threads) { piece in
        let start = piece.lowerBound
        pi_multiply(x.elements + start, y.elements + start, z.elements + start, piece.count)
      }
    }
    let plane = x.shape.height * x.shape.width
    let isPixel = y.shape.isPixel(of: x.shape)
    threads.forEach(x.shape.batch * x.shape.channels) { index in
      let (start, picture) = (index * plane, index / x.shape.channels)
      if isPixel {
        pi_scale(x.elements + start, y.elements[index], 0, z.elements + start, plane)
      } else {
        pi_multiply(
          x.elements + start, y.elements + picture * plane, z.elements + start, plane)
      }
    }
  }

  package static let specimens = [
    Specimen(Multiplication(), [[2, 3, 4, 5], [2, 3, 4, 5]]),
    Specimen(Multiplication(), [[2, 3, 1, 5], [2, 1, 1, 5]]),
    Specimen(Multiplication(), [[2, 3, 4, 5], [2, 3, 1, 1]]),
  ]
}

extension Shape {
  /// Whether this is a single channel of `[N, C, H, W]`.
  fileprivate func isMask(of x: Shape) -> Bool {
    x.rank == 4 && self == [x.batch, 1, x.height, x.width]
  }

  /// Whether this is a single pixel of `[N, C, H, W]`.
  func isPixel(of x: Shape) -> Bool { x.rank == 4 && self == [x.batch, x.channels, 1, 1] }
}

extension Graph {
  /// x times a constant of x's shape, or of its shape with a single channel (a mask) or pixel.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where it has neither.
  public mutating func multiply(_ x: Node, by factor: Tensor) throws(EngineError) -> Node {
    try multiply(x, by: constant(factor))
  }

  /// x · y, number by number, with y of x's shape, or of its shape with a single channel or pixel.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where it has neither.
  public mutating func multiply(_ x: Node, by y: Node) throws(EngineError) -> Node {
    try apply(Multiplication(), to: [x, y])
  }
}
