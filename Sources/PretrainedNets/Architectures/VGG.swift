/// The networks of 16 and of 19 weighted layers of Simonyan and Zisserman (ICLR 2015, arXiv
/// 1409.1556, configurations D and E).
extension Architecture {
  public static let vgg16 = vgg(name: "vgg16", title: "VGG-16", depths: [2, 2, 3, 3, 3])
  public static let vgg19 = vgg(name: "vgg19", title: "VGG-19", depths: [2, 2, 4, 4, 4])

  private static func vgg(name: String, title: String, depths: [Int]) -> Architecture {
    Architecture(name: name, title: title, inputSize: 224, preprocessing: .vgg) { net in
      for (block, (depth, channels)) in zip(depths, [64, 128, 256, 512, 512]).enumerated() {
        let b = block + 1
        for i in 1...depth {
          net.convolve(
            "conv\(b)_\(i)", channels, kernel: 3, padding: 1, aliases: ["block\(b)_conv\(i)"])
          net.relu("relu\(b)_\(i)")
        }
        net.maxPool("pool\(b)", kernel: 2, stride: 2, rounding: .ceiling)
      }
      net.fullyConnect("fc6", 4096, aliases: ["fc1"])
      net.relu("relu6")
      net.fullyConnect("fc7", 4096, aliases: ["fc2"])
      net.relu("relu7")
      net.fullyConnect("fc8", 1000, aliases: ["predictions"])
      net.softmax("prob")
    }
  }
}
