import Foundation
import PretrainedNets
import TestSupport
import Testing

@Suite("Damaged .caffemodel files")
struct CaffeModelErrorTests {
  private func error(_ bytes: Data, name: String = "net.caffemodel") throws -> String {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: name).path
      try bytes.write(to: URL(filePath: path))
      do {
        let file = try WeightFile(at: path)
        _ = try file.weights(of: ToyNetwork.layers, network: "the toy network")
        return "no error"
      } catch { return "\(error)".replacingOccurrences(of: path, with: name) }
    }
  }

  private static func toy(_ name: String = "toy.caffemodel") throws -> Data {
    try Data(contentsOf: URL(filePath: ToyNetwork.path(name)))
  }

  @Test(
    "a file cut anywhere is reported",
    arguments: ["toy.caffemodel", "toy_old.caffemodel", "toy_unpacked.caffemodel"])
  func truncation(name: String) throws {
    let whole = try Self.toy(name)
    for length in 1..<whole.count {
      let text = try error(whole.prefix(length))
      #expect(text.hasPrefix("net.caffemodel: ") && !text.contains("\n"), "\(length): \(text)")
    }
    let text = try error(whole.prefix(100))
    #expect(text.hasPrefix("net.caffemodel: cut short: 100 bytes of "))
  }

  @Test("no changed byte makes it trap")
  func changes() throws {
    let whole = try Self.toy()
    for position in whole.indices {
      for change: UInt8 in [0x01, 0x80, 0xff] {
        var changed = whole
        changed[position] ^= change
        let text = try error(changed)
        #expect(text == "no error" || text.hasPrefix("net.caffemodel: "), "\(position): \(text)")
      }
    }
  }

  /// A field of bytes.
  private static func field(_ number: UInt8, _ value: [UInt8]) -> [UInt8] {
    var length = value.count
    var bytes = [number << 3 | 2]
    while length >= 0x80 {
      bytes.append(UInt8(length & 0x7f) | 0x80)
      length >>= 7
    }
    return bytes + [UInt8(length)] + value
  }

  /// A layer `a` in a net, with one blob.
  private static func net(_ blob: [UInt8]) -> [UInt8] {
    let layer = field(1, Array("a".utf8)) + field(7, blob)
    return [0xa2, 0x06, UInt8(layer.count)] + layer
  }

  static let hostile: [([UInt8], String)] = [
    (
      [0xa2, 0x06, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
      "cut short: 11 bytes of 9223372036854775818 are there"
    ),
    (
      [0xa2, 0x06] + [UInt8](repeating: 0xff, count: 11),
      "damaged at byte 2: a number of more than ten bytes"
    ),
    (
      [0xa2, 0x06, 0x02, 0x3a, 0x7f, 0xa2, 0x06, 0x00],
      "damaged at byte 4: a field of 127 bytes in a message that ends at byte 5"
    ),
    ([0x0b, 0x0c], "damaged at byte 0: 11 is not the tag of a field"),
    ([0x00, 0x00], "damaged at byte 0: 0 is not the tag of a field"),
    (
      // A shape of two axes of 2^62.
      net(
        field(
          7,
          field(
            1,
            Array(repeating: [UInt8](repeating: 0x80, count: 8) + [0x40], count: 2).joined().map {
              $0
            }))),
      "damaged at /data/a/0: the shape [4611686018427387904, 4611686018427387904] is none of a tensor"
    ),
    (
      net(field(7, field(1, [3])) + field(5, [0, 0, 0, 0])),
      "damaged at /data/a/0: 4 bytes of numbers for the shape [3] of float32"
    ),
    (
      net(field(7, field(1, [1])) + field(5, [0, 0, 0, 0]))
        + net(field(7, field(1, [1])) + field(5, [0, 0, 0, 0])),
      "damaged at /data/a/0: two layers have this name"
    ),
  ]

  @Test("each is told in a line", arguments: hostile)
  func told(bytes: [UInt8], text: String) throws {
    #expect(try error(Data(bytes)) == "net.caffemodel: \(text); fetch it again")
  }

  @Test("a structure larger than any network's is refused before it is decoded")
  func manyLayers() throws {
    let layers = Data((0..<600_000).flatMap { _ in [0xa2, 0x06, 0x00] as [UInt8] })
    #expect(
      try error(layers) == """
        net.caffemodel: its structure is refused: without the numbers it is larger than 32 MiB
        """)
  }

  @Test("a file is known by its first fields too")
  func recognition() throws {
    #expect(try error(Self.toy(), name: "net") == "no error")
    #expect(try error(Self.toy("toy_doubles.caffemodel"), name: "net") == "no error")
  }
}
