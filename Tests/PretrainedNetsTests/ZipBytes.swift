/// A zip archive of stored entries, whose headers can be made to lie.
struct ZipBytes {
  var entries: [Entry]
  var end = End()
  /// Whether the wider records are there.
  var hasWideEnd = false
  /// What stands in the wider record, where it is not the truth.
  var wideEnd = End()
  var wideOffset: UInt64?

  struct Entry {
    var name: String
    var data: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// What the directory says, where it is not the truth.
    var size: UInt64?
    var compressedSize: UInt64?
    var offset: UInt64?
    var localName: String?
    var localSignature: UInt32 = 0x0403_4b50

    init(_ name: String, _ data: [UInt8]) { (self.name, self.data) = (name, data) }
  }

  struct End {
    var count: UInt64?
    var size: UInt64?
    var offset: UInt64?
    var disk: UInt16 = 0
  }

  init(_ entries: [Entry]) { self.entries = entries }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.offset ?? UInt64(bytes.count)
      let name = Array((entry.localName ?? entry.name).utf8)
      bytes += little(entry.localSignature) + little(UInt16(20)) + little(entry.flags)
      bytes += little(entry.method) + [UInt8](repeating: 0, count: 8)
      bytes += little(UInt32(entry.data.count)) + little(UInt32(entry.data.count))
      bytes += little(UInt16(name.count)) + little(UInt16(3)) + name + [7, 7, 7] + entry.data

      let (size, stored) = (
        entry.size ?? UInt64(entry.data.count), entry.compressedSize ?? UInt64(entry.data.count)
      )
      // All three numbers are in the extra field, as 32 bits need not hold them.
      let extra = little(UInt16(1)) + little(UInt16(24)) + little(size) + little(stored)
      let isWide = max(size, stored, offset) >= UInt64(UInt32.max)
      directory += little(UInt32(0x0201_4b50)) + little(UInt16(20)) + little(UInt16(20))
      directory += little(entry.flags) + little(entry.method) + [UInt8](repeating: 0, count: 8)
      directory += little(isWide ? .max : UInt32(stored)) + little(isWide ? .max : UInt32(size))
      directory += little(UInt16(entry.name.utf8.count)) + little(UInt16(isWide ? 28 : 0))
      directory += [UInt8](repeating: 0, count: 10)
      directory += little(isWide ? .max : UInt32(offset)) + Array(entry.name.utf8)
      if isWide { directory += extra + little(offset) }
    }
    let truth = (
      count: UInt64(entries.count), size: UInt64(directory.count), offset: UInt64(bytes.count)
    )
    bytes += directory
    if hasWideEnd {
      let place = UInt64(bytes.count)
      bytes += little(UInt32(0x0606_4b50)) + little(UInt64(44)) + [UInt8](repeating: 0, count: 12)
      bytes += little(wideEnd.count ?? truth.count) + little(wideEnd.count ?? truth.count)
      bytes += little(wideEnd.size ?? truth.size) + little(wideEnd.offset ?? truth.offset)
      bytes += little(UInt32(0x0706_4b50)) + little(UInt32(0)) + little(wideOffset ?? place)
      bytes += little(UInt32(1))
    }
    let count = UInt16(truncatingIfNeeded: end.count ?? truth.count)
    bytes += little(UInt32(0x0605_4b50)) + little(end.disk) + little(UInt16(0))
    bytes += little(count) + little(count)
    bytes += little(UInt32(truncatingIfNeeded: end.size ?? truth.size))
    bytes += little(UInt32(truncatingIfNeeded: end.offset ?? truth.offset)) + little(UInt16(0))
    return bytes
  }
}

/// The bytes of an integer, lowest first.
func little(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
