import Engine
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Reading PNG")
struct PNGTests {
  /// A kind of PNG file of `Tools/reference/pictures.py`, whose samples follow a rule.
  struct Kind: CustomStringConvertible, Sendable {
    let colourType: Int
    let depth: Int
    let interlaced: Bool
    let transparent: Bool

    static let all: [Kind] =
      [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16])]
      .flatMap { type, depths in depths.map { (type, $0) } }
      .flatMap { type, depth in
        [false, true].flatMap { interlaced in
          (type < 4 ? [false, true] : [false]).map {
            Kind(colourType: type, depth: depth, interlaced: interlaced, transparent: $0)
          }
        }
      }

    var description: String {
      "\(colourType)_\(depth)\(interlaced ? "_interlaced" : "")\(transparent ? "_transparent" : "")"
    }

    /// The samples of the file at a pixel.
    private func stored(_ y: Int, _ x: Int) -> [Int] {
      let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colourType, default: 1]
      return (0..<channels).map { (37 * x + 101 * y + 59 * $0 + x * y) % (1 << depth) }
    }

    /// The colours and the alpha, if the file has any, at a pixel.
    private func shown(_ y: Int, _ x: Int) -> [Float] {
      let samples = stored(y, x)
      if colourType == 3 {
        let entry = samples[0]
        let colours = [7, 29, 83].map { Float(entry * $0 % 256) / 255 }
        return transparent ? colours + [entry < 10 ? Float(255 - 16 * entry) / 255 : 1] : colours
      }
      let values = samples.map { Float($0) / Float((1 << depth) - 1) }
      return transparent ? values + [samples == stored(2, 3) ? 0 : 1] : values
    }

    var expected: Picture {
      let pixels = (0..<9).flatMap { y in (0..<11).map { x in shown(y, x) } }
      let count = pixels[0].count
      func planes(_ channels: Range<Int>) -> Tensor {
        Tensor([1, channels.count, 9, 11], channels.flatMap { c in pixels.map { $0[c] } })
      }
      let colours = count < 3 ? 1 : 3
      return Picture(
        colour: planes(0..<colours), alpha: count > colours ? planes(colours..<count) : nil,
        bitDepth: depth == 16 ? .sixteen : .eight)
    }
  }

  @Test("every colour type, depth, interlacing and transparency", arguments: Kind.all)
  func everyKind(kind: Kind) throws {
    let picture = try Picture(contentsOf: Fixtures.path("pictures/kinds/\(kind).png"))
    let expected = kind.expected
    #expect(picture.bitDepth == expected.bitDepth)
    #expect(picture.colour == expected.colour)
    #expect(picture.alpha == expected.alpha)
  }

  @Test("chunks about colour, texts and unknown ones change nothing")
  func ancillaryChunks() throws {
    let plain = try Picture(contentsOf: Fixtures.path("pictures/kinds/2_8.png"))
    for name in ["ancillary", "text_bomb"] {
      #expect(try Picture(contentsOf: Fixtures.path("pictures/kinds/2_8_\(name).png")) == plain)
    }
  }
}
