import Engine
import Foundation
import PretrainedNets
import TestSupport
import Testing

@Suite("Damaged and hostile files of torch.save")
struct HostileTorchTests {
  private static let state = Pickle.dictionary([("a.weight", Pickle.tensor())])

  /// What is wrong with the archive, and what is said of it.
  static let archives: [(@Sendable (inout ZipBytes) -> Void, String)] = [
    ({ _ in }, "no error"),
    ({ $0.hasWideEnd = true }, "no error"),
    (
      {
        $0.hasWideEnd = true
        $0.end = .init(count: .max, size: .max, offset: .max)
      }, "no error"
    ),
    (
      {
        $0.hasWideEnd = true
        $0.wideOffset = 1 << 63
      }, "damaged at its end: its wider record lies beyond it; fetch it again"
    ),
    (
      {
        $0.hasWideEnd = true
        $0.wideOffset = 0
      }, "damaged at its end: its wider record is missing; fetch it again"
    ),
    (
      {
        $0.hasWideEnd = true
        $0.wideEnd.size = 1
      }, "damaged at its end: its two records disagree; fetch it again"
    ),
    (
      {
        $0.hasWideEnd = true
        $0.end.offset = .max
        $0.wideEnd.offset = .max
      },
      """
      damaged at its end: a directory of 185 bytes from byte 18446744073709551615 on does not fit; \
      fetch it again
      """
    ),
    (
      {
        $0.hasWideEnd = true
        $0.end.count = .max
        $0.wideEnd.count = 1 << 40
      },
      """
      damaged at its directory: it has 3 entries, the archive's end says 1099511627776; \
      fetch it again
      """
    ),
    (
      { $0.end.disk = 1 }, "damaged at its end: the archive is one of several parts; fetch it again"
    ),
    (
      { $0.end.size = 186 },
      """
      damaged at its end: a directory of 186 bytes from byte 325 on does not fit; fetch it again
      """
    ),
    (
      { $0.end.size = 100 },
      "damaged at its directory: entry 1 of it cannot be understood; fetch it again"
    ),
    (
      { $0.end.offset = 0 },
      "damaged at its directory: entry 0 of it cannot be understood; fetch it again"
    ),
    (
      { $0.end.count = 2 },
      "damaged at its directory: it has 3 entries, the archive's end says 2; fetch it again"
    ),
    (
      { $0.entries.append($0.entries[2]) },
      "damaged at its directory: it has archive/data/0 twice; fetch it again"
    ),
    (
      { $0.entries[2].offset = 0 },
      "damaged at archive/data.pkl: its 157 bytes reach into what follows; fetch it again"
    ),
    (
      {
        $0.entries[2].size = 17
        $0.entries[2].compressedSize = 17
      }, "damaged at archive/data/0: its 17 bytes reach into what follows; fetch it again"
    ),
    (
      {
        $0.entries[2].size = .max
        $0.entries[2].compressedSize = .max
      },
      """
      damaged at archive/data/0: its 18446744073709551615 bytes reach into what follows; \
      fetch it again
      """
    ),
    (
      { $0.entries[2].compressedSize = 8 },
      "damaged at archive/data/0: it has two lengths; fetch it again"
    ),
    (
      { $0.entries[2].offset = 1 << 63 },
      "damaged at archive/data/0: its header lies beyond the end of the file; fetch it again"
    ),
    (
      { $0.entries[2].localSignature = 7 },
      "damaged at archive/data/0: its header is none of a stored entry; fetch it again"
    ),
    (
      { $0.entries[2].localName = "archive/data/1" },
      "damaged at archive/data/0: its header has another name; fetch it again"
    ),
    (
      { $0.entries[2].method = 8 },
      """
      archive/data/0 is refused: it is compressed, as torch.save never does; save it again in PyTorch
      """
    ),
    (
      { $0.entries[0].flags = 1 },
      """
      archive/data.pkl is refused: it is encrypted, as torch.save never does; save it again in \
      PyTorch
      """
    ),
    (
      { $0.entries[1].data = Pickle.ascii("middle") },
      "damaged at archive/byteorder: neither 'little' nor 'big'; fetch it again"
    ),
    (
      { $0.entries.append(.init("other/data.pkl", [])) },
      "a zip archive, but none of torch.save\(remedy)"
    ),
    ({ $0.entries.removeFirst() }, "a zip archive, but none of torch.save\(remedy)"),
    (
      { $0.entries = ["metadata.json", "config.json", "model.weights.h5"].map { .init($0, [1]) } },
      """
      a Keras 3 archive (unpacked as a zip, it has a model.weights.h5 that can be read)\(remedy)
      """
    ),
  ]

