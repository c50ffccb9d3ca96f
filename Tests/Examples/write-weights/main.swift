import Engine
import PretrainedNets

let kernels = Tensor([8, 3, 5, 5], repeating: 0.01)
let bias = Tensor([8], repeating: 0)
try WeightFile.write(
  ["conv1": LayerWeights(weight: kernels, bias: bias)], as: .half, to: "weights.h5")
