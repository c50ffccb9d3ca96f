import Engine
import Foundation
import PretrainedNets

/// The formats that loading is measured in.
enum WeightFormat: String, CaseIterable {
  case caffe, caffemodel, keras, safetensors, torch

  /// What a file of the format ends in.
  var ending: String {
    switch self {
    case .caffe, .keras: "h5"
    case .caffemodel, .safetensors: rawValue
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
    case .caffemodel: try network.writeCaffeModel(to: path, random: &random)
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
    var tensors: [(path: String, tensor: Tensor)] = []
    for layer in weightedLayers {
      let shape = layer.shape.extents
      let stored = shape.count == 4 ? [shape[2], shape[3], shape[1], shape[0]] : shape.reversed()
      let group = "/\(layer.name)/\(layer.name)"
      tensors.append(("\(group)/kernel:0", random.uniform(Shape(stored), in: -1..<1)))
      tensors.append(("\(group)/bias:0", random.uniform([shape[0]], in: -1..<1)))
    }
    try WeightFile.write(tensors: tensors, as: .single, to: path)
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
    let file = try newFile(at: path)
    defer { try? file.close() }
    try file.write(contentsOf: withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) })
    try file.write(contentsOf: text)
    for layer in weightedLayers {
      for shape in [layer.shape, Shape([layer.shape[0]])] {
        try file.write(contentsOf: random.bytes(shape))
      }
    }
  }

  /// A NetParameter of layers, each with its blobs.
  fileprivate func writeCaffeModel(to path: String, random: inout RandomSource) throws {
    let file = try newFile(at: path)
    defer { try? file.close() }
    for layer in weightedLayers {
      var blobs = Data()
      for shape in [layer.shape, Shape([layer.shape[0]])] {
        let extents = shape.extents.reduce(into: Data()) { $0.append(varint: $1) }
        var blob = Data()
        blob.append(field: 7, Data(field: 1, extents))
        blob.append(field: 5, random.bytes(shape))
        blobs.append(field: 7, blob)
      }
      try file.write(
        contentsOf: Data(field: 100, Data(field: 1, Data(layer.name.utf8)) + blobs))
    }
  }

  private func newFile(at path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try FileHandle(forWritingTo: URL(filePath: path))
  }
}

extension RandomSource {
  fileprivate mutating func bytes(_ shape: Shape) -> Data {
    uniform(shape, in: -1..<1).elements.withUnsafeBytes { Data($0) }
  }
}

// Protocol buffers' wire format: a number seven bits a byte, a field as its number, type and length.
extension Data {
  fileprivate init(field: Int, _ content: Data) {
    self.init()
    append(field: field, content)
  }

  fileprivate mutating func append(field: Int, _ content: Data) {
    append(varint: field << 3 | 2)
    append(varint: content.count)
    append(content)
  }

  fileprivate mutating func append(varint number: Int) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(rest & 0x7f | 0x80))
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
