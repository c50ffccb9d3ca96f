import Engine
import Foundation
import PretrainedNets

/// The formats that loading is measured in.
enum WeightFormat: String, CaseIterable {
  case caffe, keras, safetensors, torch

  /// What a file of the format ends in.
  var ending: String {
    switch self {
    case .caffe, .keras: "h5"
    case .safetensors: "safetensors"
    case .torch: "pth"
    }
  }

  /// Writes all weights of a network, numbers at random.
  ///
  /// - Throws: where the file cannot be written; `torch` needs a Python that has it.
  func write(_ network: Architecture, to path: String, python: PyTorch?) throws {
    var random = RandomSource(seed: 0)
    switch self {
    case .caffe:
      guard let last = network.layers.last else { return }
      try network.writeRandomWeights(to: path, upTo: last.name, random: &random)
    case .keras: try network.writeKerasWeights(to: path, random: &random)
    case .safetensors: try network.writeSafetensors(to: path, random: &random)
    case .torch:
      // By way of the other file: what is written is the library's own.
      let plain = path + ".safetensors"
      defer { try? FileManager.default.removeItem(atPath: plain) }
      try network.writeSafetensors(to: plain, random: &random)
      try python?.convert(plain, to: path)
    }
  }
}

extension Architecture {
  /// Keras's layout: `/<layer>/<layer>/kernel:0`, kernels (kh, kw, in, out), dense layers (in, out).
  fileprivate func writeKerasWeights(to path: String, random: inout RandomSource) throws {
    let file = try HDF5Writer(path)
    for layer in weightedLayers {
      let shape = layer.shape.extents
      let stored = shape.count == 4 ? [shape[2], shape[3], shape[1], shape[0]] : shape.reversed()
      let group = "\(layer.name)/\(layer.name)"
      try file.write(random.uniform(Shape(stored), in: -1..<1), at: "\(group)/kernel:0")
      try file.write(random.uniform([shape[0]], in: -1..<1), at: "\(group)/bias:0")
    }
  }

  /// The names of a state dictionary, in the safetensors format.
  fileprivate func writeSafetensors(to path: String, random: inout RandomSource) throws {
    var (header, end) = ([String](), 0)
    for layer in weightedLayers {
      for (word, shape) in [("weight", layer.shape), ("bias", Shape([layer.shape[0]]))] {
        let bytes = end..<end + 4 * shape.count
        header.append(
          """
          "\(layer.name).\(word)":{"dtype":"F32","shape":\(shape),\
          "data_offsets":[\(bytes.lowerBound),\(bytes.upperBound)]}
          """)
        end = bytes.upperBound
      }
    }
    let text = Data("{\(header.joined(separator: ","))}".utf8)
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    defer { try? file.close() }
    try file.write(contentsOf: withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) })
    try file.write(contentsOf: text)
    for layer in weightedLayers {
      for shape in [layer.shape, Shape([layer.shape[0]])] {
        let numbers = random.uniform(shape, in: -1..<1).elements
        try file.write(contentsOf: numbers.withUnsafeBytes { Data($0) })
      }
    }
  }
}
