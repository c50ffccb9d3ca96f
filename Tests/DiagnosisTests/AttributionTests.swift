import Diagnosis
import Engine
import Imaging
import PretrainedNets
import ShippedFiles
import Testing
import Textures

@Suite("Attribution")
struct AttributionTests {
  private static func classifier() throws -> Classifier {
    let weights = try #require(ShippedFiles.weights(of: "textures"))
    return try Classifier(.textures, weightsAt: weights.path)
  }

  private static func picture() throws -> Tensor {
    Architecture.textures.fit(try Picture(contentsOf: ShippedFiles.picture.path))
  }

  @Test("integrated gradients sum to the difference of the scores, the better the more steps")
  func completeness() throws {
    let threads = try ThreadPool(threads: 2)
    let (classifier, picture) = (try Self.classifier(), try Self.picture())
    let grey = Tensor(picture.shape, repeating: 0.5)
    var gaps: [Float] = []
    for steps in [4, 128] {
      let attribution = try Attribution.integratedGradients(
        of: classifier, classIndex: 0, in: picture, from: grey, steps: steps, threads: threads)
      #expect(attribution.map.shape == picture.shape)
      gaps.append(abs(try #require(attribution.completenessGap)))
    }
    #expect(gaps[1] < gaps[0])
  }
}
