import Diagnosis
import Engine
import Imaging
import PretrainedNets
import ShippedFiles
import Testing
import Textures

@Suite("Attribution")
struct AttributionTests {
  private static func picture() throws -> Tensor {
    Architecture.textures.fit(try Picture(contentsOf: ShippedFiles.picture.path))
  }

  // Differences over 0.01 in single precision: the score's rounding of 1e-6 is 1e-4 of them, and what the
  // rectifiers bend in between a few hundredths of the largest gradient.
  @Test("the input gradient is the slope of the score")
  func slope() throws {
    let threads = try ThreadPool(threads: 2)
    let (classifier, picture) = (try Classifier.shipped(.textures), try Self.picture())
    let found = try Attribution.inputGradient(
      of: classifier, classIndex: 4, in: picture, threads: threads)
    func score(_ picture: Tensor) throws -> Float {
      let features = try classifier.features(of: picture, at: ["fc8"], threads: threads)
      return try #require(features["fc8"])[0, 4, 0, 0]
    }
    #expect(abs(try score(picture) - found.score) < 1e-4)
    let largest = try #require(found.map.elements.map { abs($0) }.max())
    var random = RandomSource(seed: 3)
    for _ in 0..<12 {
      let index = random.integer(in: 0...picture.elements.count - 1)
      var (above, below) = (picture.elements, picture.elements)
      above[index] += 0.005
      below[index] -= 0.005
      let rise = try score(Tensor(picture.shape, above)) - score(Tensor(picture.shape, below))
      let error = abs(rise / 0.01 - found.map.elements[index])
      #expect(error < 0.05 * largest, "\(index)")
    }
  }

  @Test("integrated gradients sum to the difference of the scores, the better the more steps")
  func completeness() throws {
    let threads = try ThreadPool(threads: 2)
    let (classifier, picture) = (try Classifier.shipped(.textures), try Self.picture())
    let grey = Tensor(picture.shape, repeating: 0.5)
    var gaps: [Float] = []
    for steps in [4, 128] {
      let attribution = try Attribution.integratedGradients(
        of: classifier, classIndex: 0, in: picture, from: grey, steps: steps, threads: threads)
      #expect(attribution.map.shape == picture.shape)
      gaps.append(abs(try #require(attribution.completenessGap)))
    }
    #expect(gaps[1] < gaps[0] / 4)
  }
}
