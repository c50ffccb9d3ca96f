import Foundation
import PretrainedNets
import TestSupport
import Testing

@Suite("Damaged and hostile pickles")
struct HostilePickleTests {
  private typealias P = Pickle

  private static func refused(_ reason: String) -> String {
    "archive/data.pkl is refused: \(reason)"
  }

  private static func damaged(_ reason: String, at place: String = "archive/data.pkl") -> String {
    "damaged at \(place): \(reason); fetch it again"
  }

  private static func asks(_ name: String) -> String {
    refused("it asks for \(name), which weights never need; no code is run")
  }

  private static func state(_ tensor: [UInt8]) -> [UInt8] { P.dictionary([("a.weight", tensor)]) }

  /// What would run code in Python.
  static let calls: [([UInt8], String)] = [
    (P.global("posix.system") + P.tuple([P.text("true")]) + P.ascii("R"), asks("posix.system")),
    (
      P.text("builtins") + P.text("eval") + [0x93] + P.tuple([P.text("1")]) + P.ascii("R"),
      asks("builtins.eval")
    ),
    (P.ascii("(") + P.text("true") + P.ascii("ios\nsystem\n"), asks("os.system")),
    (P.ascii("(") + P.global("os.system") + P.text("true") + P.ascii("o"), asks("os.system")),
    (
      P.global("subprocess.Popen") + P.ascii(")") + [0x81] + P.dictionary([]) + P.ascii("b"),
      asks("subprocess.Popen")
    ),
    (
      P.global("subprocess.Popen") + P.ascii(")}") + [0x92], asks("subprocess.Popen")
    ),
    (P.global("builtins.print") + P.ascii("}b"), asks("builtins.print")),
    (
      P.dictionary([
        ("a.weight", P.tensor()), ("b", P.global("os.system") + P.tuple([]) + P.ascii("R")),
      ]), asks("os.system")
    ),
    (
      P.call(
        "torch._tensor._rebuild_from_type_v2",
        [P.global("os.system"), P.global("torch.Tensor"), P.tuple([P.text("true")]), [0x4e]]),
      asks("os.system")
    ),
    (
      P.call("torch._utils._rebuild_parameter", [P.global("os.system"), [0x89], [0x4e]]),
      damaged("a parameter that is no tensor")
    ),
    (P.integer(7) + P.tuple([]) + P.ascii("R"), damaged("it calls what is no function")),
    (
      P.global("torchvision.models.alexnet.AlexNet") + P.ascii(")") + [0x81]
        + P.dictionary([("_parameters", P.dictionary([]))]) + P.ascii("b"),
      refused(
        """
        it is a whole module (torchvision.models.alexnet.AlexNet) with its code; in PyTorch, \
        torch.save(model.state_dict(), …) saves the weights alone
        """)
    ),
  ]

