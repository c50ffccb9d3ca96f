import Engine

/// A file of named tensors in one of the formats that weights come in.
///
/// Names, shapes and places are read as the file is opened, numbers when they are asked for.
protocol TensorArchive: Sendable {
  /// Whether a file that begins like this is of the format.
  static func recognizes(_ head: FileHead) -> Bool

  /// Reads the names and shapes.
  ///
  /// - Throws: ``WeightFileError`` where the file is damaged.
  init(_ head: FileHead) throws(WeightFileError)

  /// The path of the file.
  var path: String { get }

  /// The tensors of numbers, none without elements.
  var entries: [WeightFile.Entry] { get }

  /// Reads tensors by their paths inside the file.
  ///
  /// - Throws: ``WeightFileError`` where one is missing, damaged or refused.
  func tensors(at paths: [String]) throws(WeightFileError) -> [Tensor]

  /// Reads some rows of a tensor, counted along its first axis.
  ///
  /// - Throws: as ``tensors(at:)``.
  func rows(_ rows: Range<Int>, ofTensorAt path: String) throws(WeightFileError) -> Tensor

  /// Reads bands of rows of a tensor of two axes, one below the other.
  ///
  /// - Throws: as ``tensors(at:)``.
  func bands(_ bands: RowBands, ofTensorAt path: String) throws(WeightFileError) -> Tensor

  /// The strings of an attribute of the object at a path; `nil` where it has none.
  func strings(ofAttribute name: String, at path: String) throws(WeightFileError) -> [String]?
}

/// Rows of a tensor: as many from each of some starts that are equally far apart.
struct RowBands: Sendable {
  var start: Int
  var height: Int
  var period: Int
  var count: Int
}

extension TensorArchive {
  func bands(_ bands: RowBands, ofTensorAt path: String) throws(WeightFileError) -> Tensor {
    var parts: [Tensor] = []
    for index in 0..<bands.count {
      let start = bands.start + index * bands.period
      parts.append(try rows(start..<start + bands.height, ofTensorAt: path))
    }
    return Tensor(joining: parts)
  }

  func strings(ofAttribute name: String, at path: String) throws(WeightFileError) -> [String]? {
    nil
  }

  func rows(_ rows: Range<Int>, ofTensorAt path: String) throws(WeightFileError) -> Tensor {
    let whole = try tensors(at: [path])[0]
    let size = whole.shape.count / max(1, whole.shape.extents.first ?? 1)
    let part = whole.withUnsafeElements {
      Array($0[rows.lowerBound * size..<rows.upperBound * size])
    }
    return Tensor(Shape([rows.count] + whole.shape.extents.dropFirst()), part)
  }
}

extension WeightFile {
  /// Limits that no file of weights comes near; beyond them a file is taken for hostile.
  enum Limits {
    static let depth = 16
    static let objects = 20_000
    static let nameBytes = 1024
  }
}

/// The formats, in the order in which a file is tried for them: HDF5 is last, because it may begin
/// anywhere.
enum TensorFormats {
  static let all: [any TensorArchive.Type] = [
    SafetensorsArchive.self, TorchArchive.self, ONNXArchive.self, CaffeModelArchive.self,
    HDF5Archive.self,
  ]
}
