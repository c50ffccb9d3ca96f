import Engine
import Foundation
import Imaging
import PretrainedNets
import TestSupport
import Testing

@Suite("Checking whether weights fit")
struct ClassifierCheckTests {
  @Test(
    "assumptions are written as they are read",
    arguments: [
      "channels=swapped", "kernels=turned", "preprocessing=torchvision,rows=swapped", "lrn=paper",
      "preprocessing=convnets-keras,channels=swapped,kernels=turned,rows=swapped,lrn=caffe",
    ])
  func assumptions(text: String) throws {
    #expect(try #require(WeightReading(text)).description == text)
  }

  @Test(
    "other assumptions are refused",
    arguments: ["", "kernels", "kernels=", "kernels=flipped", "lrn=keras", "channels=swapped,"])
  func unknownAssumptions(text: String) {
    #expect(WeightReading(text) == nil)
  }

  @Test("layers that are missing, unused or of other shapes are told without any picture")
  func contents() throws {
    let threads = try ThreadPool(threads: 2)
    let partial = try ClassifierCheck(
      .vgg16, weightsAt: Fixtures.path("weights/vgg16_block1.h5"), pictures: [], threads: threads)
    #expect(partial.missing.count == 14 && partial.missing.first == "conv2_1")
    #expect(partial.unused.isEmpty && partial.misfits.isEmpty)
    #expect(partial.verdict == .doesNotFit)
    let other = try ClassifierCheck(
      .vgg16, weightsAt: Fixtures.path("weights/caffe.h5"), pictures: [], threads: threads)
    #expect(
      other.unused.map(\.path) == ["/data/fire2/squeeze1x1/0", "/data/fire2/squeeze1x1/1"])
    #expect(
      other.misfits.map(\.entry.path)
        == ["/data/conv1_1/0", "/data/conv1_1/1", "/data/fc6/0", "/data/fc6/1"])
    #expect(other.misfits.first?.expected == [64, 3, 3, 3])
  }

  @Test(
    "a real file that is read in a wrong way is told how to be read",
    .enabled(if: SharedData.isPresent, "needs the pictures and weights of ../shared"),
    arguments: [
      ("", nil), ("kernels=turned", ""), ("channels=swapped", ""),
      ("channels=swapped,kernels=turned", ""), ("preprocessing=torchvision,kernels=turned", ""),
    ] as [(String, String?)])
  func realFile(assumed: String, remedy: String?) throws {
    let network = Architecture.squeezeNet1_1
    let pictures = try ["feature_inversion/monkey.jpg", "feature_inversion/building.jpg"].map {
      network.fit(try Picture(contentsOf: SharedData.path("images/dip/" + $0)))
    }
    let check = try ClassifierCheck(
      network, weightsAt: SharedData.path("weights/squeezenet1_1.caffemodel.h5"),
      reading: WeightReading(assumed) ?? WeightReading(), pictures: pictures,
      threads: try ThreadPool(threads: 2))
    #expect(check.missing.isEmpty && check.misfits.isEmpty && check.unused.isEmpty)
    switch (check.verdict, remedy) {
    case (.fits, nil): break
    case (.fitsAssuming(let reading, let confidence, let instead), let remedy?):
      #expect(reading.description == remedy)
      #expect(confidence > 0.9 && instead < 0.9)
    default: Issue.record("\(check.verdict)")
    }
  }
}