  private static let remedy =
    ", not a file of weights; give HDF5 as Caffe or Keras writes it, .caffemodel, safetensors, "
    + "a state dictionary of PyTorch (.pth), or ONNX"

  @Test("each damage to the archive ends in one clear line", arguments: archives.indices)
  func archive(index: Int) throws {
    let (damage, text) = Self.archives[index]
    var zip = Pickle.zip(Self.state)
    damage(&zip)
    let found = try readingError(of: zip.bytes)
    #expect(found == text)
  }

  static let legacies: [([UInt8], String)] = [
    (Pickle.legacy(state), "no error"),
    (
      Pickle.legacy(state, version: 1000),
      "its pickle is refused: it is of another version than 1001, the only one there was"
    ),
    (
      Pickle.legacy(state, keys: []),
      "damaged at a.weight: there is no storage 0; fetch it again"
    ),
    (
      Pickle.legacy(state, keys: ["0", "1"]),
      "damaged at storage 1: no tensor tells its type; fetch it again"
    ),
    (
      Pickle.legacy(state, keys: ["0", "0"]),
      "damaged at storage 0: it is there twice; fetch it again"
    ),
    (
      Pickle.legacy(state, count: 1 << 63),
      "damaged at storage 0: it has 9223372036854775808 numbers, the pickle says 4; fetch it again"
    ),
    (
      Pickle.legacy(
        Pickle.dictionary([("a.weight", Pickle.tensor(on: Pickle.storage(count: .max)))]),
        count: UInt64(Int.max)),
      "cut short: 225 bytes of 18446744073709551615 are there; fetch it again"
    ),
    (
      Pickle.legacy(part(start: 3, count: 2)),
      "damaged at its pickle: a part of a storage that reaches beyond it; fetch it again"
    ),
    (
      Pickle.legacy(part(start: .max, count: .max)),
      "damaged at its pickle: a part of a storage that reaches beyond it; fetch it again"
    ),
    (
      Pickle.legacy(part(start: 1, count: 2)),
      """
      damaged at a.weight: its shape [4] with strides [1] from element 0 on does not fit into the \
      2 numbers of its storage; fetch it again
      """
    ),
  ]

  /// A tensor of four numbers on a part of the storage.
  private static func part(start: Int, count: Int) -> [UInt8] {
    let view = Pickle.tuple([Pickle.text("1"), Pickle.integer(start), Pickle.integer(count)])
    return Pickle.dictionary([("a.weight", Pickle.tensor(on: Pickle.storage(view: view)))])
  }

  @Test(
    "each damage to the legacy form ends in one clear line",
    arguments: legacies.map(HostileFile.init))
  func legacy(file: HostileFile) throws {
    let found = try readingError(of: file.bytes)
    #expect(found == file.text)
  }

  @Test(
    "a file cut anywhere is reported",
    arguments: ["torch_zip.pth", "torch_legacy.pth", "torch_checkpoint_legacy.pth"])
  func cut(name: String) throws {
    let whole = try weightBytes(name)
    for length in 4..<whole.count where length % 3 == 0 || name == "torch_legacy.pth" {
      let text = try readingError(of: Array(whole[..<length]))
      #expect(
        text.hasPrefix("damaged at ") || text.hasPrefix("cut short: \(length) bytes of ")
          || text.hasPrefix("a Python pickle, but none of torch.save")
          || length < 4 && text.hasPrefix("of no format that is known"))
    }
  }

  @Test("numbers of a machine with the other byte order are turned")
  func bigEndian() throws {
    var zip = Pickle.zip(Self.state)
    zip.entries[1].data = Pickle.ascii("big")
    zip.entries[2].data = [0.5, -1, 2, 4].flatMap { little(($0 as Float).bitPattern.byteSwapped) }
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "weights").path
      try Data(zip.bytes).write(to: URL(filePath: path))
      let tensors = try WeightFile(at: path).tensors(at: ["a.weight"])
      #expect(tensors == [Tensor([4], [0.5, -1, 2, 4])])
    }
  }
}
