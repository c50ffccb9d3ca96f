import Engine

/// A safetensors file: the length of a header in eight bytes, the header in JSON, and the numbers of
/// the tensors without holes, little-endian.
///
/// The format is that of the `safetensors` library, whose rules are all checked.
struct SafetensorsArchive: TensorArchive {
  let path: String
  let entries: [WeightFile.Entry]
  private let places: [String: RawTensor]

  /// A header of that many bytes describes some hundred thousand tensors.
  private static let headerLimit = 1 << 24

  static func recognizes(_ head: FileHead) -> Bool {
    // The length's upper bytes are zero where it makes sense; text is no length.
    guard head.bytes.count > 8, head.bytes[8] == UInt8(ascii: "{") else { return false }
    return head.bytes.prefix(8).contains { $0 < 0x09 || $0 >= 0x7f }
  }

  init(_ head: FileHead) throws(WeightFileError) {
    path = head.path
    let file = try RawFile(head)
    let length = head.bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    guard length <= Self.headerLimit else {
      throw .refused(
        file: path, inside: "its header",
        reason: "\(length) bytes long, of which \(Self.headerLimit) at most are read")
    }
    guard file.contains(offset: 8, count: Int(length)) else {
      throw .truncated(file: path, expected: 8 + length, found: file.length)
    }
    let json = try file.bytes(Int(length), at: 8, inside: "its header")
    let header: SafetensorsHeader
    do throws(SafetensorsHeader.Problem) {
      header = try SafetensorsHeader(json)
    } catch {
      throw .corrupt(
        file: path, inside: error.tensor?.abbreviated ?? "its header", reason: error.reason)
    }

    var (entries, places) = ([WeightFile.Entry](), [String: RawTensor]())
    var end: UInt64 = 0
    let found = file.length - 8 - length
    let ordered = header.tensors.sorted {
      ($0.value.offsets.first ?? 0, $0.value.offsets.last ?? 0, $0.key)
        < ($1.value.offsets.first ?? 0, $1.value.offsets.last ?? 0, $1.key)
    }
    for (name, place) in ordered {
      let tensor = try Self.tensor(name, place, after: end, of: found, in: file, from: 8 + length)
      end = place.offsets[1]
      // Tensors without elements hold nothing.
      if tensor.count == 0 { continue }
      entries.append(WeightFile.Entry(path: name, extents: tensor.extents, type: tensor.type))
      places[name] = tensor
    }
    guard end == found else {
      throw .corrupt(
        file: path, inside: "its end", reason: "\(found - end) bytes belong to no tensor")
    }
    (self.entries, self.places) = (entries, places)
  }

  func tensors(at paths: [String]) throws(WeightFileError) -> [Tensor] {
    let file = try RawFile(at: path)
    var tensors: [Tensor] = []
    for inside in paths {
      guard let place = places[inside] else { throw .noTensor(file: path, inside: inside) }
      tensors.append(try file.tensor(place, inside: inside))
    }
    return tensors
  }

  /// Where a tensor lies, which begins where the one before it ended, `end` bytes from `start`.
  private static func tensor(
    _ name: String, _ place: SafetensorsHeader.Place, after end: UInt64, of found: UInt64,
    in file: borrowing RawFile, from start: UInt64
  ) throws(WeightFileError) -> RawTensor {
    func damage(_ reason: String) -> WeightFileError {
      .corrupt(file: file.path, inside: name, reason: reason)
    }
    guard name.utf8.count <= WeightFile.Limits.nameBytes else {
      throw .refused(
        file: file.path, inside: name.abbreviated,
        reason: "a name of more than \(WeightFile.Limits.nameBytes) bytes")
    }
    guard let type = types[place.type] else {
      throw .refused(
        file: file.path, inside: name,
        reason:
          "its numbers are \(place.type.abbreviated), which is not read; save it as F16 or F32"
      )
    }
    guard place.offsets.count == 2, place.offsets[0] <= place.offsets[1] else {
      throw damage("its data_offsets are \(place.offsets.prefix(3))")
    }
    let bytes = place.offsets[0]..<place.offsets[1]
    guard bytes.lowerBound == end else {
      throw damage(
        bytes.lowerBound < end
          ? "its bytes from \(bytes.lowerBound) on are another tensor's too"
          : "the bytes from \(end) to \(bytes.lowerBound) before it belong to no tensor")
    }
    let (needed, overflows) = start.addingReportingOverflow(bytes.upperBound)
    guard !overflows, bytes.upperBound <= found else {
      throw .truncated(
        file: file.path, expected: overflows ? .max : needed, found: file.length)
    }
    let tensor = RawTensor(offset: start + bytes.lowerBound, extents: place.shape, type: type)
    guard tensor.byteCount.map(UInt64.init) == UInt64(bytes.count) else {
      throw damage(
        "\(bytes.count) bytes are not those of \(place.type) in the shape \(place.shape.prefix(33))"
      )
    }
    return tensor
  }

  private static let types: [String: WeightFile.ElementType] = [
    "F64": .floatingPoint(bits: 64), "F32": .floatingPoint(bits: 32),
    "F16": .floatingPoint(bits: 16), "BF16": .brainFloat,
    "I64": .signed(bits: 64), "I32": .signed(bits: 32), "I16": .signed(bits: 16),
    "I8": .signed(bits: 8), "U64": .unsigned(bits: 64), "U32": .unsigned(bits: 32),
    "U16": .unsigned(bits: 16), "U8": .unsigned(bits: 8), "BOOL": .unsigned(bits: 8),
  ]
}
