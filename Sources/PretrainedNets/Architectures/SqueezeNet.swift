/// SqueezeNet (Iandola et al., 2016, arXiv 1602.07360), as its authors' Caffe models define it.
extension Architecture {
  public static let squeezeNet1_0 = Architecture(
    name: "squeezenet1_0", title: "SqueezeNet 1.0", inputSize: 227, preprocessing: .squeezeNet
  ) { net in
    net.convolve("conv1", 96, kernel: 7, stride: 2)
    net.relu("relu_conv1")
    net.maxPool("pool1", kernel: 3, stride: 2, rounding: .ceiling)
    net.fire("fire2", squeeze: 16, expand: 64)
    net.fire("fire3", squeeze: 16, expand: 64)
    net.fire("fire4", squeeze: 32, expand: 128)
    net.maxPool("pool4", kernel: 3, stride: 2, rounding: .ceiling)
    net.fire("fire5", squeeze: 32, expand: 128)
    net.fire("fire6", squeeze: 48, expand: 192)
    net.fire("fire7", squeeze: 48, expand: 192)
    net.fire("fire8", squeeze: 64, expand: 256)
    net.maxPool("pool8", kernel: 3, stride: 2, rounding: .ceiling)
    net.fire("fire9", squeeze: 64, expand: 256)
    net.classify(padding: 1)
  }

  public static let squeezeNet1_1 = Architecture(
    name: "squeezenet1_1", title: "SqueezeNet 1.1", inputSize: 227, preprocessing: .squeezeNet
  ) { net in
    net.convolve("conv1", 64, kernel: 3, stride: 2)
    net.relu("relu_conv1")
    net.maxPool("pool1", kernel: 3, stride: 2, rounding: .ceiling)
    net.fire("fire2", squeeze: 16, expand: 64)
    net.fire("fire3", squeeze: 16, expand: 64)
    net.maxPool("pool3", kernel: 3, stride: 2, rounding: .ceiling)
    net.fire("fire4", squeeze: 32, expand: 128)
    net.fire("fire5", squeeze: 32, expand: 128)
    net.maxPool("pool5", kernel: 3, stride: 2, rounding: .ceiling)
    net.fire("fire6", squeeze: 48, expand: 192)
    net.fire("fire7", squeeze: 48, expand: 192)
    net.fire("fire8", squeeze: 64, expand: 256)
    net.fire("fire9", squeeze: 64, expand: 256)
    net.classify(padding: 0)
  }
}

extension LayerTable {
  /// A squeeze by 1×1 kernels, and its expansion by 1×1 and 3×3 kernels side by side.
  fileprivate mutating func fire(_ name: String, squeeze: Int, expand: Int) {
    convolve("\(name)/squeeze1x1", squeeze, kernel: 1)
    relu("\(name)/relu_squeeze1x1")
    convolve("\(name)/expand1x1", expand, kernel: 1)
    relu("\(name)/relu_expand1x1")
    convolve(
      "\(name)/expand3x3", expand, kernel: 3, padding: 1, from: "\(name)/relu_squeeze1x1")
    relu("\(name)/relu_expand3x3")
    concatenate("\(name)/concat", ["\(name)/relu_expand1x1", "\(name)/relu_expand3x3"])
  }

  /// The convolution that stands in for a dense layer; version 1.0 pads it.
  fileprivate mutating func classify(padding: Int) {
    convolve("conv10", 1000, kernel: 1, padding: padding)
    relu("relu_conv10")
    globalAveragePool("pool10")
    softmax("prob")
  }
}
