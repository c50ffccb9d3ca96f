import Engine
import Foundation
import PretrainedNets
import TestSupport
import Testing

@Suite("Files of weights")
struct WeightFileTests {
  private static let torch = "PyTorch, kernels (out, in, kh, kw)"

  @Test(
    "every layout gives the same weights",
    arguments: [
      ("caffe.h5", "Caffe, kernels (out, in, kh, kw)"),
      ("caffe_old.h5", "Caffe, kernels (out, in, kh, kw)"),
      ("toy.caffemodel", "Caffe, kernels (out, in, kh, kw)"),
      ("toy_old.caffemodel", "Caffe, kernels (out, in, kh, kw)"),
      ("toy_doubles.caffemodel", "Caffe, kernels (out, in, kh, kw)"),
      ("toy_unpacked.caffemodel", "Caffe, kernels (out, in, kh, kw)"),
      ("keras_nested.h5", "Keras, kernels (kh, kw, in, out)"),
      ("keras_applications.h5", "Keras, kernels (kh, kw, in, out)"),
      ("theano.h5", "Keras, kernels (out, in, kh, kw), turned by 180° (Theano)"),
      ("theano_old.h5", "Keras, kernels (out, in, kh, kw), turned by 180° (Theano)"),
      ("th_order.h5", "Keras, kernels (out, in, kh, kw)"),
      ("keras_model.h5", "Keras, kernels (kh, kw, in, out)"),
      ("keras3.weights.h5", "Keras 3, layers by their order, kernels (kh, kw, in, out)"),
      ("float32.safetensors", torch), ("float16.safetensors", torch),
      ("bfloat16.safetensors", torch), ("torch_zip.pth", torch), ("torch_legacy.pth", torch),
      ("torch_protocol5.pth", torch), ("torch_legacy_protocol4.pth", torch),
      ("torch_half.pth", torch), ("torch_bfloat16.pth", torch), ("torch_parameters.pth", torch),
      ("torch_strided_zip.pth", torch), ("torch_strided_legacy.pth", torch),
      ("torch_shared_zip.pth", torch), ("torch_shared_legacy.pth", torch),
      ("torch_checkpoint.pth", torch), ("torch_checkpoint_legacy.pth", torch),
    ])
  func layouts(name: String, layout: String) throws {
    let file = try WeightFile(at: ToyNetwork.path(name))
    #expect(file.layoutDescription == layout)
    #expect(file.held(of: ToyNetwork.layers) == ["conv1_1", "fire2/squeeze1x1", "fc6"])
    let strangers = file.strangers(to: ToyNetwork.layers).filter { entry in
      !entry.path.contains("optimizer") && entry.path != "best_acc1"
    }
    #expect(strangers.isEmpty)
    let weights = try file.weights(of: ToyNetwork.layers, network: "the toy network")
    #expect(weights == ToyNetwork.weights)
  }

  @Test(
    "kernels are turned and rows swapped on demand, whatever the layout",
    arguments: ["caffe.h5", "keras_applications.h5", "theano.h5", "keras3.weights.h5"])
  func rereading(name: String) throws {
    var file = try WeightFile(at: ToyNetwork.path(name))
    (file.turnsKernels, file.swapsRows) = (true, true)
    let found = try file.weights(of: ToyNetwork.layers, network: "the toy network")
    let kernel = try #require(ToyNetwork.weights["conv1_1"]?[.weight]).elements
    let turned = (0..<12).flatMap { kernel[$0 * 9..<$0 * 9 + 9].reversed() }
    #expect(found["conv1_1"]?[.weight]?.elements == turned)
    #expect(found["fire2/squeeze1x1"] == ToyNetwork.weights["fire2/squeeze1x1"])
    // Rows of two channels of two by three, taken for the other order.
    let isChannelsLast = name.hasPrefix("keras")
    let dense = try #require(ToyNetwork.weights["fc6"]?[.weight])
    let swapped = try #require(found["fc6"]?[.weight])
    for (channel, place) in (0..<12).map({ ($0 / 6, $0 % 6) }) {
      let (here, there) = (channel * 6 + place, place * 2 + channel)
      #expect(swapped[3, isChannelsLast ? there : here] == dense[3, isChannelsLast ? here : there])
    }
  }

