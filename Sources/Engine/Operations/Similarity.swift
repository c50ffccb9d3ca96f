import Foundation

/// Planes turned about their middle and scaled, in bilinear interpolation; beyond the edges the edge goes on.
///
/// Inputs: x [N, C, H, W] and [2]: how many pixels of x a pixel of the result is wide, and the angle by which x
/// is turned, in radians.
package struct Similarity: Operation {
  package var name: String { "similarity" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard inputs[0].rank == 4, inputs[1] == [2] else {
      throw .shape(operation: name, problem: "needs [N, C, H, W] and [2]; got \(inputs)")
    }
    return inputs[0]
  }

  package func isDifferentiable(input: Int) -> Bool { input == 0 }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let plane = x.shape.height * x.shape.width
    let transform = pass.inputs[1].elements
    pass.threads.forEach(x.shape.batch * x.shape.channels) { index in
      let (from, to) = (x.elements + index * plane, y.elements + index * plane)
      forEachPixel(x.shape, transform) { pixel, corner, right, down, across, along in
        let top = from[corner] + across * (from[corner + right] - from[corner])
        let under = corner + down
        let bottom = from[under] + across * (from[under + right] - from[under])
        to[pixel] = top + along * (bottom - top)
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let plane = dx.shape.height * dx.shape.width
    let (dy, transform) = (pass.outputGradient.elements, pass.inputs[1].elements)
    pass.threads.forEach(dx.shape.batch * dx.shape.channels) { index in
      let (from, to) = (dy + index * plane, dx.elements + index * plane)
      to.update(repeating: 0, count: plane)
      forEachPixel(dx.shape, transform) { pixel, corner, right, down, across, along in
        let (upper, lower) = (from[pixel] * (1 - along), from[pixel] * along)
        to[corner] += upper * (1 - across)
        to[corner + right] += upper * across
        to[corner + down] += lower * (1 - across)
        to[corner + down + right] += lower * across
      }
    }
  }

  /// Calls `body` with each pixel of the result, the upper left one of the four of x about its source, how far
  /// the others are, and the shares of the right and of the lower two.
  private func forEachPixel(
    _ shape: Shape, _ transform: UnsafePointer<Float>,
    _ body: (
      _ pixel: Int, _ corner: Int, _ right: Int, _ down: Int, _ across: Float, _ along: Float
    ) -> Void
  ) {
    let (height, width) = (shape.height, shape.width)
    let (sine, cosine) = (transform[0] * sin(transform[1]), transform[0] * cos(transform[1]))
    let (middleRow, middleColumn) = (Float(height - 1) / 2, Float(width - 1) / 2)
    for row in 0..<height {
      let down = Float(row) - middleRow
      for column in 0..<width {
        let right = Float(column) - middleColumn
        let y = min(max(middleRow + cosine * down - sine * right, 0), Float(height - 1))
        let x = min(max(middleColumn + sine * down + cosine * right, 0), Float(width - 1))
        let (top, left) = (Int(y), Int(x))
        body(
          row * width + column, top * width + left, left + 1 < width ? 1 : 0,
          top + 1 < height ? width : 0, x - Float(left), y - Float(top))
      }
    }
  }

  package static let specimens = [
    Specimen(
      Similarity(), [[2, 2, 5, 6], [2]], values: [.uniform(-1...1), .fixed([1.1, 0.2])]),
    Specimen(
      Similarity(), [[1, 1, 7, 4], [2]], values: [.uniform(-1...1), .fixed([0.8, -0.7])]),
    Specimen(Similarity(), [[1, 2, 3, 3], [2]], values: [.uniform(-1...1), .fixed([1, 0])]),
  ]
}

extension Graph {
  /// `[N, C, H, W]` turned about its middle and scaled as `transform` `[2]` tells at each run: how many pixels
  /// of x a pixel of the result is wide, and the angle in radians. Beyond the edges the edge goes on.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` for other shapes.
  public mutating func similarity(
    _ x: Node, by transform: Node
  ) throws(EngineError) -> Node {
    try apply(Similarity(), to: [x, transform])
  }
}
