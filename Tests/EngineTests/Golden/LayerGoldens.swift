import Engine

extension GoldenCase {
  static let layers: [GoldenCase] =
    convolutions + transposedConvolutions + normalizations + activations + poolings + classifiers

  private static func convolution(
    _ name: String, _ x: Shape, _ weights: Shape, stride: Int = 1, padding: Int = 0,
    border: Border = .zero, groups: Int = 1, hasBias: Bool = true
  ) -> GoldenCase {
    var inputs = [Input(name: "x", shape: x), Input(name: "weights", shape: weights)]
    if hasBias { inputs.append(Input(name: "bias", shape: [weights[0]])) }
    // The gradient of a corner gathers the whole replicated border: it is large against the root mean
    // square, and its rounding with it.
    let tolerance = border == .replication ? 8e-6 : Self.tolerance
    return GoldenCase("convolution \(name)", inputs, tolerance: tolerance) { graph, nodes in
      try graph.convolve(
        nodes[0], weights: nodes[1], bias: hasBias ? nodes[2] : nil, stride: stride,
        padding: padding, border: border, groups: groups)
    }
  }

  private static var convolutions: [GoldenCase] {
    var cases = [
      convolution("1x1", [2, 5, 4, 6], [3, 5, 1, 1]),
      convolution("1x1 stride 2", [1, 5, 7, 6], [3, 5, 1, 1], stride: 2, hasBias: false),
      convolution("of AlexNet", [1, 3, 39, 43], [8, 3, 11, 11], stride: 4),
      convolution("in groups", [2, 6, 9, 8], [4, 3, 5, 5], padding: 2, groups: 2),
      convolution(
        "by channel", [1, 6, 9, 8], [6, 1, 3, 3], stride: 2, padding: 1, border: .reflection,
        groups: 6, hasBias: false),
      convolution(
        "of the hourglass", [1, 32, 37, 45], [96, 32, 3, 3], padding: 1, border: .reflection),
      convolution(
        "to the hourglass", [1, 48, 38, 44], [32, 48, 3, 3], stride: 2, padding: 1,
        border: .reflection),
    ]
    for border in Border.allCases {
      for kernel in [3, 5, 7, 11] {
        for stride in [1, 2, 4] {
          cases.append(
            convolution(
              "\(kernel)x\(kernel) stride \(stride) \(border)", [1, 3, 13, 15],
              [4, 3, kernel, kernel], stride: stride, padding: kernel / 2, border: border))
        }
      }
    }
    return cases
  }

  private static let transposedConvolutions: [GoldenCase] = [
    GoldenCase(
      "transposed convolution",
      [
        Input(name: "x", shape: [1, 5, 6, 7]), Input(name: "weights", shape: [5, 3, 4, 4]),
        Input(name: "bias", shape: [3]),
      ]
    ) { try $0.convolveTransposed($1[0], weights: $1[1], bias: $1[2], stride: 2, padding: 1) },
    GoldenCase(
      "transposed convolution of two",
      [
        Input(name: "x", shape: [2, 18, 6, 5]), Input(name: "weights", shape: [18, 4, 3, 3]),
        Input(name: "bias", shape: [4]),
      ]
    ) { try $0.convolveTransposed($1[0], weights: $1[1], bias: $1[2]) },
  ]

  private static func normalization(
    _ name: String, _ x: Shape, in range: Range<Double> = -1..<1,
    tolerance: Double = Self.tolerance
  ) -> GoldenCase {
    GoldenCase(
      name,
      [
        Input(name: "x", shape: x, range: range),
        Input(name: "scale", shape: [5], range: 0.5..<1.5),
        Input(name: "shift", shape: [5]),
      ], tolerance: tolerance
    ) { try $0.batchNormalize($1[0], scale: $1[1], shift: $1[2]) }
  }

  private static let normalizations: [GoldenCase] = [
    normalization("batch normalisation", [1, 5, 12, 11]),
    normalization("batch normalisation of two", [2, 5, 3, 4]),
    normalization("batch normalisation far from 0", [1, 5, 6, 7], in: 2..<4),
    GoldenCase(
      "stored batch normalisation",
      [
        Input(name: "x", shape: [2, 5, 6, 7]), Input(name: "scale", shape: [5], range: 0.5..<1.5),
        Input(name: "shift", shape: [5]),
        Input(name: "mean", shape: [5], isDifferentiable: false),
        Input(name: "variance", shape: [5], range: 0.25..<4, isDifferentiable: false),
      ]
    ) {
      try $0.batchNormalize(
        $1[0], scale: $1[1], shift: $1[2], mean: $1[3], variance: $1[4], epsilon: 1e-5)
    },
    GoldenCase("response normalisation of AlexNet", [2, 12, 4, 5], in: -200..<200) {
      try $0.normalizeResponse($1, window: 5, alpha: 1e-4, beta: 0.75, k: 1)
    },
    GoldenCase("response normalisation divided", [1, 7, 4, 5]) {
      try $0.normalizeResponse($1, window: 3, alpha: 0.5, beta: 0.6, k: 2, convention: .divided)
    },
    GoldenCase("response normalisation undivided", [1, 7, 4, 5]) {
      try $0.normalizeResponse($1, window: 5, alpha: 0.5, beta: 0.75, k: 1, convention: .undivided)
    },
  ]

