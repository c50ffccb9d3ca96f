import Engine
import Foundation
import PretrainedNets
import TestSupport
import Testing

private let exports = ProcessInfo.processInfo.environment["PREIMAGE_ONNX_EXPORTS"]

/// Networks that PyTorch exported against this package's own. The exports are too large to be kept; the
/// tests run where `PREIMAGE_ONNX_EXPORTS` names the folder that Tools/reference/onnx_exports.py filled.
@Suite(
  "ONNX exports agree with the networks that are built in",
  .enabled(if: exports != nil && SharedData.isPresent))
struct ONNXAgreementTests {
  @Test(
    arguments: ["squeezenet1_1", "darknet_tiny", "resnet18"], ["dynamo", "legacy", "unfolded"])
  func agreement(name: String, exporter: String) throws {
    let folder = try #require(exports)
    let own = try Architecture.named(name)
    // The weights in Caffe's file where there is one, in the model that names them all elsewhere.
    let weights =
      name == "squeezenet1_1"
      ? SharedData.path("weights/squeezenet1_1.caffemodel.h5")
      : "\(folder)/\(name)_unfolded.onnx"
    let builtIn = try Classifier(own, weights: WeightFile(at: weights))
    var reading = WeightReading()
    reading.preprocessing =
      name == "squeezenet1_1" ? .squeezenet : name == "resnet18" ? .torchvision : .plain
    let model = try Classifier(onnxAt: "\(folder)/\(name)_\(exporter).onnx", reading: reading)
    let picture = Tensor.hashed(name, [1, 3, own.inputSize, own.inputSize], in: 0..<1)
    let threads = try ThreadPool(threads: 2)
    func last(_ classifier: Classifier) throws -> (scores: Tensor, probabilities: Tensor) {
      let layers = classifier.architecture.layers
      let softmax = try #require(layers.last)
      let names = [softmax.inputs[0], softmax.name]
      let found = try classifier.features(of: picture, at: names, threads: threads)
      return (try #require(found[names[0]]), try #require(found[names[1]]))
    }
    let (a, b) = (try last(builtIn), try last(model))
    for (found, expected) in [(b.scores, a.scores), (b.probabilities, a.probabilities)] {
      let error = found.largestError(against: expected)
      print("\(name) \(exporter): largest difference over the root mean square \(error)")
      #expect(error < 1e-4)
    }
  }
}
