internal import CKernels

/// The sum over a box of channels, rows and columns of the first picture: a scalar.
///
/// A box of one number selects an element: a neuron, a class.
package struct BoxSum: Operation {
  package var channels: Range<Int>
  package var rows: Range<Int>
  package var columns: Range<Int>

  package var name: String { "selection" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    func fits(_ range: Range<Int>, _ extent: Int) -> Bool {
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= extent
    }
    guard x.rank == 4, fits(channels, x.channels), fits(rows, x.height), fits(columns, x.width)
    else {
      throw .shape(
        operation: name,
        problem: "channels \(channels), rows \(rows), columns \(columns) are not in \(x)")
    }
    return []
  }

  package func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    var sum = 0.0
    for c in channels {
      for row in rows {
        let start = (c * x.shape.height + row) * x.shape.width + columns.lowerBound
        sum += pi_sum(x.elements + start, columns.count)
      }
    }
    pass.output.elements[0] = Float(sum)
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    dx.elements.update(repeating: 0, count: dx.count)
    for c in channels {
      for row in rows {
        let start = (c * dx.shape.height + row) * dx.shape.width + columns.lowerBound
        (dx.elements + start).update(
          repeating: pass.outputGradient.elements[0], count: columns.count)
      }
    }
  }

  package static let specimens = [
    Specimen(BoxSum(channels: 1..<3, rows: 0..<2, columns: 2..<4), [[1, 3, 3, 4]]),
    Specimen(BoxSum(channels: 4..<5, rows: 0..<1, columns: 0..<1), [[2, 6, 1, 1]]),
  ]
}

/// A rectangle whose place is an input: rows and columns wrap round, so that it is a circular shift
/// where it is as large as the picture and a random crop where it is smaller.
///
/// Inputs: x [N, C, H, W] and the place [2], whole numbers of rows and columns from 0 on.
package struct Shift: Operation {
  package var height: Int
  package var width: Int

  package var name: String { "shift" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, inputs[1] == [2], height > 0, width > 0, height <= x.height,
      width <= x.width
    else {
      throw .shape(
        operation: name,
        problem: "needs [N, C, H, W] of at least \(height)×\(width) and a place [2]; got \(inputs)")
    }
    return [x.batch, x.channels, height, width]
  }

  package func isDifferentiable(input: Int) -> Bool { input == 0 }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let place = pass.inputs[1].elements
    pass.threads.forEach(x.shape.batch * x.shape.channels) { plane in
      forEachRun(x.shape, place) { large, small, count in
        (y.elements + plane * height * width + small).update(
          from: x.elements + plane * x.shape.height * x.shape.width + large, count: count)
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let plane = dx.shape.height * dx.shape.width
    let (dy, place) = (pass.outputGradient.elements, pass.inputs[1].elements)
    pass.threads.forEach(dx.shape.batch * dx.shape.channels) { index in
      let target = dx.elements + index * plane
      if height * width < plane { target.update(repeating: 0, count: plane) }
      forEachRun(dx.shape, place) { large, small, count in
        (target + large).update(from: dy + index * height * width + small, count: count)
      }
    }
  }

  /// Calls `body` with the runs of numbers that are neighbours in both planes.
  private func forEachRun(
    _ x: Shape, _ place: UnsafePointer<Float>, _ body: (Int, Int, Int) -> Void
  ) {
    let top = Int(place[0])
    let left = Int(place[1]) % x.width
    let first = min(width, x.width - left)
    for row in 0..<height {
      let start = (row + top) % x.height * x.width
      body(start + left, row * width, first)
      if first < width { body(start, row * width + first, width - first) }
    }
  }

  package static let specimens = [
    Specimen(
      Shift(height: 4, width: 5), [[2, 2, 4, 5], [2]], values: [.uniform(-1...1), .fixed([3, 2])]),
    Specimen(
      Shift(height: 3, width: 2), [[1, 2, 4, 5], [2]], values: [.uniform(-1...1), .fixed([1, 3])]),
    Specimen(
      Shift(height: 1, width: 1), [[1, 1, 2, 2], [2]], values: [.uniform(-1...1), .fixed([0, 0])]),
  ]
}

/// The channels in reverse order: RGB to BGR and back.
package struct ChannelFlip: Operation {
  package var name: String { "channel flip" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard inputs[0].rank == 4 else {
      throw .shape(operation: name, problem: "needs [N, C, H, W], got \(inputs[0])")
    }
    return inputs[0]
  }

  package func forward(_ pass: ForwardPass) { flip(pass.inputs[0], pass.output, pass.threads) }

  package func pullback(_ pass: PullbackPass) {
    if let dx = pass.inputGradients[0] { flip(pass.outputGradient, dx, pass.threads) }
  }

  private func flip(_ from: View, _ to: View, _ threads: ThreadPool) {
    let (channels, plane) = (from.shape.channels, from.shape.height * from.shape.width)
    threads.forEach(from.shape.batch * channels) { index in
      let (n, c) = index.quotientAndRemainder(dividingBy: channels)
      let target = to.elements + (n * channels + channels - 1 - c) * plane
      target.update(from: from.elements + index * plane, count: plane)
    }
  }

  package static let specimens = [
    Specimen(ChannelFlip(), [[2, 3, 2, 4]]), Specimen(ChannelFlip(), [[1, 4, 1, 1]]),
  ]
}

extension Graph {
  /// Σ x over a box of the first picture of `[N, C, H, W]`: a scalar.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the box is empty or not inside.
  public mutating func sum(
    of x: Node, channels: Range<Int>, rows: Range<Int>, columns: Range<Int>
  ) throws(EngineError) -> Node {
    try apply(BoxSum(channels: channels, rows: rows, columns: columns), to: [x])
  }

  /// The rectangle of `[N, C, H, W]` that begins at `place` `[2]` (whole rows and columns, set at each
  /// run) and wraps round at the edges.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where it is larger than x.
  public mutating func shift(
    _ x: Node, to place: Node, height: Int, width: Int
  ) throws(EngineError) -> Node {
    try apply(Shift(height: height, width: width), to: [x, place])
  }

  /// The channels of `[N, C, H, W]` in reverse order.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless x has rank 4.
  public mutating func flipChannels(_ x: Node) throws(EngineError) -> Node {
    try apply(ChannelFlip(), to: [x])
  }
}