  private static let activations: [GoldenCase] = [
    GoldenCase("leaky ReLU", [1, 3, 9, 11]) { try $0.leakyReLU($1, slope: 0.2) },
    GoldenCase("ReLU", [1, 3, 9, 11], in: -8..<8) { try $0.relu($1) },
    GoldenCase("ELU", [1, 3, 9, 11], in: -8..<8) { try $0.elu($1) },
    GoldenCase("swish", [1, 3, 9, 11], in: -8..<8) { try $0.swish($1) },
    GoldenCase("sigmoid", [1, 3, 9, 11], in: -8..<8) { try $0.sigmoid($1) },
    GoldenCase("tanh", [1, 3, 9, 11], in: -8..<8) { try $0.tanh($1) },
    GoldenCase("clipping", [1, 3, 9, 11], in: -8..<8) { try $0.clip($1, low: -3, high: 4.5) },
  ]

  private static func pooling(
    _ name: String, _ x: Shape, kernel: Int, stride: Int, padding: Int = 0,
    rounding: PoolingRounding = .floor
  ) -> [GoldenCase] {
    [
      GoldenCase("maximum pooling \(name)", x) {
        try $0.maxPool($1, kernel: kernel, stride: stride, padding: padding, rounding: rounding)
      },
      GoldenCase("average pooling \(name)", x) {
        try $0.averagePool($1, kernel: kernel, stride: stride, padding: padding, rounding: rounding)
      },
    ]
  }

  private static var poolings: [GoldenCase] {
    pooling("2 stride 2", [1, 2, 6, 8], kernel: 2, stride: 2)
      + pooling("2 stride 2 odd", [1, 2, 7, 9], kernel: 2, stride: 2)
      + pooling("3 stride 2", [2, 2, 8, 9], kernel: 3, stride: 2)
      + pooling("3 stride 2 ceiling", [1, 2, 8, 10], kernel: 3, stride: 2, rounding: .ceiling)
      + pooling("3 stride 1 padded", [1, 2, 5, 6], kernel: 3, stride: 1, padding: 1)
      + pooling(
        "3 stride 2 padded ceiling", [1, 2, 7, 8], kernel: 3, stride: 2, padding: 1,
        rounding: .ceiling)
      + pooling(
        "2 stride 3 padded ceiling", [1, 2, 6, 8], kernel: 2, stride: 3, padding: 1,
        rounding: .ceiling)
      + [
        GoldenCase("average pooling without padding", [1, 2, 7, 8]) {
          try $0.averagePool($1, kernel: 3, stride: 2, padding: 1, countsPadding: false)
        },
        GoldenCase("global average pooling", [2, 3, 7, 5]) { try $0.globalAveragePool($1) },
      ]
  }

  private static let classifiers: [GoldenCase] = [
    GoldenCase(
      "fully connected",
      [
        Input(name: "x", shape: [2, 3, 4, 5]), Input(name: "weights", shape: [7, 60]),
        Input(name: "bias", shape: [7]),
      ]
    ) { try $0.fullyConnect($1[0], weights: $1[1], bias: $1[2]) },
    GoldenCase(
      "fully connected large",
      [Input(name: "x", shape: [1, 24, 6, 6]), Input(name: "weights", shape: [600, 864])]
    ) { try $0.fullyConnect($1[0], weights: $1[1]) },
    GoldenCase("softmax", [2, 10, 3, 4], in: -8..<8) { try $0.softmax($1) },
    GoldenCase("softmax of classes", [1, 1000, 1, 1], in: -4..<4) { try $0.softmax($1) },
    GoldenCase("log-softmax", [2, 10, 3, 4], in: -8..<8) { try $0.logSoftmax($1) },
    GoldenCase("log-softmax of classes", [1, 1000, 1, 1], in: -4..<4) { try $0.logSoftmax($1) },
  ]
}
