import Engine

/// Colours as natural pictures vary in them, independently of each other.
enum DecorrelatedColours {
  /// lucid's `color_correlation_svd_sqrt`, rows R, G, B, divided by the longest of its columns.
  static let mixture: [Float] = {
    let root: [Float] = [0.26, 0.09, 0.02, 0.27, 0, -0.05, 0.27, -0.09, 0.03]
    let longest = (0..<3).map { column in
      stride(from: column, to: 9, by: 3).reduce(0) { $0 + root[$1] * root[$1] }
    }.max()
    return root.map { $0 / (longest ?? 1).squareRoot() }
  }()

  /// Mixes the colours of `[1, C, H, W]` and squeezes them into 0 ... 1.
  static func picture(of waves: Graph.Node, in graph: inout Graph) throws -> Graph.Node {
    guard waves.shape[1] == 3 else { return try graph.sigmoid(waves) }
    let weights = graph.constant(Tensor([3, 3, 1, 1], mixture))
    return try graph.sigmoid(try graph.convolve(waves, weights: weights))
  }

  /// The colours that ``picture(of:in:)`` mixes to these.
  static func decorrelated(_ colours: Tensor) -> Tensor {
    guard colours.shape[1] == 3 else { return colours }
    let m = mixture.map(Double.init)
    // Cramer's rule: the inverse's elements are cofactors over the determinant.
    func cofactor(_ row: Int, _ column: Int) -> Double {
      let (a, b) = ((row + 1) % 3, (row + 2) % 3)
      let (c, d) = ((column + 1) % 3, (column + 2) % 3)
      return m[3 * a + c] * m[3 * b + d] - m[3 * a + d] * m[3 * b + c]
    }
    let determinant = (0..<3).reduce(0) { $0 + m[$1] * cofactor(0, $1) }
    let plane = colours.shape[2] * colours.shape[3]
    let given = colours.elements
    return Tensor(
      colours.shape,
      given.indices.map { index in
        let (channel, pixel) = index.quotientAndRemainder(dividingBy: plane)
        return Float(
          (0..<3).reduce(0.0) {
            $0 + cofactor($1, channel) / determinant * Double(given[$1 * plane + pixel])
          })
      })
  }
}
