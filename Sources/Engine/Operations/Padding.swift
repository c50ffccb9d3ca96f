/// A picture with rows and columns of one number around it, another count on each side.
package struct Padding: Operation {
  package var top = 0
  package var left = 0
  package var bottom = 0
  package var right = 0
  package var value: Float = 0

  package var name: String { "padding" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, min(top, left, bottom, right) >= 0 else {
      throw .shape(
        operation: name,
        problem: "needs [N, C, H, W] and no less than 0 rows and columns, got \(x) and "
          + "\([top, left, bottom, right])")
    }
    return [x.batch, x.channels, top + x.height + bottom, left + x.width + right]
  }

  private func window(of x: Shape) -> Window {
    Window(
      top: top, left: left, height: x.height, width: x.width,
      fromHeight: top + x.height + bottom, fromWidth: left + x.width + right)
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let window = window(of: x.shape)
    pass.threads.forEach(x.shape.batch * x.shape.channels) { plane in
      window.copyIn(
        x.elements + plane * window.small, to: y.elements + plane * window.large, around: value)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let window = window(of: dx.shape)
    pass.threads.forEach(dx.shape.batch * dx.shape.channels) { plane in
      window.copyOut(
        of: pass.outputGradient.elements + plane * window.large,
        to: dx.elements + plane * window.small)
    }
  }

  package static let specimens = [
    Specimen(Padding(top: 1, left: 2, bottom: 0, right: 3), [[2, 2, 3, 4]]),
    Specimen(Padding(bottom: 2, value: -7), [[1, 3, 1, 1]]),
    Specimen(Padding(), [[1, 1, 3, 2]]),
  ]
}

extension Graph {
  /// `[N, C, H, W]` with rows and columns of `value` around it.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where a count is negative or x of another rank.
  public mutating func pad(
    _ x: Node, top: Int, left: Int, bottom: Int, right: Int, value: Float = 0
  ) throws(EngineError) -> Node {
    try apply(
      Padding(top: top, left: left, bottom: bottom, right: right, value: value), to: [x])
  }
}
