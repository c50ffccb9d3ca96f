import Engine
import Foundation
import Imaging
import PretrainedNets
import TestSupport
import Testing

@Suite("Classifiers")
struct ClassifierTests {
  @Test("labels in another order name the same classes")
  func orders() throws {
    let (darknet, usual) = (ClassLabels.imageNetInDarknetOrder, ClassLabels.imageNet)
    // The kit fox is Darknet's first, and Caffe's 279th.
    #expect(darknet.index(of: 0, in: usual) == 278)
    #expect(usual.index(of: 278, in: darknet) == 0)
    #expect(usual.index(of: 3, in: .textures) == 3)
  }

  private static let block1 = Fixtures.path("weights/vgg16_block1.h5")

  @Test(
    "the tables have the published numbers of parameters",
    arguments: [
      ("alexnet", 60_965_224), ("caffenet", 60_965_224), ("alexnet_torchvision", 61_100_840),
      ("vgg16", 138_357_544), ("vgg19", 143_667_240), ("squeezenet1_0", 1_248_424),
      ("squeezenet1_1", 1_235_496), ("googlenet", 6_998_552), ("resnet18", 11_689_512),
      ("resnet50", 25_557_032), ("darknet_tiny", 1_042_104),
    ])
  func parameterCounts(name: String, count: Int) throws {
    #expect(try Architecture.named(name).parameterCount == count)
  }

  @Test("networks are found whatever the case and punctuation")
  func names() throws {
    for name in ["squeezenet1_1", "SqueezeNet-1.1", "squeezenet 1.1"] {
      #expect(try Architecture.named(name).name == "squeezenet1_1")
    }
    #expect(try Architecture.named("VGG-16").name == "vgg16")
  }

  @Test("layers have the shapes of Caffe's rounding")
  func shapes() {
    let net = Architecture.squeezeNet1_1
    #expect(net.shapes["conv1"] == [1, 64, 113, 113])
    #expect(net.shapes["pool3"] == [1, 128, 28, 28])
    #expect(net.shapes["fire9/concat"] == [1, 512, 14, 14])
    #expect(net.shapes["prob"] == [1, 1000, 1, 1])
    #expect(Architecture.squeezeNet1_0.shapes["conv10"] == [1, 1000, 15, 15])
    #expect(Architecture.vgg19.shapes["pool5"] == [1, 512, 7, 7])
    #expect(net.stride(of: "fire4/expand3x3") == 8)
    #expect(net.stride(of: "conv10") == 16)
    #expect(Architecture.vgg16.stride(of: "conv3_3") == 4)
    #expect(Architecture.resNet50.stride(of: "layer4.2") == 32)
    #expect(Architecture.googLeNet.stride(of: "inception_5b/output") == 32)
    #expect(net.scoreLayer == "conv10")
    #expect(Architecture.vgg16.scoreLayer == "fc8")
  }

