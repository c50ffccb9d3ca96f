/// The networks of Krizhevsky, Sutskever and Hinton (NIPS 2012) as Caffe defines them, and the later one
/// (arXiv 1404.5997) as torchvision does.
extension Architecture {
  /// Caffe's BVLC AlexNet: normalised, then pooled.
  public static let alexNet = Architecture(
    name: "alexnet", title: "AlexNet (Caffe)", inputSize: 227, preprocessing: .caffeNet
  ) { net in
    net.convolve("conv1", 96, kernel: 11, stride: 4)
    net.relu("relu1")
    net.normalizeResponse("norm1")
    net.maxPool("pool1", kernel: 3, stride: 2)
    net.convolve("conv2", 256, kernel: 5, padding: 2, groups: 2)
    net.relu("relu2")
    net.normalizeResponse("norm2")
    net.maxPool("pool2", kernel: 3, stride: 2)
    net.deepLayers()
  }

  /// Caffe's reference network: pooled, then normalised.
  ///
  /// heuritech's convnets-keras calls it AlexNet and gives it R, G, B and the paper's normalisation.
  public static let caffeNet = Architecture(
    name: "caffenet", title: "CaffeNet", inputSize: 227, preprocessing: .caffeNet
  ) { net in
    net.convolve("conv1", 96, kernel: 11, stride: 4, aliases: ["conv_1"])
    net.relu("relu1")
    net.maxPool("pool1", kernel: 3, stride: 2)
    net.normalizeResponse("norm1")
    net.convolve("conv2", 256, kernel: 5, padding: 2, groups: 2, aliases: ["conv_2"])
    net.relu("relu2")
    net.maxPool("pool2", kernel: 3, stride: 2)
    net.normalizeResponse("norm2")
    net.deepLayers(convolutions: "conv_", dense: "dense_")
  }.ported(to: .convnetsKeras) { port in
    port.preprocessing = .convnetsKeras
    port.changeLayers { layer in
      guard case .responseNormalization(var rule) = layer.operation else { return }
      (rule.k, rule.convention) = (2, .undivided)
      layer.operation = .responseNormalization(rule)
    }
  }

  /// torchvision's AlexNet: one tower, without normalisation.
  public static let alexNetTorchvision = Architecture(
    name: "alexnet_torchvision", title: "AlexNet (torchvision)", inputSize: 224,
    preprocessing: .torchvision
  ) { net in
    net.convolve("features.0", 64, kernel: 11, stride: 4, padding: 2, aliases: ["conv1"])
    net.relu("features.1", aliases: ["relu1"])
    net.maxPool("features.2", kernel: 3, stride: 2, rounding: .floor, aliases: ["pool1"])
    net.convolve("features.3", 192, kernel: 5, padding: 2, aliases: ["conv2"])
    net.relu("features.4", aliases: ["relu2"])
    net.maxPool("features.5", kernel: 3, stride: 2, rounding: .floor, aliases: ["pool2"])
    net.convolve("features.6", 384, kernel: 3, padding: 1, aliases: ["conv3"])
    net.relu("features.7", aliases: ["relu3"])
    net.convolve("features.8", 256, kernel: 3, padding: 1, aliases: ["conv4"])
    net.relu("features.9", aliases: ["relu4"])
    net.convolve("features.10", 256, kernel: 3, padding: 1, aliases: ["conv5"])
    net.relu("features.11", aliases: ["relu5"])
    net.maxPool("features.12", kernel: 3, stride: 2, rounding: .floor, aliases: ["pool5"])
    net.dropout("classifier.0", aliases: ["drop6"])
    net.fullyConnect("classifier.1", 4096, aliases: ["fc6"])
    net.relu("classifier.2", aliases: ["relu6"])
    net.dropout("classifier.3", aliases: ["drop7"])
    net.fullyConnect("classifier.4", 4096, aliases: ["fc7"])
    net.relu("classifier.5", aliases: ["relu7"])
    net.fullyConnect("classifier.6", 1000, aliases: ["fc8"])
    net.softmax("softmax")
  }
}

extension LayerTable {
  /// What AlexNet and CaffeNet have in common: all from the third convolution on. Other files may count
  /// convolutions and dense layers after these words.
  fileprivate mutating func deepLayers(convolutions: String? = nil, dense: String? = nil) {
    func counted(_ word: String?, _ number: Int) -> [String] {
      word.map { ["\($0)\(number)"] } ?? []
    }
    convolve("conv3", 384, kernel: 3, padding: 1, aliases: counted(convolutions, 3))
    relu("relu3")
    convolve("conv4", 384, kernel: 3, padding: 1, groups: 2, aliases: counted(convolutions, 4))
    relu("relu4")
    convolve("conv5", 256, kernel: 3, padding: 1, groups: 2, aliases: counted(convolutions, 5))
    relu("relu5")
    maxPool("pool5", kernel: 3, stride: 2)
    fullyConnect("fc6", 4096, aliases: counted(dense, 1))
    relu("relu6")
    dropout("drop6")
    fullyConnect("fc7", 4096, aliases: counted(dense, 2))
    relu("relu7")
    dropout("drop7")
    fullyConnect("fc8", 1000, aliases: counted(dense, 3))
    softmax("prob")
  }
}
