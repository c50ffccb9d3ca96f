/// Reads the records of a zip archive's headers; `nil` stands for what cannot be one.
struct ZipFields {
  static let localHeaderSize = 30

  private let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], at position: Int = 0) {
    (self.bytes, self.position) = (bytes, position)
  }

  /// An unsigned little-endian integer.
  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
    let width = Value.bitWidth / 8
    guard position >= 0, width <= bytes.count - position else { return nil }
    position += width
    return bytes[(position - width)..<position].reversed().reduce(0) { $0 << 8 | Value($1) }
  }

  mutating func skip(_ count: Int) { position += count }

  /// Whether a signature comes next.
  mutating func begins(with signature: UInt32) -> Bool { integer(UInt32.self) == signature }

  /// An entry of the central directory, and its name.
  mutating func entry() -> (String, ZipDirectory.Entry)? {
    guard begins(with: 0x0201_4b50) else { return nil }
    skip(4)
    guard let flags = integer(UInt16.self), let method = integer(UInt16.self) else { return nil }
    skip(8)
    guard let stored = integer(UInt32.self), let size = integer(UInt32.self),
      let nameSize = integer(UInt16.self), let extraSize = integer(UInt16.self),
      let commentSize = integer(UInt16.self)
    else { return nil }
    skip(8)
    guard let offset = integer(UInt32.self) else { return nil }
    let end = position + Int(nameSize) + Int(extraSize) + Int(commentSize)
    guard end <= bytes.count,
      let name = String(
        validating: bytes[position..<position + Int(nameSize)], as: UTF8.self)
    else { return nil }
    skip(Int(nameSize))
    var values = [UInt64(size), UInt64(stored), UInt64(offset)]
    guard widen(&values, by: position + Int(extraSize)) else { return nil }
    position = end
    return (
      name,
      ZipDirectory.Entry(
        method: method, isEncrypted: flags & 1 != 0, compressedSize: values[1], size: values[0],
        offset: values[2], limit: 0)
    )
  }

  /// The method and the sizes of name and extra fields of a local header.
  mutating func localHeader() -> (method: UInt16, nameSize: Int, extraSize: Int)? {
    guard begins(with: 0x0403_4b50) else { return nil }
    skip(4)
    guard let method = integer(UInt16.self) else { return nil }
    skip(16)
    guard let nameSize = integer(UInt16.self), let extraSize = integer(UInt16.self) else {
      return nil
    }
    return (method, Int(nameSize), Int(extraSize))
  }

  /// Takes from the extra fields before `end` the values that 32 bits did not hold (4.5.3), and tells
  /// whether they are there.
  private mutating func widen(_ values: inout [UInt64], by end: Int) -> Bool {
    guard values.contains(UInt64(UInt32.max)) else { return true }
    while position + 4 <= end {
      guard let kind = integer(UInt16.self), let size = integer(UInt16.self),
        position + Int(size) <= end
      else { return false }
      let next = position + Int(size)
      if kind == 1 {
        for index in values.indices where values[index] == UInt64(UInt32.max) {
          guard position + 8 <= next, let wide = integer(UInt64.self) else { return false }
          values[index] = wide
        }
        return true
      }
      position = next
    }
    return false
  }
}

/// The record at the end of a zip archive that tells where its directory lies.
struct ZipEnd {
  var entryCount: UInt64
  var directorySize: UInt64
  var directoryOffset: UInt64

  /// - Throws: ``WeightFileError`` where there is none, or it lies.
  init(of file: borrowing RawFile) throws(WeightFileError) {
    func damage(_ reason: String) -> WeightFileError {
      .corrupt(file: file.path, inside: "its end", reason: reason)
    }
    // A comment of at most 65535 bytes may follow the record's 22, and 76 of wider ones precede it.
    let count = Int(min(file.length, 76 + 22 + 65_535))
    let start = file.length - UInt64(count)
    let tail = try file.bytes(count, at: start, inside: "its end")
    guard
      let place = stride(from: count - 22, through: 0, by: -1).first(where: { place in
        var fields = ZipFields(tail, at: place)
        guard fields.begins(with: 0x0605_4b50) else { return false }
        fields.skip(16)
        return fields.integer(UInt16.self).map { place + 22 + Int($0) } == count
      })
    else { throw damage("the directory of a zip archive is missing") }
    var fields = ZipFields(tail, at: place + 4)
    guard let disk = fields.integer(UInt16.self), let first = fields.integer(UInt16.self),
      let here = fields.integer(UInt16.self), let entries = fields.integer(UInt16.self),
      let size = fields.integer(UInt32.self), let offset = fields.integer(UInt32.self),
      disk == first, here == entries
    else { throw damage("the archive is one of several parts") }
    (entryCount, directorySize, directoryOffset) =
      (UInt64(entries), UInt64(size), UInt64(offset))

    var limit = start + UInt64(place)
    var locator = ZipFields(tail, at: place - 20)
    if locator.begins(with: 0x0706_4b50) {
      locator.skip(4)
      guard let wide = locator.integer(UInt64.self), limit >= 76, wide <= limit - 76 else {
        throw damage("its wider record lies beyond it")
      }
      let record = try file.bytes(56, at: wide, inside: "its end")
      var fields = ZipFields(record)
      guard fields.begins(with: 0x0606_4b50) else { throw damage("its wider record is missing") }
      fields.skip(28)
      guard let entries = fields.integer(UInt64.self), let size = fields.integer(UInt64.self),
        let offset = fields.integer(UInt64.self)
      else { throw damage("its wider record is missing") }
      let isSame =
        (entryCount == UInt64(UInt16.max) || entryCount == entries)
        && (directorySize == UInt64(UInt32.max) || directorySize == size)
        && (directoryOffset == UInt64(UInt32.max) || directoryOffset == offset)
      guard isSame else { throw damage("its two records disagree") }
      (entryCount, directorySize, directoryOffset) = (entries, size, offset)
      limit = wide
    }
    guard directorySize <= limit, directoryOffset <= limit - directorySize else {
      throw damage(
        "a directory of \(directorySize) bytes from byte \(directoryOffset) on does not fit")
    }
  }
}
