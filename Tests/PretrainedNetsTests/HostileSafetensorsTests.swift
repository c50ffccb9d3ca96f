import Foundation
import PretrainedNets
import TestSupport
import Testing

@Suite("Damaged and hostile safetensors files")
struct HostileSafetensorsTests {
  private static func file(_ header: String, length: UInt64? = nil, data: Int = 16) -> [UInt8] {
    little(length ?? UInt64(header.utf8.count)) + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private static func tensor(
    _ shape: String = "[4]", _ offsets: String = "[0,16]", type: String = "F32"
  ) -> String {
    #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  static let cases: [([UInt8], String)] = [
    (file(#"{"a.weight":\#(tensor())}   "#), "no error"),
    (file(#"{"__metadata__":{"a":"b:c\":"},"a.weight":\#(tensor())}"#), "no error"),
    (
      file("{}", length: 1 << 31),
      "its header is refused: 2147483648 bytes long, of which 16777216 at most are read"
    ),
    (
      file("{}", length: 1 << 63),
      "its header is refused: 9223372036854775808 bytes long, of which 16777216 at most are read"
    ),
    (
      file("{}", length: .max),
      "its header is refused: 18446744073709551615 bytes long, of which 16777216 at most are read"
    ),
    (file("{}", length: 100), "cut short: 26 bytes of 108 are there; fetch it again"),
    (file("{}", data: 0), "there is no tensor of numbers in it; give a file of weights"),
    (file("{}"), "damaged at its end: 16 bytes belong to no tensor; fetch it again"),
    (file("{\"a\":"), notJSON),
    (file("{\"a\u{0}\":1}"), notJSON),
    (
      file(String(repeating: #"{"a":"#, count: 100_000)),
      notJSON
    ),
    (file(#"{"a":7}"#), described("a")),
    (file(#"{"a":{"dtype":"F32","shape":[4]}}"#), described("a")),
    (file(#"{"a":\#(tensor("[\"4\"]"))}"#), described("a")),
    (file(#"{"a":\#(tensor("[true]"))}"#), described("a")),
    (file(#"{"a":\#(tensor("[4.5]"))}"#), notJSON),
    (file(#"{"a":\#(tensor("[4]", "[-16,0]"))}"#), notJSON),
    (file(#"{"a":\#(tensor("[4]", "[0,1e30]"))}"#), notJSON),
    (file(#"{"a":\#(tensor("[18446744073709551616]"))}"#), notJSON),
    (file(#"{"__metadata__":{"a":7},"a":\#(tensor())}"#), described("__metadata__")),
    (file(#"{"a":\#(tensor()),"a":\#(tensor())}"#), twice),
    (file(#"{"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#), twice),
    (file(#"{"a":{"dtype":"F32","more":1,"shape":[4],"data_offsets":[0,16]}}"#), twice),
    (
      file(#"{"a":\#(tensor("[4]", "[0,16,32]"))}"#),
      "damaged at a: its data_offsets are [0, 16, 32]; fetch it again"
    ),
    (
      file(#"{"a":\#(tensor("[4]", "[16,0]"))}"#),
      "damaged at a: its data_offsets are [16, 0]; fetch it again"
    ),
    (
      file(#"{"a":\#(tensor()),"b":\#(tensor("[2]", "[8,16]"))}"#),
      "damaged at b: its bytes from 8 on are another tensor's too; fetch it again"
    ),
    (
      file(#"{"a":\#(tensor("[2]", "[8,16]"))}"#),
      "damaged at a: the bytes from 0 to 8 before it belong to no tensor; fetch it again"
    ),
    (
      file(#"{"a":\#(tensor("[5]", "[0,20]"))}"#),
      "cut short: 79 bytes of 83 are there; fetch it again"
    ),
    (
      file(#"{"a":\#(tensor("[4]", "[0,18446744073709551615]"))}"#),
      "cut short: 97 bytes of 18446744073709551615 are there; fetch it again"
    ),
    (
      file(#"{"a":\#(tensor("[5]"))}"#),
      "damaged at a: 16 bytes are not those of F32 in the shape [5]; fetch it again"
    ),
    (
      file(#"{"a":\#(tensor("[-4]"))}"#),
      "damaged at a: 16 bytes are not those of F32 in the shape [-4]; fetch it again"
    ),
    (
      file(#"{"a":\#(tensor("[4611686018427387905,4]"))}"#),
      """
      damaged at a: 16 bytes are not those of F32 in the shape [4611686018427387905, 4]; \
      fetch it again
      """
    ),
    (
      file(#"{"a":\#(tensor("[4611686018427387908]"))}"#),
      """
      damaged at a: 16 bytes are not those of F32 in the shape [4611686018427387908]; \
      fetch it again
      """
    ),
    (
      file(#"{"a":\#(tensor("[16]", type: "F8_E4M3"))}"#),
      "a is refused: its numbers are F8_E4M3, which is not read; save it as F16 or F32"
    ),
    (
      file(#"{"a\nb":\#(tensor(type: "C32"))}"#),
      #"a\nb is refused: its numbers are C32, which is not read; save it as F16 or F32"#
    ),
    (
      file(#"{"a\u0085\u2028\u009bb":\#(tensor(type: "C32"))}"#),
      #"a\u{0085}\u{2028}\u{009B}b is refused: its numbers are C32, which is not read; "#
        + "save it as F16 or F32"
    ),
    (
      file(#"{"\#(String(repeating: "a", count: 2000))":\#(tensor())}"#),
      "\(String(repeating: "a", count: 80))… is refused: a name of more than 1024 bytes"
    ),
    (
      // One character of thousands of accents.
      file(#"{"a\#(String(repeating: "\u{301}", count: 3000))":{"dtype":"F32"}}"#),
      described("a\(String(repeating: "\u{301}", count: 79))…")
    ),
  ]

  private static let notJSON = """
    damaged at its header: it is not JSON of the types, shapes and offsets of tensors; \
    fetch it again
    """
  private static let twice =
    "damaged at its header: it has a member twice, or one that does not belong there; fetch it again"

  private static func described(_ name: String) -> String {
    """
    damaged at \(name): its description is not a dtype, a shape and two data_offsets; \
    fetch it again
    """
  }

  @Test("each ends in one clear line", arguments: cases.map(HostileFile.init))
  func oneLine(file: HostileFile) throws {
    let found = try readingError(of: file.bytes)
    #expect(found == file.text)
  }

  @Test("a file cut anywhere is reported", arguments: ["float16.safetensors", "types.safetensors"])
  func cut(name: String) throws {
    let whole = try weightBytes(name)
    let header = 8 + Int(whole[0]) + Int(whole[1]) << 8
    for length in 9..<whole.count {
      // Of the tensors' bytes the header tells where the first ends that is not there.
      let text = try readingError(of: Array(whole[..<length]))
      #expect(text.hasPrefix("cut short: \(length) bytes of "))
      if length < header { #expect(text.contains("of \(header) are there")) }
    }
    #expect(try readingError(of: Array(whole[..<8])).hasPrefix("of no format that is known"))
  }

  @Test("what is not a number is found where it is")
  func notFinite() throws {
    var bytes = try weightBytes("float32.safetensors")
    bytes.replaceSubrange((bytes.count - 4)..., with: little(Float.nan.bitPattern))
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "weights").path
      try Data(bytes).write(to: URL(filePath: path))
      let file = try WeightFile(at: path)
      let last = try #require(file.entries.last)
      let error = WeightFileError.notFinite(
        file: path, inside: last.path, element: last.extents.reduce(1, *) - 1)
      #expect(throws: error) {
        try file.weights(of: ToyNetwork.layers, network: "the toy network")
      }
    }
  }
}
