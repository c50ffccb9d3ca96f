/// Channels that follow each other.
package struct ChannelSelection: Operation {
  package var channels: Range<Int>

  package var name: String { "selection of channels" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, !channels.isEmpty, channels.lowerBound >= 0,
      channels.upperBound <= x.channels
    else { throw .shape(operation: name, problem: "channels \(channels) are not in \(x)") }
    return [x.batch, channels.count, x.height, x.width]
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let plane = x.shape.height * x.shape.width
    for n in 0..<x.shape.batch {
      y.picture(n).update(
        from: x.picture(n) + channels.lowerBound * plane, count: channels.count * plane)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let plane = dx.shape.height * dx.shape.width
    dx.elements.update(repeating: 0, count: dx.count)
    for n in 0..<dx.shape.batch {
      (dx.picture(n) + channels.lowerBound * plane).update(
        from: pass.outputGradient.picture(n), count: channels.count * plane)
    }
  }

  package static let specimens = [
    Specimen(ChannelSelection(channels: 1..<3), [[2, 4, 2, 3]]),
    Specimen(ChannelSelection(channels: 0..<1), [[1, 1, 3, 3]]),
  ]
}

/// All numbers of a picture in the order C, H, W, as one channel each.
package struct Flattening: Operation {
  package var name: String { "flattening" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    guard inputs[0].rank >= 1 else {
      throw .shape(operation: name, problem: "needs [N, …], got \(inputs[0])")
    }
    return [inputs[0][0], inputs[0].count / inputs[0][0], 1, 1]
  }

  package func forward(_ pass: ForwardPass) {
    pass.output.elements.update(from: pass.inputs[0].elements, count: pass.output.count)
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    dx.elements.update(from: pass.outputGradient.elements, count: dx.count)
  }

  package static let specimens = [Specimen(Flattening(), [[2, 3, 2, 4]])]
}

extension Graph {
  /// Some channels of `[N, C, H, W]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where they are none or not in x.
  public mutating func select(
    channels: Range<Int>, of x: Node
  ) throws(EngineError) -> Node {
    try apply(ChannelSelection(channels: channels), to: [x])
  }

  /// `[N, …]` as `[N, K, 1, 1]`, the numbers of a picture in row-major order.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` for a scalar.
  public mutating func flatten(_ x: Node) throws(EngineError) -> Node {
    try apply(Flattening(), to: [x])
  }
}