  @Test("groups that a file splits are put together")
  func groups() throws {
    let file = try WeightFile(at: ToyNetwork.path("convnets_keras.h5"))
    #expect(file.family == .convnetsKeras)
    #expect(file.strangers(to: ToyNetwork.groupedLayers).isEmpty)
    let weights = try file.weights(of: ToyNetwork.groupedLayers, network: "the toy network")
    #expect(weights == ToyNetwork.groupedWeights)
  }

  @Test(
    "numbers of every type and byte order are read",
    arguments: [
      "<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8",
      "<u1", ">u2", "<u4", ">u8",
    ])
  func numberTypes(type: String) throws {
    let file = try WeightFile(at: ToyNetwork.path("types.h5"))
    let tensor = try file.tensors(at: ["/data/\(type)/0"])[0]
    let isUnsigned = type.contains("u")
    #expect(tensor == Tensor([2, 3], [isUnsigned ? 2 : -2, 0, 1, 3, 4, 100]))
    let entry = try #require(file.entries.first { $0.path == "/data/\(type)/0" })
    let kind = type.contains("f") ? "float" : isUnsigned ? "uint" : "int"
    #expect(entry.type.description == kind + "\(8 * (Int(type.suffix(1)) ?? 0))")
    #expect(entry.extents == [2, 3])
  }

