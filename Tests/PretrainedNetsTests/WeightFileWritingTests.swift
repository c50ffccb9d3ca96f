import Engine
import Foundation
import Imaging
import PretrainedNets
import TestSupport
import Testing

@Suite("Writing weights")
struct WeightFileWritingTests {
  private static func files(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  @Test("what is written is read again", arguments: [WeightFile.Precision.half, .single])
  func roundTrip(precision: WeightFile.Precision) throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "toy.h5").path
      // All numbers are 64ths, which half precision holds.
      try WeightFile.write(ToyNetwork.weights, as: precision, to: path)
      let file = try WeightFile(at: path)
      #expect(file.layoutDescription == "Caffe, kernels (out, in, kh, kw)")
      #expect(
        file.entries.map(\.path) == [
          "/data/conv1_1/0", "/data/conv1_1/1", "/data/fc6/0", "/data/fc6/1",
          "/data/fire2/squeeze1x1/0", "/data/fire2/squeeze1x1/1",
        ])
      let bits = precision == .half ? 16 : 32
      #expect(file.entries.allSatisfy { $0.type == .floatingPoint(bits: bits) })
      let weights = try file.weights(of: ToyNetwork.layers, network: "the toy network")
      #expect(weights == ToyNetwork.weights)
    }
  }

  @Test("the same weights give the same bytes, over what was there")
  func sameBytes() throws {
    try withTemporaryFolder { folder in
      let urls = ["a.h5", "b.h5"].map { folder.appending(path: $0) }
      try Data(repeating: 7, count: 1 << 20).write(to: urls[1])
      for url in urls {
        try WeightFile.write(ToyNetwork.weights, to: url.path)
        // A second later, in whole seconds of HDF5's clock.
        if url == urls[0] { Thread.sleep(forTimeInterval: 1.1) }
      }
      let isSame = try Data(contentsOf: urls[0]) == Data(contentsOf: urls[1])
      #expect(isSame)
      #expect(try Self.files(in: folder).count == 2)
    }
  }

  /// The number that 15 bits of half precision stand for.
  private static func number(_ bits: Int) -> Float {
    let (exponent, fraction) = (bits >> 10, bits & 0x3ff)
    return exponent == 0
      ? Float(sign: .plus, exponent: -24, significand: Float(fraction))
      : Float(sign: .plus, exponent: exponent - 25, significand: Float(fraction + 1024))
  }

  @Test("half precision keeps its numbers, and rounds others to the nearest, or the even one")
  func rounding() throws {
    // Its threads take the smallest numbers for zero, this one included, which must not matter.
    try ThreadPool(threads: 1).forEach(1) { _ in }
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "numbers.h5").path
      let numbers = (0..<0x7c00).map(Self.number)
      var given = numbers + numbers.map { -$0 }
      var expected = given
      for (bits, (below, above)) in zip(numbers, numbers.dropFirst()).enumerated() {
        let middle = (below + above) / 2
        given += [middle.nextDown, middle, middle.nextUp]
        expected += [below, bits % 2 == 0 ? below : above, above]
      }
      given += [1 / 3, 65519, 1e-30, -2e-8]
      expected += [0.333_251_95, 65504, 0, 0]
      try WeightFile.write(
        ["fc": LayerWeights(weight: Tensor([given.count, 1], given), bias: Tensor([1]))], to: path)
      let found = try WeightFile(at: path).tensors(at: ["/data/fc/0"])[0].elements
      let wrong = zip(found, expected).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
      #expect(wrong.isEmpty)
    }
  }

  @Test(
    "what does not fit the precision is told, and no file appears",
    arguments: [
      (WeightFile.Precision.half, 65520 as Float), (.half, .infinity), (.half, .nan),
      (.single, .infinity), (.single, .nan),
    ])
  func misfits(precision: WeightFile.Precision, value: Float) throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "large.h5").path
      var bias = Tensor([4])
      bias[2] = value
      let weights = ["fc6": LayerWeights(weight: Tensor([4, 3]), bias: bias)]
      let error = #expect(throws: OutputError.self) {
        try WeightFile.write(weights, as: precision, to: path)
      }
      #expect(
        error?.description == """
          \(path): could not be written (element 2 of /data/fc6/1 is no finite number of \
          \(precision) precision); what was there before is unchanged
          """)
      let left = try Self.files(in: folder)
      #expect(left.isEmpty)
    }
  }

  @Test("what the layout has no place for is told")
  func normalization() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "bn.h5").path
      let error = #expect(throws: OutputError.self) {
        try WeightFile.write(["bn1": LayerWeights([.mean: Tensor([3])])], to: path)
      }
      #expect(
        error?.description == """
          \(path): could not be written (Caffe's layout has no place for the mean of bn1); \
          what was there before is unchanged
          """)
    }
  }

  @Test("names that no file can hold are told")
  func names() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "clash.h5").path
      let layer = LayerWeights(weight: Tensor([1, 1]), bias: Tensor([1]))
      // A tensor cannot also be the group of another.
      #expect(throws: OutputError.self) {
        try WeightFile.write(["fc": layer, "fc/0": layer], to: path)
      }
      let left = try Self.files(in: folder)
      #expect(left.isEmpty)
    }
  }
}