  /// What would take memory or time, or breaks the rules of the instructions.
  static let bombs: [([UInt8], String)] = [
    (P.ascii("}q\0") + P.text("a") + P.ascii("h\0s"), damaged("it holds itself at a")),
    (P.ascii("]q\0h\0a"), damaged("it holds itself at 0")),
    (
      P.ascii(String(repeating: "]", count: 100_000) + String(repeating: "a", count: 99_999)),
      refused("it has more than 16 levels")
    ),
    (
      P.ascii("N") + [UInt8](repeating: 0x85, count: 1_000_000),
      refused("it has more than 16 levels")
    ),
    (doubling(16, times: 2), refused("it has more than 16 levels")),
    (doubling(14, times: 9), refused("it has more than 2097152 values or 20000 tensors")),
    (
      [UInt8](repeating: 0x4e, count: 1 << 21), refused("it has more than 2097152 instructions")
    ),
    (
      P.ascii("](") + [UInt8](repeating: 0x29, count: 1 << 20) + P.ascii("eq\0")
        + (0..<3).flatMap { _ in
          P.global("collections.OrderedDict") + P.ascii("h\0") + [0x85] + P.ascii("R")
        },
      damaged("a dictionary of what are no pairs")
    ),
    ([0x8b] + little(Int32.max), damaged("it ends in the middle, at byte 7")),
    ([0x8b] + little(Int32(-1)), damaged("it ends in the middle, at byte 7")),
    (P.ascii("X") + little(UInt32.max), damaged("it ends in the middle, at byte 7")),
    ([0x8d] + little(UInt64.max), damaged("it ends in the middle, at byte 11")),
    ([0x8e] + little(UInt64(1) << 63), damaged("it ends in the middle, at byte 11")),
    (P.ascii("X") + little(UInt32(1)) + [0xff], damaged("a text that is none")),
    (P.ascii("cos\nsystem"), damaged("it ends in the middle, at byte 6")),
    (P.ascii("h\u{7}"), damaged("it recalls 7, which it never kept")),
    (P.ascii("(s"), damaged("it takes more than it has put down")),
    (P.ascii("t"), damaged("it takes more than it has put down")),
    ([], damaged("it takes more than it has put down")),
    (P.ascii("N(0s"), damaged("it takes more than it has put down")),
    (P.ascii("](NNu"), damaged("it adds to what is no dictionary")),
    (P.ascii("}Na"), damaged("it adds to what is no list")),
    (P.ascii("}(Nu"), damaged("a key without a value")),
    (
      P.text("a") + P.text(String(repeating: "b", count: 2000)) + [0x93],
      damaged("a class or function without a name that could be one")
    ),
    (P.ascii("NN") + [0x93], damaged("a class or function without a name that could be one")),
    ([0x82, 1], refused("its instruction 0x82 at byte 2 is none that weights need")),
    (P.ascii("I1\n"), refused("its instruction 0x49 at byte 2 is none that weights need")),
    (P.ascii("NQ"), damaged("a storage without a name and a length")),
    (state(P.tensor(on: P.storage(count: -4))), damaged("a storage without a name and a length")),
    (
      state(P.tensor(on: P.storage(type: "torch.ComplexFloatStorage"))),
      refused(
        "it has numbers in a torch.ComplexFloatStorage, which is not read; save it as float32")
    ),
    (
      P.dictionary([
        ("a.weight", P.tensor()), ("b.weight", P.tensor(on: P.storage(type: "torch.HalfStorage"))),
      ]), damaged("two storages of the name 0")
    ),
    (
      state(P.tensor([4], strides: [1, 1])),
      damaged("a tensor without a storage, an offset, a shape and strides")
    ),
    (
      state(P.tensor([Int](repeating: 1, count: 65), strides: [Int](repeating: 1, count: 65))),
      damaged("a tensor without a storage, an offset, a shape and strides")
    ),
    (
      P.dictionary([("a.b", P.tensor()), ("a", P.dictionary([("b", P.tensor())]))]),
      damaged("two tensors have the name a.b")
    ),
    (
      P.dictionary([(String(repeating: "a", count: 2000), P.tensor())]),
      refused("a name of more than 1024 bytes")
    ),
    (
      P.dictionary([("a\nb", P.tensor([5]))]),
      damaged(fit("[5] with strides [1] from element 0"), at: #"a\nb"#)
    ),
  ]

  /// Tensors that reach beyond their storage, or would be larger than it.
  static let windows: [([UInt8], String)] = [
    (P.tensor(offset: 1), fit("[4] with strides [1] from element 1")),
    (P.tensor(offset: 4, [1]), fit("[1] with strides [1] from element 4")),
    (P.tensor(offset: -1, [2]), fit("[2] with strides [1] from element -1")),
    (P.tensor(offset: .max, [2]), fit("[2] with strides [1] from element \(Int.max)")),
    (P.tensor([2], strides: [4]), fit("[2] with strides [4] from element 0")),
    (P.tensor([2], strides: [-1]), fit("[2] with strides [-1] from element 0")),
    (P.tensor([-2]), fit("[-2] with strides [1] from element 0")),
    (P.tensor([2], strides: [.max]), fit("[2] with strides [\(Int.max)] from element 0")),
    (
      P.tensor([2, 2, 2, 2], strides: [.max, .max, .max, .max]),
      fit(
        "[2, 2, 2, 2] with strides [\(Int.max), \(Int.max), \(Int.max), \(Int.max)] from element 0")
    ),
    (
      P.tensor([1 << 62, 1 << 62], strides: [0, 0]),
      fit("[\(1 << 62), \(1 << 62)] with strides [0, 0] from element 0")
    ),
    (P.tensor([5], strides: [0]), fit("[5] with strides [0] from element 0")),
    (P.tensor(on: P.storage("1"), [4]), "the archive has no such entry"),
    (
      P.tensor(on: P.storage(count: 5), [4]), "its storage 0 has 16 bytes, not those of 5 numbers"
    ),
    (
      P.tensor(on: P.storage(count: .max), [4]),
      "its storage 0 has 16 bytes, not those of \(Int.max) numbers"
    ),
  ]

  private static func fit(_ window: String) -> String {
    "its shape \(window) on does not fit into the 4 numbers of its storage"
  }

  /// Lists of the next list many times, so deep.
  private static func doubling(_ depth: Int, times: Int) -> [UInt8] {
    var bytes = P.ascii("]q\0")
    for level in 0..<UInt8(depth) {
      bytes += P.ascii("](") + (0..<times).flatMap { _ in P.ascii("h") + [level] } + P.ascii("eq")
      bytes.append(level + 1)
    }
    return bytes
  }

  @Test("nothing is run, and what asks for it is named", arguments: calls.map(HostileFile.init))
  func nothingRuns(file: HostileFile) throws {
    let found = try readingError(of: Pickle.zip(file.bytes).bytes)
    #expect(found == file.text)
    let legacy = try readingError(of: Pickle.legacy(file.bytes))
    #expect(legacy == file.text.replacing("archive/data.pkl", with: "its pickle"))
  }

  @Test("each ends in one clear line", arguments: bombs.map(HostileFile.init))
  func oneLine(file: HostileFile) throws {
    let found = try readingError(of: Pickle.zip(file.bytes).bytes)
    #expect(found == file.text)
  }

  @Test("tensors stay within their storages", arguments: windows.map(HostileFile.init))
  func window(file: HostileFile) throws {
    let place = file.text.contains("archive") ? "archive/data/1" : "a.weight"
    let found = try readingError(of: Pickle.zip(Self.state(file.bytes)).bytes)
    #expect(found == Self.damaged(file.text, at: place))
  }

  @Test("a pickle without an end is reported")
  func noStop() throws {
    var zip = Pickle.zip(Self.state(Pickle.tensor()))
    #expect(try readingError(of: zip.bytes) == "no error")
    for length in 0..<zip.entries[0].data.count {
      var cut = zip
      cut.entries[0].data = Array(cut.entries[0].data[..<length])
      #expect(try readingError(of: cut.bytes).hasPrefix("damaged at archive/data.pkl: "))
    }
    zip.entries[0].data = [UInt8](repeating: 0x4e, count: (1 << 24) + 1)
    #expect(
      try readingError(of: zip.bytes)
        == Self.refused("16777217 bytes long, of which 16777216 at most are read"))
  }