  @Test(
    "numbers of every type are read from flat data",
    arguments: ["types.safetensors", "torch_types.pth"],
    [
      "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8",
      "uint16", "uint32", "uint64",
    ])
  func flatNumberTypes(name: String, type: String) throws {
    let file = try WeightFile(at: ToyNetwork.path(name))
    let tensor = try file.tensors(at: ["\(type).weight"])[0]
    #expect(tensor == Tensor([2, 3], [type.hasPrefix("u") ? 2 : -2, 0, 1, 3, 4, 100]))
    let entry = try #require(file.entries.first { $0.path == "\(type).weight" })
    #expect(entry.type.description == type)
    #expect(entry.extents == [2, 3])
    #expect(try file.tensors(at: ["bool.weight"]) == [Tensor([1, 3], [1, 0, 1])])
    #expect(try file.tensors(at: ["scalar.weight"]) == [Tensor(1.5)])
    #expect(file.entries.count == 14)
    #expect(throws: WeightFileError.noTensor(file: file.path, inside: "empty.weight")) {
      try file.tensors(at: ["empty.weight"])
    }
  }

  @Test("every number of half precision is read, on the engine's threads too")
  func halves() throws {
    let header = #"{"a.weight":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#
    let bytes =
      little(UInt64(header.utf8.count)) + Array(header.utf8) + (0...UInt16.max).flatMap(little)
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "weights").path
      try Data(bytes).write(to: URL(filePath: path))
      let file = try WeightFile(at: path)
      var found = [try file.tensors(at: ["a.weight"])[0]]
      try ThreadPool(threads: 1).forEach(1) { _ in
        found += (try? file.tensors(at: ["a.weight"])) ?? []
      }
      #expect(found.count == 2)
      for tensor in found {
        let wrong = zip(tensor.elements, 0...UInt16.max).count { number, bits in
          let expected = Self.number(halfBits: bits)
          return number != expected && !(number.isNaN && expected.isNaN)
        }
        #expect(wrong == 0)
      }
    }
  }

  /// The number by IEEE 754's definition; the threads of the engine take subnormal numbers for zero, and
  /// so may the standard library's conversion from `Float16`, where it computes with them.
  private static func number(halfBits bits: UInt16) -> Float {
    let (exponent, fraction) = (Int(bits >> 10) & 0x1f, Double(bits & 0x3ff))
    let sign: Float = bits >> 15 == 1 ? -1 : 1
    switch exponent {
    case 0: return sign * Float(fraction * 0x1p-24)
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      let power = Double(sign: .plus, exponent: exponent - 15, significand: 1)
      return sign * Float((1 + fraction / 1024) * power)
    }
  }

  @Test("a dense layer that is read in strips comes together")
  func strips() throws {
    let layer = WeightedLayer("fc6", [512, 4608], flattens: [512, 3, 3])
    let file = try WeightFile(at: ToyNetwork.path("keras_strips.h5"))
    let weights = try #require(try file.weights(of: [layer], network: "a layer")["fc6"])
    #expect(weights[.weight] == ToyNetwork.numbers([512, 4608], 7))
    #expect(weights[.bias] == ToyNetwork.numbers([512], 8))
  }

  @Test("a checkpoint's tensors have the names of the keys that lead to them")
  func checkpoint() throws {
    for name in ["torch_checkpoint.pth", "torch_checkpoint_legacy.pth"] {
      let file = try WeightFile(at: ToyNetwork.path(name))
      let paths = file.entries.map(\.path)
      #expect(paths.contains("state_dict.module.conv1_1.weight"))
      #expect(paths.contains("optimizer.state.0.momentum_buffer"))
      #expect(try file.tensors(at: ["best_acc1"]) == [Tensor(57.5)])
      #expect(paths.count == 13)
    }
  }

  @Test("scalars are listed; texts and tensors without elements are not")
  func listing() throws {
    let file = try WeightFile(at: ToyNetwork.path("types.h5"))
    #expect(try file.tensors(at: ["/data/scalar/0"]) == [Tensor(1.5)])
    #expect(!file.entries.contains { $0.path == "/data/empty/0" || $0.path == "/data/text/0" })
    #expect(file.entries.count == 18)
  }

  @Test("soft and external links are not followed")
  func links() throws {
    let path = ToyNetwork.path("elsewhere.h5")
    let file = try WeightFile(at: path)
    #expect(file.entries.map(\.path) == ["/data/here/0"])
    for inside in ["/data/soft/0", "/data/external/0"] {
      #expect(throws: WeightFileError.noTensor(file: path, inside: inside)) {
        try file.tensors(at: [inside])
      }
    }
  }

  @Test(
    "data that are elsewhere, absurd, incomplete or behind an unknown filter are refused",
    arguments: [
      ("external", "is refused: its data lie in another file"),
      ("virtual", "is refused: its data lie in other files"),
      ("unwritten", "its data were never written"),
      ("huge", "is refused: its shape [1048576, 1048576] has more than 268435456 elements"),
      (
        "wide",
        "is refused: its shape [1099511627776, 1099511627776] has more than 268435456 elements"
      ),
      ("chunked", "1 of its 3 chunks were written"),
      (
        "filtered",
        "is refused: compressed by filter 32000, which is not available; store it with gzip"
      ),
    ])
  func storage(name: String, text: String) throws {
    let path = ToyNetwork.path("storage.h5")
    let file = try WeightFile(at: path)
    let error = #expect(throws: WeightFileError.self) {
      try file.tensors(at: ["/data/\(name)/0"])
    }
    let isDamaged = name == "unwritten" || name == "chunked"
    #expect(
      error?.description
        == (isDamaged
          ? "\(path): damaged at /data/\(name)/0: \(text); fetch it again"
          : "\(path): /data/\(name)/0 \(text)"))
  }

  @Test("a tensor that is not there is reported")
  func noTensor() throws {
    let path = ToyNetwork.path("caffe.h5")
    let file = try WeightFile(at: path)
    for inside in ["/data/conv1_1/7", "/data/conv1_1", "/data/conv1_1/0/0", "/nowhere"] {
      #expect(throws: WeightFileError.noTensor(file: path, inside: inside)) {
        try file.tensors(at: [inside])
      }
    }
    #expect(
      WeightFileError.noTensor(file: "a.h5", inside: "/x").description
        == "a.h5: there is no tensor at /x")
  }
}
