extension TorchContents {
  /// Whether a file begins like a pickle of protocol 2 or later.
  static func isPickle(_ head: FileHead) -> Bool {
    head.bytes.count > 1 && head.bytes[0] == 0x80 && (2...5).contains(head.bytes[1])
  }

  /// Reads the form of PyTorch before 1.6: pickles of a magic number, the form's version, facts of the
  /// machine, the object and the keys of its storages; then the storages, each behind its length.
  init(legacy file: borrowing RawFile) throws(WeightFileError) {
    let count = min(UInt64(PickleMachine.Limits.bytes), file.length)
    var machine = PickleMachine(try file.bytes(Int(count), at: 0, inside: Self.pickle))
    guard case .bytes(let magic)? = try? machine.run(), magic.elementsEqual(Self.magic) else {
      throw .unknownFormat(file: file.path, format: "a Python pickle, but none of torch.save")
    }
    let keys: [String]
    do throws(PickleProblem) {
      guard case .integer(1001) = try machine.run() else {
        throw .refused("it is of another version than 1001, the only one there was")
      }
      _ = try machine.run()
      let root = try machine.run()
      tensors = try machine.objects.tensors(in: root)
      let keyList = try machine.run()
      let list = machine.objects.items(keyList) ?? []
      keys = list.compactMap(\.text)
      guard keys.count == list.count, keys.count <= WeightFile.Limits.objects else {
        throw .corrupt("it has no list of its storages")
      }
    } catch { throw WeightFileError(error, file: file.path, inside: Self.pickle) }

    var storages: [String: FileRegion] = [:]
    var offset = UInt64(machine.position)
    for key in keys {
      let inside = "storage \(key.abbreviated)"
      guard let storage = machine.objects.storages[key] else {
        throw .corrupt(file: file.path, inside: inside, reason: "no tensor tells its type")
      }
      guard file.contains(offset: offset, count: 8) else {
        throw .truncated(file: file.path, expected: offset + 8, found: file.length)
      }
      let stated = try file.bytes(8, at: offset, inside: inside).reversed()
        .reduce(0) { $0 << 8 | UInt64($1) }
      guard stated == UInt64(storage.count) else {
        throw .corrupt(
          file: file.path, inside: inside,
          reason: "it has \(stated) numbers, the pickle says \(storage.count)")
      }
      let (bytes, overflows) = storage.count.multipliedReportingOverflow(by: storage.byteWidth)
      offset += 8
      guard !overflows, file.contains(offset: offset, count: bytes) else {
        throw .truncated(
          file: file.path, expected: overflows ? .max : offset + UInt64(bytes), found: file.length)
      }
      guard storages.updateValue(FileRegion(offset: offset, byteCount: bytes), forKey: key) == nil
      else { throw .corrupt(file: file.path, inside: inside, reason: "it is there twice") }
      offset += UInt64(bytes)
    }
    (self.storages, byteOrder) = (storages, .little)
  }

  private static let pickle = "its pickle"
  /// 0x1950a86a20f9469cfc6c.
  private static let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
}
