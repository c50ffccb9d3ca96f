/// GoogLeNet (Szegedy et al., CVPR 2015, arXiv 1409.4842), as Caffe's BVLC model defines it for use:
/// without the two classifiers that help its training, whose weights files may hold all the same.
extension Architecture {
  public static let googLeNet = Architecture(
    name: "googlenet", title: "GoogLeNet (Caffe)", inputSize: 224, preprocessing: .squeezeNet
  ) { net in
    net.convolve("conv1/7x7_s2", 64, kernel: 7, stride: 2, padding: 3)
    net.relu("conv1/relu_7x7")
    net.maxPool("pool1/3x3_s2", kernel: 3, stride: 2)
    net.normalizeResponse("pool1/norm1")
    net.convolve("conv2/3x3_reduce", 64, kernel: 1)
    net.relu("conv2/relu_3x3_reduce")
    net.convolve("conv2/3x3", 192, kernel: 3, padding: 1)
    net.relu("conv2/relu_3x3")
    net.normalizeResponse("conv2/norm2")
    net.maxPool("pool2/3x3_s2", kernel: 3, stride: 2)
    net.inception("3a", 64, 96, 128, 16, 32, 32)
    net.inception("3b", 128, 128, 192, 32, 96, 64)
    net.maxPool("pool3/3x3_s2", kernel: 3, stride: 2)
    net.inception("4a", 192, 96, 208, 16, 48, 64)
    net.inception("4b", 160, 112, 224, 24, 64, 64)
    net.inception("4c", 128, 128, 256, 24, 64, 64)
    net.inception("4d", 112, 144, 288, 32, 64, 64)
    net.inception("4e", 256, 160, 320, 32, 128, 128)
    net.maxPool("pool4/3x3_s2", kernel: 3, stride: 2)
    net.inception("5a", 256, 160, 320, 32, 128, 128)
    net.inception("5b", 384, 192, 384, 48, 128, 128)
    net.averagePool("pool5/7x7_s1", kernel: 7, stride: 1)
    net.dropout("pool5/drop_7x7_s1")
    net.fullyConnect("loss3/classifier", 1000)
    net.softmax("prob")
  }
}

extension LayerTable {
  /// Four branches side by side, of these numbers of channels as the paper's table has them: 1×1, 3×3
  /// and 5×5 after a reduction each, and a projection of the pooled input.
  fileprivate mutating func inception(
    _ name: String, _ ones: Int, _ threesReduced: Int, _ threes: Int, _ fivesReduced: Int,
    _ fives: Int, _ projected: Int
  ) {
    let input = last
    func layer(_ part: String) -> String { "inception_\(name)/\(part)" }
    convolve(layer("1x1"), ones, kernel: 1, from: input)
    relu(layer("relu_1x1"))
    convolve(layer("3x3_reduce"), threesReduced, kernel: 1, from: input)
    relu(layer("relu_3x3_reduce"))
    convolve(layer("3x3"), threes, kernel: 3, padding: 1)
    relu(layer("relu_3x3"))
    convolve(layer("5x5_reduce"), fivesReduced, kernel: 1, from: input)
    relu(layer("relu_5x5_reduce"))
    convolve(layer("5x5"), fives, kernel: 5, padding: 2)
    relu(layer("relu_5x5"))
    maxPool(layer("pool"), kernel: 3, stride: 1, padding: 1, from: input)
    convolve(layer("pool_proj"), projected, kernel: 1)
    relu(layer("relu_pool_proj"))
    concatenate(
      layer("output"), ["relu_1x1", "relu_3x3", "relu_5x5", "relu_pool_proj"].map(layer))
  }
}
