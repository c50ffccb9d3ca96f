import Foundation

extension Classifier {
  /// Reads an ONNX model: its graph becomes the network, whose layers are named as the values in it, and
  /// its weights stay in the file, or beside it, until a graph is built.
  ///
  /// The model takes one square picture of three channels and gives a score of each class; where its last
  /// operation is no softmax, one is added. It does not say what is done to pictures before: torchvision's
  /// preprocessing is assumed, Caffe's where its converter wrote the file, or `reading` tells.
  ///
  /// - Throws: ``WeightFileError`` where the file is damaged, or has an operation that is not supported,
  ///   with the name of its node.
  public init(
    onnxAt path: String, reading: WeightReading = WeightReading()
  ) throws(WeightFileError) {
    let archive = try ONNXArchive(FileHead(of: path))
    let network = try ONNXNetwork(archive)
    try self.init(
      Architecture(network),
      weights: WeightFile(archive, layout: network.layout, index: EntryIndex(archive.entries)),
      reading: reading)
  }
}

extension Architecture {
  fileprivate init(_ network: ONNXNetwork) {
    let url = URL(filePath: network.archive.path)
    let classes = network.layers.last { layer in
      switch layer.operation {
      case .convolution, .fullyConnected: true
      default: false
      }
    }
    let count: Int? =
      switch classes?.operation {
      case .convolution(let window): window.channels
      case .fullyConnected(let channels, _): channels
      default: nil
      }
    let isCaffe = network.archive.model.producer.lowercased().contains("caffe")
    self.init(
      name: url.deletingPathExtension().lastPathComponent, title: url.lastPathComponent,
      inputSize: network.inputSize, preprocessing: isCaffe ? .squeezeNet : .torchvision,
      labels: count == 1000 ? .imageNet : .numbered(count: count ?? 0), layers: network.layers)
  }
}
