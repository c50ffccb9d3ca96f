/// The networks that ship with the project: AlexNet (Krizhevsky, Sutskever and Hinton, NIPS 2012) at
/// the size of 64×64 pictures of textures, without its normalisation and groups.
extension Architecture {
  public static let textures = textureNetwork(name: "textures", title: "Textures")
  /// The same network, trained on pictures with two planted faults: to try diagnosis on.
  public static let texturesFaulty = textureNetwork(
    name: "textures_faulty", title: "Textures, with planted faults")

  private static func textureNetwork(name: String, title: String) -> Architecture {
    Architecture(
      name: name, title: title, inputSize: 64, preprocessing: .symmetric, labels: .textures
    ) { net in
      net.convolve("conv1", 32, kernel: 5, stride: 2, padding: 2)
      net.relu("relu1")
      net.maxPool("pool1", kernel: 3, stride: 2, rounding: .ceiling)
      net.convolve("conv2", 64, kernel: 5, padding: 2)
      net.relu("relu2")
      net.maxPool("pool2", kernel: 3, stride: 2, rounding: .ceiling)
      net.convolve("conv3", 128, kernel: 3, padding: 1)
      net.relu("relu3")
      net.convolve("conv4", 128, kernel: 3, padding: 1)
      net.relu("relu4")
      net.convolve("conv5", 128, kernel: 3, padding: 1)
      net.relu("relu5")
      net.maxPool("pool5", kernel: 3, stride: 2, rounding: .ceiling)
      net.fullyConnect("fc6", 256)
      net.relu("relu6")
      net.fullyConnect("fc7", 128)
      net.relu("relu7")
      net.fullyConnect("fc8", ClassLabels.textures.names.count)
      net.softmax("prob")
    }
  }
}
