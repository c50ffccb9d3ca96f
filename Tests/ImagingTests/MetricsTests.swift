import Engine
import Foundation
import Imaging
import TestSupport
import Testing

/// What `Tools/reference/pictures.py` computed with scikit-image and Pillow.
struct ReferenceNumbers: Decodable {
  struct Resized: Decodable {
    let filter: String
    let height: Int
    let width: Int
    let values: [Float]
  }

  let measured: [String: Double]
  let resized: [Resized]

  static func load() throws -> ReferenceNumbers {
    let path = Fixtures.path("pictures/numbers/numbers.json")
    return try JSONDecoder().decode(
      ReferenceNumbers.self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// Both pictures are of 37 rows and 45 columns.
  static func picture(_ name: String) throws -> Picture {
    try Picture(contentsOf: Fixtures.path("pictures/numbers/\(name).png"))
  }
}

@Suite("Metrics")
struct MetricsTests {
  // The references take the 8-bit values in double precision, these metrics in single, whose
  // rounding is 6e-8 of each value. scikit-image's matrix of sRGB has fewer digits, which move a* and b*
  // by some 1e-4 of the tens that they differ by.
  @Test("errors, similarity, colour and detail agree with scikit-image")
  func reference() throws {
    let clean = try ReferenceNumbers.picture("clean")
    let noisy = try ReferenceNumbers.picture("noisy")
    let measured = try ReferenceNumbers.load().measured
    func cut(_ picture: Picture, rows: Int) -> Tensor {
      picture.cropped(to: Region(height: rows, width: 20)).colour
    }
    func firstChannel(_ picture: Picture) -> Tensor {
      Tensor([1, 1, 37, 45], Array(picture.colour.elements.prefix(37 * 45)))
    }
    let fidelity = Fidelity(of: noisy.colour, to: clean.colour)
    let found = [
      "colourError": fidelity.colourError,
      "colourCorrelation": fidelity.colourCorrelation,
      "detailCorrelation": fidelity.detailCorrelation,
      "meanSquaredError": meanSquaredError(clean.colour, noisy.colour),
      "psnr": psnr(clean.colour, noisy.colour),
      "ssim": ssim(clean.colour, noisy.colour),
      "ssimOfFirstChannel": ssim(firstChannel(clean), firstChannel(noisy)),
      "ssimOfEightRows": ssim(cut(clean, rows: 8), cut(noisy, rows: 8)),
      "ssimOfOneRow": ssim(cut(clean, rows: 1), cut(noisy, rows: 1)),
      "psnrOfLuma": psnrOfLuma(clean, noisy),
    ]
    #expect(found.count == measured.count)
    for (name, value) in measured {
      let error = abs(try #require(found[name]) - value)
      let tolerance =
        ["colourError": 1e-3, "colourCorrelation": 1e-4, "detailCorrelation": 1e-5][name] ?? 1e-6
      #expect(error < tolerance, "\(name): off by \(error)")
    }
  }

  @Test("equal pictures have an infinite PSNR and a similarity of 1")
  func equalPictures() throws {
    let clean = try ReferenceNumbers.picture("clean").colour
    #expect(psnr(clean, clean) == .infinity)
    #expect(ssim(clean, clean) == 1)
    let fidelity = Fidelity(of: clean, to: clean)
    #expect(fidelity.colourError == 0)
    #expect(abs(fidelity.colourCorrelation - 1) < 1e-12)
    #expect(abs(fidelity.detailCorrelation - 1) < 1e-12)
  }

  @Test("a picture without colour has none in common with another")
  func greyPicture() throws {
    let clean = try ReferenceNumbers.picture("clean")
    let grey = clean.convertedToGrey().convertedToRGB().colour
    let fidelity = Fidelity(of: grey, to: clean.colour)
    #expect(fidelity.colourError > 5)
    #expect(fidelity.colourCorrelation == 0)
    #expect(fidelity.detailCorrelation > 0.9)
  }
}
