/// Caffe's `.caffemodel`: a NetParameter, whose blobs are named as in Caffe's HDF5 files.
struct CaffeModelArchive: ProtobufArchive {
  let path: String
  let stored: [String: ProtobufTensor]

  /// The numbers of the blobs of a network's layers, old and new.
  private static let fields: [Int: Skeleton.Field] = {
    let blob = Skeleton.Field.message([5: .numbers, 6: .numbers, 8: .numbers, 9: .numbers])
    return [2: .message([6: blob]), 100: .message([7: blob])]
  }()

  /// Caffe writes the name first, or the layers where there is none.
  static func recognizes(_ head: FileHead) -> Bool {
    head.path.hasSuffix(".caffemodel")
      || head.opensMessage(first: [1, 2, 100], varints: [4, 5, 7], delimited: [1, 2, 3, 8, 100])
        && (head.bytes[0] != 0x0a || head.bytes.dropFirst(2).first.map { $0 >= 0x20 } == true)
  }

  init(_ head: FileHead) throws(WeightFileError) {
    path = head.path
    let network = try Skeleton.decode(CaffeNetwork.self, at: path, fields: Self.fields)
    var stored: [String: ProtobufTensor] = [:]
    let layers =
      network.oldLayers.map { ($0.name, $0.blobs) } + network.layers.map { ($0.name, $0.blobs) }
    for (name, blobs) in layers {
      for (index, blob) in blobs.enumerated() {
        let inside = "/data/\(name)/\(index)"
        let areDoubles = !blob.doubles.isEmpty
        let tensor = ProtobufTensor(
          entry: WeightFile.Entry(
            path: inside, extents: blob.extents,
            type: .floatingPoint(bits: areDoubles ? 64 : 32)),
          file: path, places: areDoubles ? blob.doubles : blob.numbers)
        try tensor.check(in: path)
        if blob.extents.contains(0) { continue }
        guard stored.updateValue(tensor, forKey: inside) == nil else {
          throw .corrupt(file: path, inside: inside, reason: "two layers have this name")
        }
      }
    }
    self.stored = stored
  }
}

extension CaffeBlob {
  fileprivate var extents: [Int] {
    hasShape
      ? shape.extents.map { Int(clamping: $0) } : [num, channels, height, width].map { Int($0) }
  }
}
