import Engine

extension GoldenCase {
  static let scalars: [GoldenCase] = errors + selections + penalties

  private static func comparison(
    _ name: String, in range: Range<Double> = -1..<1,
    _ build: @escaping @Sendable (inout Graph, Graph.Node, Graph.Node) throws -> Graph.Node
  ) -> GoldenCase {
    let shape: Shape = [2, 3, 9, 8]
    return GoldenCase(
      name, [Input(name: "x", shape: shape, range: range), Input(name: "y", shape: shape)]
    ) { try build(&$0, $1[0], $1[1]) }
  }

  private static let errors: [GoldenCase] = [
    comparison("mean squared error") { try $0.meanSquaredError($1, $2) },
    comparison("mean absolute error") { try $0.meanAbsoluteError($1, $2) },
    comparison("smooth absolute error", in: -2..<2) { try $0.smoothAbsoluteError($1, $2) },
    comparison("inner product") { try $0.innerProduct($1, $2) },
    comparison("cosine similarity") { try $0.cosineSimilarity($1, $2) },
  ]

  private static let selections: [GoldenCase] = [
    GoldenCase("box sum", [2, 4, 6, 7]) {
      try $0.sum(of: $1, channels: 1..<3, rows: 2..<5, columns: 3..<4)
    },
    GoldenCase("neuron", [1, 6, 1, 1]) {
      try $0.sum(of: $1, channels: 3..<4, rows: 0..<1, columns: 0..<1)
    },
  ]

  private static var penalties: [GoldenCase] {
    let variations: [(Float, String)] = [(1, "1"), (1.5, "1.5"), (2, "2"), (3, "3"), (4, "4")]
    var cases = variations.map { beta, label in
      GoldenCase("total variation \(label)", [2, 3, 9, 8]) {
        try $0.totalVariation($1, beta: beta)
      }
    }
    // Steps so small that the floor under the square of the slope decides the gradient.
    cases.append(
      GoldenCase("total variation of a smooth picture", [1, 2, 9, 8], in: 0..<0.00390625) {
        try $0.totalVariation($1, beta: 1.5)
      })
    // Wider than what is taken at a time.
    for beta in [1, 2] {
      cases.append(
        GoldenCase("total variation \(beta) of wide pictures", [1, 2, 3, 517]) {
          try $0.totalVariation($1, beta: Float(beta))
        })
    }
    cases.append(
      GoldenCase("alpha-norm of wide pictures", [1, 3, 2, 259]) {
        try $0.alphaNorm($1, alpha: 6, over: .perPixel)
      })
    for alpha in [2, 3, 6] {
      for (label, scope) in [("of pixels", AlphaNormScope.perPixel), ("of numbers", .elementwise)] {
        cases.append(
          GoldenCase("alpha-norm \(alpha) \(label)", [2, 3, 9, 8], in: -1.5..<1.5) {
            try $0.alphaNorm($1, alpha: Float(alpha), over: scope)
          })
      }
    }
    cases.append(GoldenCase("Gram matrix", [2, 11, 9, 8]) { try $0.gramMatrix($1) })
    return cases
  }
}
