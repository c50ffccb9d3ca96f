import Engine
import TestSupport

extension GoldenCase {
  static let places: [GoldenCase] =
    joinsAndCuts + spectra + arithmetic + upsamplings + downsamplings

  private static let joinsAndCuts: [GoldenCase] = [
    GoldenCase(
      "concatenation",
      [Input(name: "x", shape: [2, 3, 5, 6]), Input(name: "y", shape: [2, 4, 5, 6])]
    ) { try $0.concatenate($1) },
    GoldenCase(
      "concatenation with cuts",
      [
        Input(name: "x", shape: [1, 3, 8, 7]), Input(name: "y", shape: [1, 2, 5, 10]),
        Input(name: "z", shape: [1, 1, 6, 6]),
      ]
    ) { try $0.concatenate($1) },
    GoldenCase("crop", [2, 3, 7, 9]) { try $0.crop($1, top: 2, left: 1, height: 4, width: 7) },
    GoldenCase("shift", [2, 3, 7, 9]) { graph, x in
      try graph.shift(x, to: graph.constant(Tensor([2], [3, 5])), height: 7, width: 9)
    },
    GoldenCase("similarity larger", [2, 3, 7, 9]) { graph, x in
      try graph.similarity(x, by: graph.constant(Tensor([2], [0.75, -0.5])))
    },
    GoldenCase("similarity smaller", [1, 2, 6, 5]) { graph, x in
      try graph.similarity(x, by: graph.constant(Tensor([2], [1.25, 2])))
    },
    GoldenCase("shift of a part", [1, 3, 7, 9]) { graph, x in
      try graph.shift(x, to: graph.constant(Tensor([2], [5, 6])), height: 4, width: 6)
    },
    GoldenCase("channel flip", [2, 5, 4, 3]) { try $0.flipChannels($1) },
    GoldenCase("padding", [2, 3, 4, 5]) {
      try $0.pad($1, top: 1, left: 2, bottom: 3, right: 0, value: 0.5)
    },
    GoldenCase("selection of channels", [2, 5, 4, 3]) { try $0.select(channels: 1..<3, of: $1) },
    GoldenCase("flattening", [2, 3, 4, 5]) { try $0.flatten($1) },
  ]

  private static let spectra: [GoldenCase] =
    [(6, 8), (7, 8), (6, 9), (5, 7), (1, 4), (48, 50)].map { height, width in
      GoldenCase(
        "inverse Fourier transform to \(height)x\(width)", [2, 3, height, width / 2 + 1]
      ) { try $0.inverseFourier($1, height: height, width: width) }
    } + [GoldenCase("phasor", [1, 3, 5, 4], in: -4..<4) { try $0.phasor($1) }]

  private static let arithmetic: [GoldenCase] = [
    GoldenCase(
      "addition", [Input(name: "x", shape: [2, 3, 4, 5]), Input(name: "y", shape: [2, 3, 4, 5])]
    ) { try $0.add($1[0], $1[1]) },
    GoldenCase(
      "addition of a pixel",
      [Input(name: "x", shape: [2, 3, 4, 5]), Input(name: "y", shape: [2, 3, 1, 1])]
    ) { try $0.add($1[0], $1[1]) },
    product("multiplication", [2, 3, 4, 5]),
    product("multiplication by a channel", [2, 1, 4, 5]),
    product("multiplication by a pixel", [2, 3, 1, 1]),
    GoldenCase("scaling", [2, 3, 4, 5]) { try $0.scale($1, by: 0.375) },
    GoldenCase("affine map", [2, 3, 4, 5]) {
      try $0.affine($1, scale: 1.5, shift: [-0.5, 0.25, 2])
    },
    GoldenCase("mask", [2, 3, 4, 5]) {
      try $0.multiply($1, by: .hashed("mask.mask", [2, 1, 4, 5]))
    },
    GoldenCase("weights", [2, 3, 4, 5]) {
      try $0.multiply($1, by: .hashed("weights.mask", [2, 3, 4, 5]))
    },
  ]

  private static func product(_ name: String, _ y: Shape) -> GoldenCase {
    GoldenCase(
      name, [Input(name: "x", shape: [2, 3, 4, 5]), Input(name: "y", shape: y)]
    ) { try $0.multiply($1[0], by: $1[1]) }
  }

  private static var upsamplings: [GoldenCase] {
    let cases: [(factor: Int, x: Shape)] = [
      (2, [2, 3, 5, 6]), (2, [1, 2, 1, 1]), (3, [1, 2, 5, 4]), (8, [1, 1, 3, 4]),
    ]
    return cases.flatMap { factor, x in
      UpsamplingMethod.allCases.map { method in
        GoldenCase("\(method) by \(factor) of \(x[2])x\(x[3])", x) {
          try $0.upsample($1, factor: factor, method: method)
        }
      }
    }
  }

  private static var downsamplings: [GoldenCase] {
    let cases: [(factor: Int, x: Shape)] = [
      (2, [2, 3, 12, 15]), (3, [1, 2, 18, 16]), (4, [1, 3, 24, 28]),
    ]
    let sizes: [(x: Shape, height: Int, width: Int)] = [
      ([1, 2, 20, 17], 8, 11), ([1, 1, 9, 16], 7, 3), ([1, 1, 6, 7], 6, 7),
    ]
    return DownsamplingFilter.allCases.flatMap { filter in
      cases.map { factor, x in
        GoldenCase("\(filter) by \(factor)", x) {
          try $0.downsample($1, factor: factor, filter: filter)
        }
      }
        + sizes.map { x, height, width in
          GoldenCase("\(filter) to \(height)x\(width)", x) {
            try $0.downsample($1, toHeight: height, width: width, filter: filter)
          }
        }
    }
  }
}
