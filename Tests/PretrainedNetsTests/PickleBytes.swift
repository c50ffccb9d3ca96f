import Engine

/// Pieces of pickles in protocol 2, to be put together into good ones and bad ones.
enum Pickle {
  static func text(_ text: String) -> [UInt8] {
    ascii("X") + little(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  static func integer(_ value: Int) -> [UInt8] {
    Int32(exactly: value).map { ascii("J") + little($0) } ?? [0x8a, 8] + little(value)
  }

  static func tuple(_ items: [[UInt8]]) -> [UInt8] { ascii("(") + items.joined() + ascii("t") }

  static func global(_ name: String) -> [UInt8] {
    let parts = name.split(separator: ".")
    return ascii("c\(parts.dropLast().joined(separator: "."))\n\(parts.last ?? "")\n")
  }

  static func call(_ function: String, _ arguments: [[UInt8]]) -> [UInt8] {
    global(function) + tuple(arguments) + ascii("R")
  }

  static func dictionary(_ items: [(key: String, value: [UInt8])]) -> [UInt8] {
    ascii("}(") + items.flatMap { text($0.key) + $0.value } + ascii("u")
  }

  static func storage(
    _ key: String = "0", type: String = "torch.FloatStorage", count: Int = 4,
    view: [UInt8]? = nil
  ) -> [UInt8] {
    let items = [text("storage"), global(type), text(key), text("cpu"), integer(count)]
    return tuple(items + (view.map { [$0] } ?? [])) + ascii("Q")
  }

  static func tensor(
    on storage: [UInt8] = storage(), offset: Int = 0, _ extents: [Int] = [4],
    strides: [Int] = [1]
  ) -> [UInt8] {
    call(
      "torch._utils._rebuild_tensor_v2",
      [
        storage, integer(offset), tuple(extents.map(integer)), tuple(strides.map(integer)),
        [0x89], call("collections.OrderedDict", []),
      ])
  }

  /// A whole pickle of what these instructions leave.
  static func whole(_ instructions: [UInt8]) -> [UInt8] { [0x80, 2] + instructions + ascii(".") }

  /// A file as PyTorch writes it: the pickle of these instructions, and four numbers.
  static func zip(_ instructions: [UInt8]) -> ZipBytes {
    ZipBytes([
      .init("archive/data.pkl", whole(instructions)),
      .init("archive/byteorder", ascii("little")), .init("archive/data/0", numbers),
    ])
  }

  /// The legacy form, with the keys and the lengths of its storages.
  static func legacy(
    _ instructions: [UInt8], version: Int = 1001, keys: [String] = ["0"], count: UInt64 = 4
  ) -> [UInt8] {
    [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
      + whole(integer(version)) + whole(ascii("}")) + whole(instructions)
      + whole(ascii("](") + keys.flatMap(text) + ascii("e"))
      + keys.flatMap { _ in little(count) + numbers }
  }

  static let numbers: [UInt8] = [0.5, -1, 2, 4].flatMap { little(($0 as Float).bitPattern) }

  static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }
}
