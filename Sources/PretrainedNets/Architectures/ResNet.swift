/// Residual networks (He, Zhang, Ren and Sun, CVPR 2016, arXiv 1512.03385), as torchvision defines them:
/// a bottleneck has its stride in the 3×3 convolution (version 1.5).
extension Architecture {
  public static let resNet18 = resNet(
    name: "resnet18", title: "ResNet-18", depths: [2, 2, 2, 2], hasBottlenecks: false)
  public static let resNet50 = resNet(
    name: "resnet50", title: "ResNet-50", depths: [3, 4, 6, 3], hasBottlenecks: true)

  private static func resNet(
    name: String, title: String, depths: [Int], hasBottlenecks: Bool
  ) -> Architecture {
    Architecture(name: name, title: title, inputSize: 224, preprocessing: .torchvision) { net in
      net.convolve("conv1", 64, kernel: 7, stride: 2, padding: 3, hasBias: false)
      net.normalize("bn1")
      net.relu("relu")
      net.maxPool("maxpool", kernel: 3, stride: 2, padding: 1, rounding: .floor)
      for (index, (depth, channels)) in zip(depths, [64, 128, 256, 512]).enumerated() {
        for block in 0..<depth {
          let stride = index > 0 && block == 0 ? 2 : 1
          net.residualBlock(
            "layer\(index + 1).\(block)", channels, stride: stride,
            hasBottleneck: hasBottlenecks,
            isProjected: block == 0 && (index > 0 || hasBottlenecks),
            aliases: block == depth - 1 ? ["layer\(index + 1)"] : [])
        }
      }
      net.globalAveragePool("avgpool")
      net.fullyConnect("fc", 1000)
      net.softmax("softmax")
    }
  }
}

extension LayerTable {
  fileprivate mutating func normalize(_ name: String) { batchNormalize(name, epsilon: 1e-5) }

  /// Two 3×3 convolutions, or a 3×3 between two 1×1, the last of which widens four times; and their sum
  /// with the input, which is projected where its shape differs.
  ///
  /// As PyTorch's modules go, the block's name is that of its rectified output.
  fileprivate mutating func residualBlock(
    _ name: String, _ channels: Int, stride: Int, hasBottleneck: Bool, isProjected: Bool,
    aliases: [String]
  ) {
    let input = last
    let width = hasBottleneck ? 4 * channels : channels
    func unit(_ i: Int, _ channels: Int, kernel: Int, stride: Int = 1) {
      convolve(
        "\(name).conv\(i)", channels, kernel: kernel, stride: stride, padding: kernel / 2,
        hasBias: false)
      normalize("\(name).bn\(i)")
    }
    if hasBottleneck {
      unit(1, channels, kernel: 1)
      relu("\(name).relu1")
      unit(2, channels, kernel: 3, stride: stride)
      relu("\(name).relu2")
      unit(3, width, kernel: 1)
    } else {
      unit(1, channels, kernel: 3, stride: stride)
      relu("\(name).relu1")
      unit(2, width, kernel: 3)
    }
    let branch = last
    if isProjected {
      convolve(
        "\(name).downsample.0", width, kernel: 1, stride: stride, hasBias: false, from: input)
      normalize("\(name).downsample.1")
    }
    addUp("\(name).add", branch, isProjected ? last : input)
    relu(name, aliases: aliases)
  }
}
