extension FileHead {
  /// Whether the file begins like a protobuf message: with one of these fields, and then with fields
  /// of these numbers and kinds alone. The format has no signature, so this is a guess that text and
  /// other formats do not meet.
  func opensMessage(first: Set<Int>, varints: Set<Int>, delimited: Set<Int>) -> Bool {
    guard !FileSignature.isPrintable(bytes) else { return false }
    var rest = bytes[...]
    var isFirst = true
    while let tag = rest.popVarint() {
      let field = Int(tag >> 3)
      guard !isFirst || first.contains(field) else { return false }
      isFirst = false
      switch tag & 7 {
      case 0:
        guard varints.contains(field) else { return false }
        if rest.popVarint() == nil { return true }
      case 2:
        guard delimited.contains(field) else { return false }
        guard let length = rest.popVarint(), length < rest.count else { return true }
        rest = rest.dropFirst(Int(length))
      default: return false
      }
    }
    return !isFirst
  }
}

extension ArraySlice<UInt8> {
  /// Takes a number off the front; `nil` where it is not all there, or longer than five bytes.
  fileprivate mutating func popVarint() -> UInt64? {
    var value: UInt64 = 0
    for (position, byte) in prefix(5).enumerated() {
      value |= UInt64(byte & 0x7f) << UInt64(7 * position)
      if byte < 0x80 {
        removeFirst(position + 1)
        return value
      }
    }
    return nil
  }
}
