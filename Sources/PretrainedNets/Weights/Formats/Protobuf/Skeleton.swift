internal import SwiftProtobuf

/// A protobuf file without the numbers of its tensors, which are most of it: each field of numbers is
/// replaced, under its own number, by a ``SkeletonPlace`` that says where in the file they lie.
///
/// What is left is small, and is decoded by schemas in which those fields are places.
enum Skeleton {
  /// The fields of a message that are numbers, or messages with such fields; all others stay as they are.
  indirect enum Field: Sendable {
    case numbers
    case message([Int: Field])
  }

  /// How many bytes a skeleton may have; each message counts for 64 more, which is what it takes in
  /// memory when it is empty.
  static let limit = 32 << 20

  /// Decodes the file's message but for its numbers.
  ///
  /// - Throws: ``WeightFileError`` where the file is damaged or its structure larger than any network's.
  static func decode<M: Message>(
    _ message: M.Type, at path: String, fields: [Int: Field]
  ) throws(WeightFileError) -> M {
    var reader = try SkeletonReader(WireCursor(RawFile(at: path)))
    let bytes = try reader.skeleton(of: fields)
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    do { return try M(serializedBytes: bytes, options: options) } catch {
      throw .corrupt(
        file: path, inside: "its structure", reason: "not what the format prescribes (\(error))")
    }
  }
}

private struct SkeletonReader: ~Copyable {
  private var cursor: WireCursor
  private var room = Skeleton.limit

  init(_ cursor: consuming WireCursor) { self.cursor = cursor }

  mutating func skeleton(of fields: [Int: Skeleton.Field]) throws(WeightFileError) -> [UInt8] {
    try message(fields, upTo: cursor.file.length)
  }

  /// The skeleton of the message from here to `end`. The depth is that of `fields`.
  private mutating func message(
    _ fields: [Int: Skeleton.Field], upTo end: UInt64
  ) throws(WeightFileError) -> [UInt8] {
    var bytes: [UInt8] = []
    try take(64)
    while cursor.position < end {
      let start = cursor.position
      let tag = try cursor.tag()
      switch fields[tag.field] {
      case .message(let inner) where tag.type == .delimited:
        let stop = try cursor.length(before: end)
        append(try message(inner, upTo: stop), field: tag.field, to: &bytes)
      case .numbers:
        let place = try place(of: tag, from: start, before: end)
        append(place, field: tag.field, to: &bytes)
        try take(64)
      case .message, nil:
        try cursor.skip(tag.type, before: end)
        try take(Int(cursor.position - start))
        bytes += try cursor.bytes(from: start)
      }
      guard cursor.position <= end else {
        throw cursor.corrupt(
          "a field reaches beyond byte \(end), where its message ends", at: start)
      }
    }
    return bytes
  }

  /// Where the numbers of a field lie. Unpacked ones have a tag each and follow each other.
  private mutating func place(
    of tag: WireCursor.Tag, from start: UInt64, before end: UInt64
  ) throws(WeightFileError) -> [UInt8] {
    var place = SkeletonPlace()
    if tag.type == .delimited {
      let stop = try cursor.length(before: end)
      (place.offset, place.length, place.packed) = (cursor.position, stop - cursor.position, true)
      cursor.move(to: stop)
    } else {
      var stop = start
      var next = tag
      while next == tag {
        try cursor.skip(tag.type, before: end)
        stop = cursor.position
        if stop >= end { break }
        next = try cursor.tag()
      }
      cursor.move(to: stop)
      (place.offset, place.length) = (start, stop - start)
    }
    do { return try place.serializedBytes() } catch {
      throw cursor.corrupt("\(error)", at: start)
    }
  }

  private mutating func take(_ count: Int) throws(WeightFileError) {
    room -= count
    guard room >= 0 else {
      throw .refused(
        file: cursor.file.path, inside: "its structure",
        reason: "without the numbers it is larger than \(Skeleton.limit >> 20) MiB")
    }
  }

  private func append(_ value: [UInt8], field: Int, to bytes: inout [UInt8]) {
    appendVarint(UInt64(field) << 3 | UInt64(WireCursor.WireType.delimited.rawValue), to: &bytes)
    appendVarint(UInt64(value.count), to: &bytes)
    bytes += value
  }

  private func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7f) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}
