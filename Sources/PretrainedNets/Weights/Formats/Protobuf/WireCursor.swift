/// A place in a file of protobuf messages, read from there on through a small window.
///
/// The format: <https://protobuf.dev/programming-guides/encoding>.
struct WireCursor: ~Copyable {
  /// How a field's value is written, by its code in the tag.
  enum WireType: UInt8 { case varint = 0, fixed64 = 1, delimited = 2, fixed32 = 5 }

  struct Tag: Equatable {
    var field: Int
    var type: WireType
  }

  let file: RawFile
  /// In bytes from the start of the file.
  private(set) var position: UInt64 = 0
  private var window: [UInt8] = []
  private var windowStart: UInt64 = 0

  private static let windowSize = 1 << 16

  init(_ file: consuming RawFile) { self.file = file }

  /// Goes to another place in the file.
  mutating func move(to position: UInt64) { self.position = position }

  mutating func tag() throws(WeightFileError) -> Tag {
    let start = position
    let value = try varint()
    guard let type = WireType(rawValue: UInt8(value & 7)), value >> 3 > 0, value < 1 << 32 else {
      throw corrupt("\(value) is not the tag of a field", at: start)
    }
    return Tag(field: Int(value >> 3), type: type)
  }

  mutating func varint() throws(WeightFileError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw corrupt("a number of more than ten bytes", at: start)
  }

  mutating func fixed32() throws(WeightFileError) -> UInt32 {
    var value: UInt32 = 0
    for shift in 0..<4 { value |= UInt32(try byte()) << UInt32(8 * shift) }
    return value
  }

  mutating func fixed64() throws(WeightFileError) -> UInt64 {
    var value: UInt64 = 0
    for shift in 0..<8 { value |= UInt64(try byte()) << UInt64(8 * shift) }
    return value
  }

  /// Goes past the value of a field.
  mutating func skip(_ type: WireType, before end: UInt64) throws(WeightFileError) {
    switch type {
    case .varint: _ = try varint()
    case .fixed32: _ = try fixed32()
    case .fixed64: _ = try fixed64()
    case .delimited: position = try length(before: end)
    }
  }

  /// The bytes from a place to the cursor's.
  func bytes(from start: UInt64) throws(WeightFileError) -> [UInt8] {
    try file.bytes(Int(position - start), at: start, inside: "byte \(start)")
  }

  /// Reads the length of a delimited field and tells where the field ends, which must not be beyond
  /// the end of what it is in.
  mutating func length(before end: UInt64) throws(WeightFileError) -> UInt64 {
    let start = position
    let length = try varint()
    let (stop, overflows) = position.addingReportingOverflow(length)
    if !overflows && stop <= end { return stop }
    if !overflows && end == file.length {
      throw .truncated(file: file.path, expected: stop, found: file.length)
    }
    throw corrupt("a field of \(length) bytes in a message that ends at byte \(end)", at: start)
  }

  func corrupt(_ reason: String, at position: UInt64) -> WeightFileError {
    .corrupt(file: file.path, inside: "byte \(position)", reason: reason)
  }

  private mutating func byte() throws(WeightFileError) -> UInt8 {
    if position < windowStart || position - windowStart >= UInt64(window.count) {
      guard position < file.length else {
        throw .truncated(file: file.path, expected: position + 1, found: file.length)
      }
      windowStart = position
      window = try file.bytes(
        Int(min(UInt64(Self.windowSize), file.length - position)), at: position,
        inside: "byte \(position)")
    }
    defer { position += 1 }
    return window[Int(position - windowStart)]
  }
}
