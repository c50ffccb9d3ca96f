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
  // rounding is 6e-8 of each value.
  @Test("mean squared error, PSNR and SSIM agree with scikit-image")
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
    let found = [
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
      #expect(error < 1e-6, "\(name): off by \(error)")
    }
  }

  @Test("equal pictures have an infinite PSNR and a similarity of 1")
  func equalPictures() throws {
    let clean = try ReferenceNumbers.picture("clean").colour
    #expect(psnr(clean, clean) == .infinity)
    #expect(ssim(clean, clean) == 1)
  }
}
