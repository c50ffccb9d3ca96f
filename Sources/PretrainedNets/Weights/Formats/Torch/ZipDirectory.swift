/// What a zip archive's central directory lists (PKWARE's APPNOTE.TXT, 4.3 and 4.4), of entries that are
/// stored as they are.
struct ZipDirectory {
  private(set) var entries: [String: Entry] = [:]

  struct Entry {
    var method: UInt16
    var isEncrypted: Bool
    var compressedSize: UInt64
    var size: UInt64
    /// Of the local header, from the start of the file.
    var offset: UInt64
    /// Where what follows begins: the next local header or the directory.
    var limit: UInt64
  }

  /// The signature of a local header.
  static let signature: [UInt8] = [0x50, 0x4b, 3, 4]

  /// As much as the directories of some hundred thousand entries take.
  private static let byteLimit = 1 << 24

  /// - Throws: ``WeightFileError`` where the directory is missing, damaged or too large.
  init(of file: borrowing RawFile) throws(WeightFileError) {
    let end = try ZipEnd(of: file)
    guard end.directorySize <= UInt64(Self.byteLimit) else {
      throw .refused(
        file: file.path, inside: Self.place,
        reason: "\(end.directorySize) bytes long, of which \(Self.byteLimit) at most are read")
    }
    let bytes = try file.bytes(
      Int(end.directorySize), at: end.directoryOffset, inside: Self.place)
    var fields = ZipFields(bytes)
    var count: UInt64 = 0
    while fields.position < bytes.count {
      guard let (name, entry) = fields.entry() else {
        throw .corrupt(
          file: file.path, inside: Self.place, reason: "entry \(count) of it cannot be understood")
      }
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw .corrupt(
          file: file.path, inside: Self.place, reason: "it has \(name.abbreviated) twice")
      }
      count += 1
    }
    guard count == end.entryCount else {
      throw .corrupt(
        file: file.path, inside: Self.place,
        reason: "it has \(count) entries, the archive's end says \(end.entryCount)")
    }
    let starts = entries.values.map(\.offset).sorted() + [end.directoryOffset]
    for (name, entry) in entries {
      // The first start beyond this one, or this one where another entry has it too.
      let next = starts.partition(notBelow: entry.offset) + 1
      entries[name]?.limit = next < starts.count ? starts[next] : end.directoryOffset
    }
  }

  /// Where the bytes of an entry lie, behind its local header.
  ///
  /// - Throws: ``WeightFileError`` where there is none of the name, it is compressed, or its two headers
  ///   disagree.
  func locate(
    _ name: String, in file: borrowing RawFile
  ) throws(WeightFileError) -> FileRegion {
    func damage(_ reason: String) -> WeightFileError {
      .corrupt(file: file.path, inside: name.abbreviated, reason: reason)
    }
    guard let entry = entries[name] else { throw damage("the archive has no such entry") }
    guard entry.method == 0, !entry.isEncrypted else {
      throw .refused(
        file: file.path, inside: name.abbreviated,
        reason: """
          it is \(entry.isEncrypted ? "encrypted" : "compressed"), as torch.save never does; \
          save it again in PyTorch
          """)
    }
    guard entry.compressedSize == entry.size else { throw damage("it has two lengths") }
    guard file.contains(offset: entry.offset, count: ZipFields.localHeaderSize) else {
      throw damage("its header lies beyond the end of the file")
    }
    let header = try file.bytes(ZipFields.localHeaderSize, at: entry.offset, inside: name)
    var fields = ZipFields(header)
    guard let local = fields.localHeader(), local.method == 0 else {
      throw damage("its header is none of a stored entry")
    }
    let nameOffset = entry.offset + UInt64(ZipFields.localHeaderSize)
    guard file.contains(offset: nameOffset, count: local.nameSize),
      try file.bytes(local.nameSize, at: nameOffset, inside: name).elementsEqual(name.utf8)
    else { throw damage("its header has another name") }
    let start = nameOffset + UInt64(local.nameSize + local.extraSize)
    guard start <= entry.limit, entry.size <= entry.limit - start else {
      throw damage("its \(entry.size) bytes reach into what follows")
    }
    guard let byteCount = Int(exactly: entry.size), file.contains(offset: start, count: byteCount)
    else { throw damage("its \(entry.size) bytes reach beyond the end of the file") }
    return FileRegion(offset: start, byteCount: byteCount)
  }

  static let place = "its directory"
}

extension [UInt64] {
  /// The first index whose number is not below this one, of numbers in order.
  fileprivate func partition(notBelow number: UInt64) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
