/// SqueezeNet (Iandola et al., 2016, arXiv 1602.07360), as its authors' Caffe models define it.
///
/// torchvision trained the same layers anew on pictures of 224×224, and numbers them.
extension Architecture {
  public static let squeezeNet1_0 = Architecture(
    name: "squeezenet1_0", title: "SqueezeNet 1.0", inputSize: 227, preprocessing: .squeezeNet
  ) { net in
    net.convolve("conv1", 96, kernel: 7, stride: 2, aliases: ["features.0"])
    net.relu("relu_conv1", aliases: ["features.1"])
    net.maxPool("pool1", kernel: 3, stride: 2, aliases: ["features.2"])
    net.fire("fire2", squeeze: 16, expand: 64, alias: "features.3")
    net.fire("fire3", squeeze: 16, expand: 64, alias: "features.4")
    net.fire("fire4", squeeze: 32, expand: 128, alias: "features.5")
    net.maxPool("pool4", kernel: 3, stride: 2, aliases: ["features.6"])
    net.fire("fire5", squeeze: 32, expand: 128, alias: "features.7")
    net.fire("fire6", squeeze: 48, expand: 192, alias: "features.8")
    net.fire("fire7", squeeze: 48, expand: 192, alias: "features.9")
    net.fire("fire8", squeeze: 64, expand: 256, alias: "features.10")
    net.maxPool("pool8", kernel: 3, stride: 2, aliases: ["features.11"])
    net.fire("fire9", squeeze: 64, expand: 256, alias: "features.12")
    net.classify(padding: 1)
  }.ported(to: .torch) { port in
    (port.preprocessing, port.inputSize) = (.torchvision, 224)
    port.changeLayers { layer in
      guard layer.name == "conv10", case .convolution(var window) = layer.operation else { return }
      (window.paddingHeight, window.paddingWidth) = (0, 0)
      layer.operation = .convolution(window)
    }
  }

  public static let squeezeNet1_1 = Architecture(
    name: "squeezenet1_1", title: "SqueezeNet 1.1", inputSize: 227, preprocessing: .squeezeNet
  ) { net in
    net.convolve("conv1", 64, kernel: 3, stride: 2, aliases: ["features.0"])
    net.relu("relu_conv1", aliases: ["features.1"])
    net.maxPool("pool1", kernel: 3, stride: 2, aliases: ["features.2"])
    net.fire("fire2", squeeze: 16, expand: 64, alias: "features.3")
    net.fire("fire3", squeeze: 16, expand: 64, alias: "features.4")
    net.maxPool("pool3", kernel: 3, stride: 2, aliases: ["features.5"])
    net.fire("fire4", squeeze: 32, expand: 128, alias: "features.6")
    net.fire("fire5", squeeze: 32, expand: 128, alias: "features.7")
    net.maxPool("pool5", kernel: 3, stride: 2, aliases: ["features.8"])
    net.fire("fire6", squeeze: 48, expand: 192, alias: "features.9")
    net.fire("fire7", squeeze: 48, expand: 192, alias: "features.10")
    net.fire("fire8", squeeze: 64, expand: 256, alias: "features.11")
    net.fire("fire9", squeeze: 64, expand: 256, alias: "features.12")
    net.classify(padding: 0)
  }.ported(to: .torch) { port in
    (port.preprocessing, port.inputSize) = (.torchvision, 224)
  }
}

extension LayerTable {
  /// A squeeze by 1×1 kernels, and its expansion by 1×1 and 3×3 kernels side by side.
  fileprivate mutating func fire(_ name: String, squeeze: Int, expand: Int, alias: String) {
    convolve("\(name)/squeeze1x1", squeeze, kernel: 1, aliases: ["\(alias).squeeze"])
    relu("\(name)/relu_squeeze1x1", aliases: ["\(alias).squeeze_activation"])
    convolve("\(name)/expand1x1", expand, kernel: 1, aliases: ["\(alias).expand1x1"])
    relu("\(name)/relu_expand1x1", aliases: ["\(alias).expand1x1_activation"])
    convolve(
      "\(name)/expand3x3", expand, kernel: 3, padding: 1, from: "\(name)/relu_squeeze1x1",
      aliases: ["\(alias).expand3x3"])
    relu("\(name)/relu_expand3x3", aliases: ["\(alias).expand3x3_activation"])
    concatenate(
      "\(name)/concat", ["\(name)/relu_expand1x1", "\(name)/relu_expand3x3"], aliases: [alias])
  }

  /// The convolution that stands in for a dense layer; version 1.0 pads it.
  fileprivate mutating func classify(padding: Int) {
    dropout("drop9", aliases: ["classifier.0"])
    convolve("conv10", 1000, kernel: 1, padding: padding, aliases: ["classifier.1"])
    relu("relu_conv10", aliases: ["classifier.2"])
    globalAveragePool("pool10", aliases: ["classifier.3"])
    softmax("prob")
  }
}
