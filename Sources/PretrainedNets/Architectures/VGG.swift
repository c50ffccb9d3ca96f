/// The networks of 16 and of 19 weighted layers of Simonyan and Zisserman (ICLR 2015, arXiv
/// 1409.1556, configurations D and E).
extension Architecture {
  public static let vgg16 = vgg(name: "vgg16", title: "VGG-16", depths: [2, 2, 3, 3, 3])
  public static let vgg19 = vgg(name: "vgg19", title: "VGG-19", depths: [2, 2, 4, 4, 4])

  /// torchvision trained the same layers anew, and numbers them.
  private static func vgg(name: String, title: String, depths: [Int]) -> Architecture {
    Architecture(name: name, title: title, inputSize: 224, preprocessing: .vgg) { net in
      var number = 0
      func feature() -> String {
        defer { number += 1 }
        return "features.\(number)"
      }
      for (block, (depth, channels)) in zip(depths, [64, 128, 256, 512, 512]).enumerated() {
        let b = block + 1
        for i in 1...depth {
          net.convolve(
            "conv\(b)_\(i)", channels, kernel: 3, padding: 1,
            aliases: ["block\(b)_conv\(i)", feature()])
          net.relu("relu\(b)_\(i)", aliases: [feature()])
        }
        net.maxPool("pool\(b)", kernel: 2, stride: 2, aliases: [feature()])
      }
      net.fullyConnect("fc6", 4096, aliases: ["fc1", "classifier.0"])
      net.relu("relu6", aliases: ["classifier.1"])
      net.dropout("drop6", aliases: ["classifier.2"])
      net.fullyConnect("fc7", 4096, aliases: ["fc2", "classifier.3"])
      net.relu("relu7", aliases: ["classifier.4"])
      net.dropout("drop7", aliases: ["classifier.5"])
      net.fullyConnect("fc8", 1000, aliases: ["predictions", "classifier.6"])
      net.softmax("prob")
    }.ported(to: .torch) { $0.preprocessing = .torchvision }
  }
}
