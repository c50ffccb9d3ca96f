internal import CHDF5
import Engine

/// The tensors of an HDF5 file, by their absolute paths in it.
struct HDF5Archive: TensorArchive {
  let path: String
  let entries: [WeightFile.Entry]

  static func recognizes(_ head: FileHead) -> Bool {
    head.bytes.starts(with: FileSignature.hdf5) || HDF5File.isHDF5(at: head.path)
  }

  init(_ head: FileHead) throws(WeightFileError) {
    path = head.path
    entries = try HDF5File.withFile(head) { (file) throws(WeightFileError) in
      try file.datasets().filter { $0.type.isNumber && !$0.extents.contains(0) }
    }
  }

  func tensors(at paths: [String]) throws(WeightFileError) -> [Tensor] {
    try HDF5File.withFile(FileHead(of: path)) { (file) throws(WeightFileError) in
      var tensors: [Tensor] = []
      for inside in paths { tensors.append(try file.tensor(at: inside)) }
      return tensors
    }
  }

  func rows(_ rows: Range<Int>, ofTensorAt inside: String) throws(WeightFileError) -> Tensor {
    try HDF5File.withFile(FileHead(of: path)) { (file) throws(WeightFileError) in
      let bands = RowBands(start: rows.lowerBound, height: rows.count, period: rows.count, count: 1)
      return try file.tensor(at: inside, bands: bands)
    }
  }

  func bands(_ bands: RowBands, ofTensorAt inside: String) throws(WeightFileError) -> Tensor {
    try HDF5File.withFile(FileHead(of: path)) { (file) throws(WeightFileError) in
      try file.tensor(at: inside, bands: bands)
    }
  }

  func strings(
    ofAttribute name: String, at inside: String
  ) throws(WeightFileError) -> [String]? {
    try HDF5File.withFile(FileHead(of: path)) { (file) throws(WeightFileError) in
      try file.strings(ofAttribute: name, at: inside)
    }
  }
}
