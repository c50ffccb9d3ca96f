/// Darknet Tiny (Redmon, 2016, `tiny.cfg` of pjreddie/darknet): 16 convolutions, narrow and wide by turns.
extension Architecture {
  public static let darknetTiny = Architecture(
    name: "darknet_tiny", title: "Darknet Tiny", inputSize: 224, preprocessing: .plain,
    labels: .imageNetInDarknetOrder
  ) { net in
    net.unit(1, 16, kernel: 3)
    net.maxPool("pool1", kernel: 2, stride: 2)
    net.unit(2, 32, kernel: 3)
    net.maxPool("pool2", kernel: 2, stride: 2)
    net.unit(3, 16, kernel: 1)
    net.unit(4, 128, kernel: 3)
    net.unit(5, 16, kernel: 1)
    net.unit(6, 128, kernel: 3)
    net.maxPool("pool6", kernel: 2, stride: 2)
    net.unit(7, 32, kernel: 1)
    net.unit(8, 256, kernel: 3)
    net.unit(9, 32, kernel: 1)
    net.unit(10, 256, kernel: 3)
    net.maxPool("pool10", kernel: 2, stride: 2)
    net.unit(11, 64, kernel: 1)
    net.unit(12, 512, kernel: 3)
    net.unit(13, 64, kernel: 1)
    net.unit(14, 512, kernel: 3)
    net.unit(15, 128, kernel: 1)
    net.convolve("conv16", 1000, kernel: 1)
    net.globalAveragePool("avgpool")
    net.softmax("softmax")
  }
}

extension LayerTable {
  /// A convolution that keeps the picture's size, normalised and leakily rectified.
  fileprivate mutating func unit(_ number: Int, _ channels: Int, kernel: Int) {
    convolve("conv\(number)", channels, kernel: kernel, padding: kernel / 2, hasBias: false)
    batchNormalize("bn\(number)", epsilon: 1e-3)
    leakyReLU("leaky\(number)", slope: 0.1)
  }
}
