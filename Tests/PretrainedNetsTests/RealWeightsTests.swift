import Engine
import Imaging
import PretrainedNets
import TestSupport
import Testing

@Suite(
  "Real weights on real pictures",
  .enabled(if: SharedData.isPresent, "needs the pictures and weights of ../shared"))
struct RealWeightsTests {
  private static let squeezeNet = SharedData.path("weights/squeezenet1_1.caffemodel.h5")
  private static let building = SharedData.path("images/dip/feature_inversion/building.jpg")

  @Test(
    "SqueezeNet 1.1 sees what another implementation sees",
    arguments: [
      ("images/dip/feature_inversion/monkey.jpg", "guenon", 0.866 as Float),
      ("images/dip/feature_inversion/building.jpg", "planetarium", 0.992),
      ("images/dip/sr/zebra_GT.png", "zebra", 1),
      ("images/photos/eagle.jpg", "kite", 0.517),
    ])
  func classification(picture: String, name: String, probability: Float) throws {
    let classifier = try Classifier(.squeezeNet1_1, weightsAt: Self.squeezeNet)
    let fitted = classifier.architecture.fit(try Picture(contentsOf: SharedData.path(picture)))
    let predictions = try classifier.classify(fitted, threads: try ThreadPool(threads: 2))
    let best = try #require(predictions.first)
    #expect(predictions.count == 5)
    #expect(ClassLabels.imageNet.name(of: best.index) == name)
    // The reference was computed by onnxruntime after another resizing.
    #expect(abs(best.probability - probability) < 0.02)
  }

  @Test("the file that Keras wrote gives the same features up to fire9")
  func keras() throws {
    let threads = try ThreadPool(threads: 2)
    let caffe = try Classifier(.squeezeNet1_1, weightsAt: Self.squeezeNet)
    let keras = try Classifier(
      .squeezeNet1_1,
      weightsAt: SharedData.path("weights/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5"))
    #expect(keras.availableLayers.last == "drop9")
    let picture = caffe.architecture.fit(try Picture(contentsOf: Self.building))
    let layers = ["conv1", "fire2/concat", "fire5/expand3x3", "fire9/concat"]
    let a = try caffe.features(of: picture, at: layers, threads: threads)
    let b = try keras.features(of: picture, at: layers, threads: threads)
    for layer in layers { #expect(a[layer] == b[layer]) }
    #expect(throws: WeightFileError.self) {
      try keras.classify(picture, threads: threads)
    }
  }

  @Test("VGG-16 gives PyTorch's features at conv3_3")
  func vgg() throws {
    let classifier = try Classifier(
      .vgg16, weightsAt: SharedData.path("weights/vgg16_conv1_1_to_conv3_3_tf_kernels.h5"))
    #expect(classifier.availableLayers.last == "pool3")
    let picture = try Picture(contentsOf: Self.building).centreCropped(toSide: 224).colour
    let features = try #require(
      try classifier.features(
        of: picture, at: ["conv3_3"], threads: try ThreadPool(threads: 2))["conv3_3"])
    #expect(features.shape == [1, 256, 56, 56])
    // In double precision by PyTorch 2.15 from the same arrays and pixels. The root mean square is
    // 874; single precision over seven layers of up to 2304 terms leaves a few millionths of it.
    let expected: [(place: [Int], value: Double)] = [
      ([0, 0, 0], -267.56862871), ([17, 20, 31], -1132.85913947), ([128, 55, 2], 289.00493018),
      ([255, 30, 30], -2099.64952753), ([200, 10, 50], -93.22942785),
    ]
    for (place, value) in expected {
      let found = features[0, place[0], place[1], place[2]]
      #expect(abs(Double(found) - value) < 0.01)
    }
  }

  @Test("a safetensors file that others wrote opens with all it holds")
  func safetensors() throws {
    let path = SharedData.path("weights/darknet_tiny.safetensors")
    let file = try WeightFile(at: path)
    #expect(file.layoutDescription == "PyTorch, kernels (out, in, kh, kw)")
    // Fifteen convolutions with four numbers a channel, and one with a bias.
    #expect(file.entries.count == 15 * 5 + 2)
    #expect(file.entries.allSatisfy { $0.type.description == "float32" })
    let count = file.entries.reduce(0) { $0 + $1.extents.reduce(1, *) }
    #expect(count == 1_046_488)
    // The first, the middle and the last number, as NumPy reads them.
    for (name, numbers) in [
      ("conv1.weight", [0.14289306, -0.004711304, 0.061054274] as [Float]),
      ("conv13.weight", [0.033950966, -0.0069857226, 0.026266769]),
      ("conv16.bias", [-1.3172122, -0.64993894, 0.7760477]),
    ] {
      let elements = try file.tensors(at: [name])[0].elements
      #expect([elements[0], elements[elements.count / 2], elements[elements.count - 1]] == numbers)
    }
  }

  @Test(
    "Darknet Tiny sees what another implementation sees",
    arguments: [
      ("images/dip/feature_inversion/monkey.jpg", "guenon", 0.966 as Float),
      ("images/dip/feature_inversion/building.jpg", "planetarium", 0.928),
      ("images/dip/sr/zebra_GT.png", "zebra", 1), ("images/photos/eagle.jpg", "kite", 0.299),
      ("images/photos/dog.jpg", "dogsled", 0.463),
    ])
  func darknet(picture: String, name: String, probability: Float) throws {
    let classifier = try Classifier(
      .darknetTiny, weightsAt: SharedData.path("weights/darknet_tiny.safetensors"))
    let architecture = classifier.architecture
    let fitted = architecture.fit(try Picture(contentsOf: SharedData.path(picture)))
    let predictions = try classifier.classify(fitted, threads: try ThreadPool(threads: 2))
    let best = try #require(predictions.first)
    #expect(architecture.labels.name(of: best.index) == name)
    // The reference was computed by onnxruntime after another resizing.
    #expect(abs(best.probability - probability) < 0.05)
  }
}
