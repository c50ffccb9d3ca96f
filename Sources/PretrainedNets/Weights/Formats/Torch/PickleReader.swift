/// Reads the operands of a pickle's instructions.
struct PickleReader {
  let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func byte() throws(PickleProblem) -> UInt8 {
    guard position < bytes.count else { throw end }
    position += 1
    return bytes[position - 1]
  }

  mutating func take(_ count: UInt64) throws(PickleProblem) -> ArraySlice<UInt8> {
    guard count <= UInt64(bytes.count - position) else { throw end }
    position += Int(count)
    return bytes[(position - Int(count))..<position]
  }

  /// An unsigned little-endian integer of at most eight bytes.
  mutating func unsigned(_ width: Int) throws(PickleProblem) -> UInt64 {
    try take(UInt64(width)).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Bytes with their number before them.
  mutating func counted(_ width: Int) throws(PickleProblem) -> ArraySlice<UInt8> {
    try take(try unsigned(width))
  }

  mutating func text(_ width: Int) throws(PickleProblem) -> String {
    try Self.text(try counted(width))
  }

  /// Text up to the end of the line.
  mutating func line() throws(PickleProblem) -> String {
    let rest = bytes[position...]
    guard let newline = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw end }
    position = newline + 1
    return try Self.text(rest[..<newline])
  }

  private static func text(_ bytes: ArraySlice<UInt8>) throws(PickleProblem) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .corrupt("a text that is none")
    }
    return text
  }

  private var end: PickleProblem { .corrupt("it ends in the middle, at byte \(position)") }
}
