import Engine

/// Where the numbers of a tensor lie in a protobuf file, or in one beside it.
struct ProtobufTensor: Sendable {
  var entry: WeightFile.Entry
  /// The file of the numbers.
  var file: String
  var places: [SkeletonPlace]
  /// Whether integers are written in as many bytes as they need, and halves as integers of their bits.
  var areVarints = false

  /// The place of numbers that lie side by side, each in as many bytes as its type has.
  private var plain: RawTensor? {
    guard places.count == 1, places[0].packed, !areVarints else { return nil }
    return RawTensor(offset: places[0].offset, extents: entry.extents, type: entry.type)
  }

  /// Checks the shape against the bytes that there are, which bounds what is read.
  ///
  /// - Throws: ``WeightFileError``, which speaks of the model.
  func check(in model: String) throws(WeightFileError) {
    func damaged(_ reason: String) -> WeightFileError {
      .corrupt(file: model, inside: entry.path, reason: reason)
    }
    let limits = WeightFile.Limits.self
    guard entry.path.utf8.count <= limits.nameBytes, entry.extents.count <= limits.depth else {
      throw .refused(
        file: model, inside: "a tensor",
        reason: "its name is longer than \(limits.nameBytes) bytes, or it has more than "
          + "\(limits.depth) axes")
    }
    let raw = RawTensor(offset: 0, extents: entry.extents, type: entry.type)
    guard let needed = raw.byteCount, let count = raw.count else {
      throw damaged("the shape \(entry.extents) is none of a tensor")
    }
    var found = 0
    for place in places { found += Int(clamping: place.length) }
    let isWhole = areVarints ? found >= count : plain != nil ? found == needed : found >= needed
    guard isWhole else {
      throw damaged("\(found) bytes of numbers for the shape \(entry.extents) of \(entry.type)")
    }
  }

  /// Reads the tensor, or some of its rows.
  ///
  /// - Throws: ``WeightFileError`` where the numbers are not all there.
  func read(rows: Range<Int>? = nil) throws(WeightFileError) -> Tensor {
    if let plain {
      return try RawFile(at: file).tensor(rows.map(plain.rows) ?? plain, inside: entry.path)
    }
    let whole = try readSingly()
    guard let rows else { return whole }
    let size = whole.shape.count / whole.shape[0]
    return Tensor(
      Shape([rows.count] + whole.shape.extents.dropFirst()),
      whole.withUnsafeElements { Array($0[rows.lowerBound * size..<rows.upperBound * size]) })
  }

  /// Reads number after number.
  private func readSingly() throws(WeightFileError) -> Tensor {
    var cursor = WireCursor(try RawFile(at: file))
    return try Tensor(Shape(entry.extents)) { (elements) throws(WeightFileError) in
      var index = 0
      for place in places {
        cursor.move(to: place.offset)
        while cursor.position < place.offset + place.length {
          guard index < elements.count else { throw miscounted }
          if !place.packed { _ = try cursor.tag() }
          elements[index] = try number(&cursor)
          index += 1
        }
      }
      guard index == elements.count else { throw miscounted }
    }
  }

  private var miscounted: WeightFileError {
    .corrupt(
      file: file, inside: entry.path,
      reason: "another number of numbers than the shape \(entry.extents) has")
  }

  private func number(_ cursor: inout WireCursor) throws(WeightFileError) -> Float {
    switch entry.type {
    case .floatingPoint(bits: 64): return Float(Double(bitPattern: try cursor.fixed64()))
    case .floatingPoint(bits: 32): return Float(bitPattern: try cursor.fixed32())
    case .floatingPoint: return Float(halfBits: UInt16(truncatingIfNeeded: try cursor.varint()))
    case .brainFloat:
      return Float(bitPattern: UInt32(truncatingIfNeeded: try cursor.varint()) << 16)
    case .unsigned, .other: return Float(try cursor.varint())
    case .signed: return Float(Int64(bitPattern: try cursor.varint()))
    }
  }
}

/// A protobuf file's tensors by their names.
protocol ProtobufArchive: TensorArchive {
  var stored: [String: ProtobufTensor] { get }
}

extension ProtobufArchive {
  var entries: [WeightFile.Entry] { stored.values.map(\.entry).sorted { $0.path < $1.path } }

  func tensors(at paths: [String]) throws(WeightFileError) -> [Tensor] {
    var tensors: [Tensor] = []
    for path in paths { tensors.append(try tensor(at: path).read()) }
    return tensors
  }

  func rows(_ rows: Range<Int>, ofTensorAt path: String) throws(WeightFileError) -> Tensor {
    try tensor(at: path).read(rows: rows)
  }

  private func tensor(at path: String) throws(WeightFileError) -> ProtobufTensor {
    guard let tensor = stored[path] else { throw .noTensor(file: self.path, inside: path) }
    return tensor
  }
}
