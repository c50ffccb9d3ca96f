internal import CKernels

/// An activation that is smooth (ELU: but for its second derivative), number by number.
package struct SmoothActivation: Operation {
  package enum Kind: String, Sendable, CaseIterable {
    /// 1 / (1 + exp(−x)).
    case sigmoid
    case tanh
    /// x where x > 0, exp(x) − 1 elsewhere (Clevert, Unterthiner, Hochreiter, ICLR 2016).
    case elu = "ELU"
    /// x · sigmoid(x) (Ramachandran, Zoph, Le, 2017).
    case swish
  }

  package var kind: Kind

  package var name: String { kind.rawValue }

  // Only swish has no formula in terms of its output.
  package var pullbackReads: PullbackReads { kind == .swish ? [.inputs] : [.output] }

  package func outputShape(for inputs: [Shape]) -> Shape { inputs[0] }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0].elements, pass.output.elements)
    Elementwise.forEachPiece(pass.output.count, pass.threads) { piece in
      let start = piece.lowerBound
      switch kind {
      case .sigmoid: pi_sigmoid(x + start, y + start, piece.count)
      case .tanh: pi_tanh(x + start, y + start, piece.count)
      case .elu: pi_elu(x + start, y + start, piece.count)
      case .swish: pi_swish(x + start, y + start, piece.count)
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0]?.elements else { return }
    let (x, y) = (pass.inputs[0].elements, pass.output.elements)
    let dy = pass.outputGradient.elements
    Elementwise.forEachPiece(pass.output.count, pass.threads) { piece in
      let start = piece.lowerBound
      switch kind {
      case .sigmoid: pi_sigmoid_pullback(y + start, dy + start, dx + start, piece.count)
      case .tanh: pi_tanh_pullback(y + start, dy + start, dx + start, piece.count)
      case .elu: pi_elu_pullback(y + start, dy + start, dx + start, piece.count)
      case .swish: pi_swish_pullback(x + start, dy + start, dx + start, piece.count)
      }
    }
  }

  package static let specimens = Kind.allCases.map { kind in
    Specimen(SmoothActivation(kind: kind), [[2, 3, 5, 3]], values: [.awayFromZero])
  }
}

extension Graph {
  /// 1 / (1 + exp(−x)).
  ///
  /// - Throws: never in fact; it is an operation like the others.
  public mutating func sigmoid(_ x: Node) throws(EngineError) -> Node {
    try apply(SmoothActivation(kind: .sigmoid), to: [x])
  }

  /// The hyperbolic tangent.
  ///
  /// - Throws: never in fact; it is an operation like the others.
  public mutating func tanh(_ x: Node) throws(EngineError) -> Node {
    try apply(SmoothActivation(kind: .tanh), to: [x])
  }

  /// x where x > 0, exp(x) − 1 elsewhere.
  ///
  /// - Throws: never in fact; it is an operation like the others.
  public mutating func elu(_ x: Node) throws(EngineError) -> Node {
    try apply(SmoothActivation(kind: .elu), to: [x])
  }

  /// x · sigmoid(x).
  ///
  /// - Throws: never in fact; it is an operation like the others.
  public mutating func swish(_ x: Node) throws(EngineError) -> Node {
    try apply(SmoothActivation(kind: .swish), to: [x])
  }
}
