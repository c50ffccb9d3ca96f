internal import Foundation

/// Pictures that follow each other in one PNG file; what knows nothing of animations shows the first.
///
/// The chunks are those of the PNG specification, third edition (W3C 2025), 11.3.7.
public struct AnimatedPNG: Sendable {
  /// The sides, the depth and the kind of the first frame, which all share.
  private var header: Data?
  private var frames: [(data: Data, milliseconds: UInt16)] = []

  public init() {}

  public var isEmpty: Bool { frames.isEmpty }

  /// Adds a picture, which is shown for so many milliseconds.
  ///
  /// - Precondition: it has the size, the channels and the depth of those before it.
  /// - Throws: ``OutputError`` where there is no memory to encode it.
  public mutating func append(_ picture: Picture, milliseconds: UInt16) throws(OutputError) {
    let chunks = Self.chunks(of: try picture.pngData(for: "a frame"))
    let header = chunks.first { $0.type == "IHDR" }?.data
    precondition(self.header == nil || self.header == header, "frames are of one kind")
    self.header = header
    frames.append((Data(chunks.filter { $0.type == "IDAT" }.flatMap(\.data)), milliseconds))
  }

  /// Writes the file, whole or not at all. It plays over and over.
  ///
  /// - Precondition: there is a frame.
  /// - Throws: ``OutputError``.
  public func write(to path: String) throws(OutputError) {
    guard let header else { preconditionFailure("an animation has a frame") }
    var file = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    Self.add("IHDR", header, to: &file)
    Self.add("acTL", Self.bytes(UInt32(frames.count)) + Self.bytes(UInt32(0)), to: &file)
    var sequence: UInt32 = 0
    for (index, frame) in frames.enumerated() {
      // Sides as in the header; no offset, in thousandths of a second, drawn over what was there.
      let control =
        Self.bytes(sequence) + header.prefix(8) + Data(count: 8)
        + Self.bytes(frame.milliseconds) + Self.bytes(UInt16(1000)) + Data(count: 2)
      Self.add("fcTL", control, to: &file)
      sequence += 1
      if index == 0 {
        Self.add("IDAT", frame.data, to: &file)
      } else {
        Self.add("fdAT", Self.bytes(sequence) + frame.data, to: &file)
        sequence += 1
      }
    }
    Self.add("IEND", Data(), to: &file)
    try AtomicFile.write(file, to: path)
  }

  private static func chunks(of png: Data) -> [(type: String, data: Data)] {
    var found: [(type: String, data: Data)] = []
    var rest = png.dropFirst(8)
    while rest.count >= 12 {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
      found.append((type, Data(rest.dropFirst(8).prefix(length))))
      rest = rest.dropFirst(12 + length)
    }
    return found
  }

  private static func add(_ type: String, _ data: Data, to file: inout Data) {
    let named = Data(type.utf8) + data
    file += bytes(UInt32(data.count)) + named + bytes(checksum(of: named))
  }

  private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> Data {
    withUnsafeBytes(of: number.bigEndian) { Data($0) }
  }

  /// CRC-32 as PNG has it (ISO 3309).
  private static func checksum(of data: Data) -> UInt32 {
    var crc: UInt32 = ~0
    for byte in data {
      let index = Int(crc & 0xFF) ^ Int(byte)
      crc = table[index] ^ (crc >> 8)
    }
    return ~crc
  }

  private static let table: [UInt32] = (0..<256).map { index in
    var crc = UInt32(index)
    for _ in 0..<8 {
      let isOdd = crc & 1 == 1
      crc >>= 1
      if isOdd { crc ^= 0xEDB8_8320 }
    }
    return crc
  }
}