  @Test("what is harmless is read: dictionaries of Python 2, far memo keys, unused classes")
  func harmless() throws {
    let pairs =
      Pickle.global("collections.OrderedDict") + Pickle.ascii("(](")
      + Pickle.tuple([Pickle.ascii("U\u{8}a.weight"), Pickle.tensor()]) + Pickle.ascii("etR")
    let far =
      Pickle.ascii("}r") + little(UInt32.max) + Pickle.ascii("0j") + little(UInt32.max)
      + Pickle.text("a.weight") + Pickle.tensor() + Pickle.ascii("s")
    let unused = Pickle.dictionary([
      ("kind", Pickle.global("os.system")), ("a.weight", Pickle.tensor()),
    ])
    for instructions in [pairs, far, unused] {
      try withTemporaryFolder { folder in
        let path = folder.appending(path: "weights").path
        try Data(Pickle.zip(instructions).bytes).write(to: URL(filePath: path))
        let tensors = try WeightFile(at: path).tensors(at: ["a.weight"])
        #expect(tensors.map(\.elements) == [[0.5, -1, 2, 4]])
      }
    }
  }

  @Test(
    "files of torch.save that are not weights say what to do",
    arguments: [
      (
        "torch_module_zip.pth",
        """
        torch_module_zip/data.pkl is refused: it is a whole module \
        (torch.nn.modules.linear.Linear) with its code; in PyTorch, \
        torch.save(model.state_dict(), …) saves the weights alone
        """
      ),
      (
        "torch_module_legacy.pth",
        """
        its pickle is refused: it is a whole module (torch.nn.modules.container.Sequential) with \
        its code; in PyTorch, torch.save(model.state_dict(), …) saves the weights alone
        """
      ),
      (
        "torchscript.pt",
        """
        a TorchScript archive (in PyTorch, torch.save(torch.jit.load(path).state_dict(), …) saves \
        its weights alone), not a file of weights; give HDF5 as Caffe or Keras writes it, \
        .caffemodel, safetensors, a state dictionary of PyTorch (.pth), or ONNX
        """
      ),
      (
        "arrays.npz",
        """
        a NumPy archive (.npz), not a file of weights; give HDF5 as Caffe or Keras writes it, \
        .caffemodel, safetensors, a state dictionary of PyTorch (.pth), or ONNX
        """
      ),
      (
        "torch_quantized.pth",
        """
        torch_quantized/data.pkl is refused: it has numbers in a torch.QInt8Storage, which is not \
        read; save it as float32
        """
      ),
      (
        "torch_complex.pth",
        """
        torch_complex/data.pkl is refused: it has numbers in a torch.ComplexFloatStorage, which is \
        not read; save it as float32
        """
      ),
      (
        "torch_float8.pth",
        """
        torch_float8/data.pkl is refused: it has numbers of type torch.float8_e4m3fn, which is not \
        read; save it as float32
        """
      ),
      (
        "float8.safetensors",
        "a.weight is refused: its numbers are F8_E4M3, which is not read; save it as F16 or F32"
      ),
      (
        "torch_expanded.pth",
        """
        damaged at a.weight: its shape [1000] with strides [0] from element 0 on does not fit into \
        the 1 numbers of its storage; fetch it again
        """
      ),
    ])
  func unfit(name: String, text: String) throws {
    #expect(try readingError(of: try weightBytes(name)) == text)
  }
}
