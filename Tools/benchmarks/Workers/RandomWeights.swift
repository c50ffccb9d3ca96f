import Engine
import PretrainedNets

extension Architecture {
  /// Writes a file of weights as Caffe lays it out, as deep as the layer: normal numbers of variance
  /// 2 / fan-in, which keep activations alive through any depth, and biases of zero.
  func writeRandomWeights(
    to path: String, upTo layer: String, random: inout RandomSource
  ) throws {
    guard let last = layers.firstIndex(where: { $0.name == layer }) else {
      preconditionFailure("\(name) has no layer \(layer)")
    }
    let needed = Set(layers[...last].map(\.name))
    var weights: [String: LayerWeights] = [:]
    for own in weightedLayers where needed.contains(own.name) {
      let inputs = own.shape.count / own.shape[0]
      let weight = random.normal(
        own.shape, standardDeviation: (2 / Float(inputs)).squareRoot())
      weights[own.name] = LayerWeights([.weight: weight, .bias: Tensor([own.shape[0]])])
    }
    try WeightFile.write(weights, as: .single, to: path)
  }
}
