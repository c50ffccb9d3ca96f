import Engine
import PretrainedNets
import TestSupport

/// The toy network whose weights `Tools/reference/weight_files.py` writes in several layouts.
enum ToyNetwork {
  static let layers = {
    var squeeze = WeightedLayer(
      "fire2/squeeze1x1", aliases: ["fire2_squeeze1x1"], [2, 4, 1, 1])
    squeeze.ordinal = 1
    return [
      WeightedLayer("conv1_1", aliases: ["block1_conv1"], [4, 3, 3, 3]), squeeze,
      WeightedLayer("fc6", aliases: ["fc1"], [5, 12], flattens: [2, 2, 3]),
    ]
  }()

  /// The layers of the file in the layout of convnets-keras.
  static let groupedLayers = [
    WeightedLayer("conv1", aliases: ["conv_1"], [4, 3, 3, 3]),
    WeightedLayer(
      "conv2", aliases: ["conv_2"], .convolution([4, 2, 3, 3], groups: 2, hasBias: true)),
    WeightedLayer("fc6", aliases: ["dense_1"], [5, 12], flattens: [2, 2, 3]),
  ]

  static let groupedWeights = [
    "conv1": LayerWeights(weight: numbers([4, 3, 3, 3], 1), bias: numbers([4], 2)),
    "conv2": LayerWeights(weight: numbers([4, 2, 3, 3], 3), bias: numbers([4], 4)),
    "fc6": LayerWeights(weight: numbers([5, 12], 5), bias: numbers([5], 6)),
  ]

  /// The weights by the formula in the script.
  static let weights: [String: LayerWeights] = [
    "conv1_1": LayerWeights(weight: numbers([4, 3, 3, 3], 1), bias: numbers([4], 2)),
    "fire2/squeeze1x1": LayerWeights(weight: numbers([2, 4, 1, 1], 3), bias: numbers([2], 4)),
    "fc6": LayerWeights(weight: numbers([5, 12], 5), bias: numbers([5], 6)),
  ]

  static func path(_ name: String) -> String { Fixtures.path("weights/\(name)") }

  static func numbers(_ shape: Shape, _ seed: Int) -> Tensor {
    Tensor(shape, (0..<shape.count).map { Float(($0 * 37 + seed) % 64 - 32) / 64 })
  }
}
