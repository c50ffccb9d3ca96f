import Engine
import Foundation
import PretrainedNets
import TestSupport
import Testing

/// ONNX models against onnxruntime; see Tools/reference/onnx_models.py.
@Suite("ONNX models")
struct ONNXGoldenTests {
  /// onnxruntime computes in single precision too, in another order.
  static let tolerance = 2e-5

  static func path(_ model: String) -> String { Fixtures.path("onnx/\(model).onnx") }

  static func classifier(_ model: String) throws -> Classifier {
    var reading = WeightReading()
    reading.preprocessing = .plain
    return try Classifier(onnxAt: path(model), reading: reading)
  }

  /// The models that onnxruntime ran, with the values that are compared.
  static let models: [String: [String]] = {
    let names = (try? GoldenFile("onnx").names) ?? []
    return Dictionary(grouping: names.map { $0.split(separator: ".", maxSplits: 1) }) {
      String($0[0])
    }.mapValues { $0.map { String($0[1]) } }
  }()

  @Test("values are onnxruntime's", arguments: models.keys.filter { $0 != "storage" }.sorted())
  func values(model: String) throws {
    let classifier = try Self.classifier(model)
    let side = classifier.architecture.inputSize
    // Models of open size are exported at another than 224.
    let sides = ["fire": 35, "residual": 32, "mobile": 24]
    let open = side == 224 ? sides[String(model.prefix { $0 != "_" })] : nil
    let picture = Tensor.hashed("\(model).picture", [1, 3, open ?? side, open ?? side])
    let values = try #require(Self.models[model])
    let found = try classifier.features(
      of: picture, at: values, threads: ThreadPool(threads: 2))
    let golden = try GoldenFile("onnx")
    for value in values {
      let error = try golden.tensor("\(model).\(value)").error(of: try #require(found[value]))
      #expect(error < Self.tolerance, "\(value)")
    }
  }

  @Test(
    "numbers are read however they are stored",
    arguments: ["raw", "floats", "raw_half", "halves", "doubles", "external"])
  func storage(kind: String) throws {
    let picture = Tensor.hashed("storage.picture", [1, 3, 4, 4])
    let found = try Self.classifier("storage_\(kind)")
      .features(of: picture, at: ["y"], threads: ThreadPool(threads: 1))
    let error = try GoldenFile("onnx").tensor("storage.y").error(of: #require(found["y"]))
    #expect(error < Self.tolerance)
  }

  @Test("layers are known as the values, the nodes and PyTorch's modules")
  func names() throws {
    let network = try Self.classifier("residual_unfolded").architecture
    let layer = try network.layer(named: "/layer1/conv1/Conv_output_0")
    #expect(try network.layer(named: "/layer1/conv1/Conv") == layer)
    #expect(try network.layer(named: "layer1.conv1") == layer)
    #expect(network.shapes[layer.name] == [1, 8, 56, 56])
    #expect(network.layers.last?.operation == .softmax)
    #expect(network.classCount == 10)
    #expect(network.labels.names.last == "class 9")
    #expect(network.preprocessing == .plain)
    let plain = try Classifier(onnxAt: Self.path("residual_unfolded")).architecture
    #expect(plain.preprocessing == .torchvision)
    #expect((plain.name, plain.inputSize) == ("residual_unfolded", 224))
  }

  @Test("a picture of another size is taken where the network takes it")
  func otherSizes() throws {
    let fire = try Self.classifier("fire_legacy")
    let last = try #require(fire.architecture.layers.last?.name)
    for side in [35, 64] {
      let found = try fire.features(
        of: .hashed("other", [1, 3, side, side]), at: [last], threads: ThreadPool(threads: 1))
      #expect(found[last]?.shape == [1, 10, 1, 1])
      #expect(abs((found[last]?.elements.reduce(0, +) ?? 0) - 1) < 1e-5)
    }
    let dense = try Self.classifier("gemm_plain")
    #expect(throws: ClassifierError.self) {
      try dense.features(
        of: .hashed("other", [1, 3, 5, 5]), at: ["scores"], threads: ThreadPool(threads: 1))
    }
  }

  @Test("a model serves a network of this package by the names of its weights")
  func asWeights() throws {
    let file = try WeightFile(at: Self.path("residual_unfolded"))
    #expect(file.layoutDescription == "PyTorch, kernels (out, in, kh, kw)")
    let layers = [
      WeightedLayer("conv1", .convolution([8, 3, 7, 7], groups: 1, hasBias: false)),
      WeightedLayer("bn1", .normalization(channels: 8)), WeightedLayer("fc", [10, 12]),
    ]
    let weights = try file.weights(of: layers, network: "a residual network")
    #expect(
      weights["conv1"]?[.weight]
        == .hashed("residual.conv1.weight", [8, 3, 7, 7], in: -147.0.bound..<147.0.bound))
  }
}

extension Double {
  /// The bound of the hashed weights of a layer with this many inputs.
  fileprivate var bound: Double { (3 / self).squareRoot() }
}
