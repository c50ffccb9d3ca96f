import Diagnosis
import Engine
import Imaging
import Inversion
import PretrainedNets
import ShippedFiles
import TestSupport
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

  /// Captum in double precision; see Tools/reference/attribution_goldens.py. Of the root mean square of a map
  /// single precision leaves 1e-5, and what it moves over a rectifier's kink is smaller than 1e-4 here.
  @Test(
    "attributions are Captum's", arguments: [("spirals", 4), ("rings", 3), ("dots", 13)])
  func captum(name: String, classIndex: Int) throws {
    let golden = try GoldenFile("attributions")
    let threads = try ThreadPool(threads: 2)
    let classifier = try Classifier.shipped(.textures)
    let picture = try Picture(contentsOf: ShippedFiles.picture.path)
      .cropped(to: Region(rows: 64..<128, columns: 64..<128)).colour
    let grey = Tensor(picture.shape, repeating: 0.5)
    func check(_ what: String, _ found: Attribution) throws {
      let expected = try golden.tensor("\(name).\(what)")
      #expect(expected.error(of: found.map) < 1e-4, "\(what)")
      let score = try golden.tensor("\(name).score")
      #expect(abs(score.numbers[0] - Double(found.score)) < 1e-4, "\(what)")
    }
    try check(
      "gradient",
      .inputGradient(of: classifier, classIndex: classIndex, in: picture, threads: threads))
    try check(
      "integrated",
      .integratedGradients(
        of: classifier, classIndex: classIndex, in: picture, from: grey, steps: 20,
        threads: threads))
    for layer in ["pool2", "conv5", "relu5"] {
      try check(
        "gradcam.\(layer)",
        .gradCAM(
          of: classifier, classIndex: classIndex, at: layer, in: picture, threads: threads))
    }
    try check(
      "occlusion",
      .occlusion(
        of: classifier, classIndex: classIndex, in: picture, by: grey, side: 12, stride: 5,
        threads: threads))
  }

  @Test("a layer without places and a window larger than the picture are refused")
  func refusals() throws {
    let threads = try ThreadPool(threads: 2)
    let (classifier, picture) = (try Classifier.shipped(.textures), try Self.picture())
    #expect(throws: AttributionError.noPlaces(layer: "fc7")) {
      try Attribution.gradCAM(
        of: classifier, classIndex: 0, at: "fc7", in: picture, threads: threads)
    }
    #expect(throws: AttributionError.window(65, height: 64, width: 64)) {
      try Attribution.occlusion(
        of: classifier, classIndex: 0, in: picture, by: picture, side: 65, stride: 8,
        threads: threads)
    }
    #expect(throws: ExcitationError.channel(20, count: 20)) {
      try Attribution.gradCAM(
        of: classifier, classIndex: 20, at: "conv5", in: picture, threads: threads)
    }
  }
}