  @Test(
    "no two layers of a network share a name or an alias", arguments: Architecture.all.map(\.name))
  func layerNames(network: String) throws {
    let names = try Architecture.named(network).layers.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count)
  }

  @Test("ports are the network as files of another family mean it")
  func ports() throws {
    let torch = Architecture.squeezeNet1_0.port(to: .torch)
    #expect(torch.inputSize == 224)
    #expect(torch.preprocessing == .torchvision)
    #expect(torch.shapes["conv10"] == [1, 1000, 13, 13])
    #expect(torch.weightedLayers == Architecture.squeezeNet1_0.weightedLayers)
    #expect(try torch.layer(named: "features.3.squeeze").name == "fire2/squeeze1x1")
    #expect(try Architecture.vgg16.port(to: .torch).layer(named: "features.28").name == "conv5_3")
    #expect(try Architecture.vgg19.layer(named: "features.34").name == "conv5_4")
    let keras = Architecture.caffeNet.port(to: .convnetsKeras)
    #expect(keras.preprocessing == .convnetsKeras)
    guard case .responseNormalization(let rule) = try keras.layer(named: "norm2").operation else {
      Issue.record("norm2 is no normalisation")
      return
    }
    #expect(rule.k == 2 && rule.convention == .undivided)
    #expect(Architecture.caffeNet.port(to: .torch).preprocessing == .caffeNet)
  }

  @Test("a file that lacks deeper layers serves the layers it has")
  func partialFile() throws {
    let classifier = try Classifier(.vgg16, weightsAt: Self.block1)
    #expect(classifier.availableLayers == ["conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1"])
    #expect(!classifier.canClassify)
    #expect(throws: Never.self) { try classifier.check(layer: "block1_conv2") }
    let error = #expect(throws: WeightFileError.self) { try classifier.check(layer: "relu2_1") }
    #expect(
      error?.description == """
        \(Self.block1): holds conv1_1 … conv1_2 of vgg16; conv2_1 is missing; \
        ask for a layer up to pool1 or give a complete file
        """)
  }

  @Test("layers beyond the deepest that is wanted are not read")
  func deeperLayersAreNotRead() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "weights.h5")
      let marker: Float = 0.123
      let deeper = Tensor([64, 64, 3, 3], repeating: marker)
      try WeightFile.write(
        [
          "conv1_1": LayerWeights(weight: Tensor([64, 3, 3, 3]), bias: Tensor([64])),
          "conv1_2": LayerWeights(weight: deeper, bias: Tensor([64])),
        ], as: .single, to: url.path)
      // What is read is checked to be finite.
      var bytes = try Data(contentsOf: url)
      let place = try #require(bytes.firstRange(of: withUnsafeBytes(of: marker) { Data($0) }))
      bytes.replaceSubrange(place, with: withUnsafeBytes(of: Float.nan) { Data($0) })
      try bytes.write(to: url)

      let classifier = try Classifier(.vgg16, weightsAt: url.path)
      let threads = try ThreadPool(threads: 1)
      let picture = Tensor([1, 3, 8, 8])
      #expect(throws: Never.self) {
        try classifier.features(of: picture, at: ["relu1_1"], threads: threads)
      }
      let error = WeightFileError.notFinite(file: url.path, inside: "/data/conv1_2/0", element: 0)
      #expect(throws: error) {
        try classifier.features(of: picture, at: ["relu1_2"], threads: threads)
      }
    }
  }

  @Test("features are those of the layers one by one")
  func features() throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Classifier(.vgg16, weightsAt: Self.block1)
    var random = RandomSource(seed: 3)
    let picture = random.uniform([1, 3, 9, 11], in: 0..<1)
    let found = try classifier.features(
      of: picture, at: ["conv1_1", "relu1_1", "pool1"], threads: threads)
    let weights = try classifier.file.weights(
      of: Array(Architecture.vgg16.weightedLayers.prefix(1)), network: "vgg16")
    let kernel = try #require(weights["conv1_1"]?[.weight])
    // The middle neuron of channel 5 by hand: B, G, R in 0 ... 255 less the mean.
    var expected = 0.0
    for (c, mean) in [103.939, 116.779, 123.68].enumerated() {
      for (dy, dx) in (0..<9).map({ ($0 / 3, $0 % 3) }) {
        let value = Double(picture[0, 2 - c, 3 + dy, 4 + dx]) * 255 - mean
        expected += value * Double(kernel[5, c, dy, dx])
      }
    }
    let conv = try #require(found["conv1_1"])
    #expect(conv.shape == [1, 64, 9, 11])
    #expect(abs(Double(conv[0, 5, 4, 5]) - expected) < 1e-3)
    #expect(found["relu1_1"]?.elements == conv.elements.map { max($0, 0) })
    #expect(found["pool1"]?.shape == [1, 64, 5, 6])
  }

  @Test("weights of another network are told")
  func wrongNetwork() {
    let error = #expect(throws: WeightFileError.self) {
      try Classifier(.squeezeNet1_1, weightsAt: Self.block1)
    }
    #expect(
      error?.description == """
        \(Self.block1): holds no layer of squeezenet1_1; give the weights of squeezenet1_1
        """)
  }

  @Test("misspelt names bring the nearest ones")
  func suggestions() throws {
    let network = #expect(throws: ClassifierError.self) { try Architecture.named("vgg17") }
    #expect(
      network?.description == "there is no network 'vgg17'; did you mean 'vgg16', 'vgg19'?")
    let far = #expect(throws: ClassifierError.self) { try Architecture.named("inception") }
    #expect(
      far?.description.hasPrefix("there is no network 'inception'; known are alexnet,") == true)
    let layer = #expect(throws: ClassifierError.self) {
      try Architecture.vgg16.layer(named: "con3_2")
    }
    #expect(layer?.description.contains("did you mean 'conv3_2'") == true)
    let label = #expect(throws: ClassifierError.self) {
      try ClassLabels.imageNet.index(of: "zibra")
    }
    #expect(label?.description.contains("did you mean 'zebra'?") == true)
  }

  @Test("classes are found by name and index")
  func labels() throws {
    let labels = ClassLabels.imageNet
    #expect(labels.names.count == 1000)
    #expect(Set(labels.names).count == 1000)
    #expect(labels.names.allSatisfy { !$0.isEmpty && $0.first?.isWhitespace == false })
    #expect(try labels.index(of: "Zebra") == 340)
    #expect(try labels.index(of: "black_swan") == 100)
    #expect(try labels.index(of: "727") == 727)
    #expect(labels.name(of: 0) == "tench")
    #expect(labels.name(of: 999) == "toilet tissue")
  }

  @Test("Darknet's networks number the same classes otherwise")
  func darknetLabels() throws {
    let labels = Architecture.darknetTiny.labels
    #expect(Set(labels.names) == Set(ClassLabels.imageNet.names))
    let some = [0, 72, 79, 999].map { labels.name(of: $0) }
    #expect(some == ["kit fox", "guenon", "zebra", "dumbbell"])
    #expect(try labels.index(of: "planetarium") == 692)
  }

  @Test("labels come from a file of one line a class")
  func labelFiles() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "labels.txt").path
      try "n01440764 tench, Tinca tinca\ncheeseburger\n".write(
        toFile: path, atomically: true, encoding: .utf8)
      #expect(try ClassLabels(contentsOf: path, count: 2).names == ["tench", "cheeseburger"])
      #expect(throws: ClassifierError.labelCount(file: path, found: 2, expected: 3)) {
        try ClassLabels(contentsOf: path, count: 3)
      }
      #expect(throws: ClassifierError.self) {
        try ClassLabels(contentsOf: folder.path, count: 3)
      }
    }
  }

  @Test("pictures are fitted by their middle square")
  func fitting() {
    var colour = Tensor([1, 1, 4, 8])
    for x in 0..<8 { for y in 0..<4 { colour[0, 0, y, x] = Float(x) / 8 } }
    let fitted = Architecture.vgg16.fit(Picture(colour: colour), side: 4)
    #expect(fitted.shape == [1, 3, 4, 4])
    #expect((0..<4).map { fitted[0, 2, 1, $0] } == [0.25, 0.375, 0.5, 0.625])
    #expect(Architecture.vgg16.fit(Picture(colour: colour)).shape == [1, 3, 224, 224])
  }
}
