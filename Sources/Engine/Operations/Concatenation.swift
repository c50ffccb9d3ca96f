internal import CKernels

/// Branches joined along the channels, each cut about its centre to the smallest height and width.
///
/// The cut is that of the original hourglass: a branch loses (size − least) / 2 rows at the top,
/// rounded down, and the rest at the bottom.
package struct Concatenation: Operation {
  package var name: String { "concatenation" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard let first = inputs.first, inputs.allSatisfy({ $0.rank == 4 && $0[0] == first[0] }),
      let height = inputs.map(\.height).min(), let width = inputs.map(\.width).min()
    else {
      throw .shape(
        operation: name, problem: "joins [N, C, H, W] of one N, not \(inputs)")
    }
    return [first.batch, inputs.reduce(0) { $0 + $1.channels }, height, width]
  }

  package func forward(_ pass: ForwardPass) {
    var channel = 0
    for x in pass.inputs {
      let y = pass.output
      let window = Window(of: y.shape, centredIn: x.shape)
      let first = channel
      pass.threads.forEach(x.shape.batch * x.shape.channels) { plane in
        let (n, c) = plane.quotientAndRemainder(dividingBy: x.shape.channels)
        window.copyOut(
          of: x.elements + plane * window.large,
          to: y.elements + (n * y.shape.channels + first + c) * window.small)
      }
      channel += x.shape.channels
    }
  }

  package func pullback(_ pass: PullbackPass) {
    var channel = 0
    for (x, dx) in zip(pass.inputs, pass.inputGradients) {
      defer { channel += x.shape.channels }
      guard let dx else { continue }
      let dy = pass.outputGradient
      let window = Window(of: dy.shape, centredIn: x.shape)
      let first = channel
      pass.threads.forEach(x.shape.batch * x.shape.channels) { plane in
        let (n, c) = plane.quotientAndRemainder(dividingBy: x.shape.channels)
        window.copyIn(
          dy.elements + (n * dy.shape.channels + first + c) * window.small,
          to: dx.elements + plane * window.large)
      }
    }
  }

  package static let specimens = [
    Specimen(Concatenation(), [[1, 2, 4, 6], [1, 3, 4, 6]]),
    Specimen(Concatenation(), [[2, 1, 5, 4], [2, 2, 4, 7], [2, 1, 6, 4]]),
    Specimen(Concatenation(), [[1, 1, 1, 3], [1, 1, 4, 1]]),
  ]
}

/// A rectangle cut out of a picture at a fixed place.
package struct Crop: Operation {
  package var top: Int
  package var left: Int
  package var height: Int
  package var width: Int

  package var name: String { "crop" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, top >= 0, left >= 0, height > 0, width > 0, top + height <= x.height,
      left + width <= x.width
    else {
      throw .shape(
        operation: name,
        problem: "rows \(top) ..< \(top + height), columns \(left) ..< \(left + width) are not in "
          + "\(x)")
    }
    return [x.batch, x.channels, height, width]
  }

  private func window(in x: Shape) -> Window {
    Window(
      top: top, left: left, height: height, width: width, fromHeight: x.height,
      fromWidth: x.width)
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let window = window(in: x.shape)
    pass.threads.forEach(x.shape.batch * x.shape.channels) { plane in
      window.copyOut(
        of: x.elements + plane * window.large, to: y.elements + plane * window.small)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let window = window(in: dx.shape)
    pass.threads.forEach(dx.shape.batch * dx.shape.channels) { plane in
      window.copyIn(
        pass.outputGradient.elements + plane * window.small,
        to: dx.elements + plane * window.large)
    }
  }

  package static let specimens = [
    Specimen(Crop(top: 1, left: 2, height: 3, width: 2), [[2, 2, 5, 4]]),
    Specimen(Crop(top: 0, left: 0, height: 1, width: 1), [[1, 3, 2, 2]]),
    Specimen(Crop(top: 0, left: 0, height: 3, width: 4), [[1, 1, 3, 4]]),
  ]
}

/// A rectangle in planes of a larger size.
struct Window {
  var top: Int
  var left: Int
  var height: Int
  var width: Int
  var fromHeight: Int
  var fromWidth: Int

  init(top: Int, left: Int, height: Int, width: Int, fromHeight: Int, fromWidth: Int) {
    (self.top, self.left, self.height, self.width) = (top, left, height, width)
    (self.fromHeight, self.fromWidth) = (fromHeight, fromWidth)
  }

  init(of inner: Shape, centredIn outer: Shape) {
    self.init(
      top: (outer.height - inner.height) / 2, left: (outer.width - inner.width) / 2,
      height: inner.height, width: inner.width, fromHeight: outer.height,
      fromWidth: outer.width)
  }

  /// The numbers in the rectangle.
  var small: Int { height * width }
  /// The numbers in the plane around it.
  var large: Int { fromHeight * fromWidth }

  func copyOut(of source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
    for y in 0..<height {
      (target + y * width).update(from: source + (top + y) * fromWidth + left, count: width)
    }
  }

  /// Fills the plane around the rectangle with one number.
  func copyIn(
    _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, around value: Float = 0
  ) {
    if small != large { target.update(repeating: value, count: large) }
    for y in 0..<height {
      (target + (top + y) * fromWidth + left).update(from: source + y * width, count: width)
    }
  }
}

extension Graph {
  /// Joins `[N, C_i, H_i, W_i]` to `[N, Σ C_i, min H_i, min W_i]`, cutting about the centres.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless all have one N.
  public mutating func concatenate(_ branches: [Node]) throws(EngineError) -> Node {
    try apply(Concatenation(), to: branches)
  }

  /// Cuts a rectangle out of `[N, C, H, W]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where it is not inside.
  public mutating func crop(
    _ x: Node, top: Int, left: Int, height: Int, width: Int
  ) throws(EngineError) -> Node {
    try apply(Crop(top: top, left: left, height: height, width: width), to: [x])
  }
}
