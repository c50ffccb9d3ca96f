import Engine
import Imaging
import TestSupport
import Testing

/// The largest difference of the colours of two pictures, in steps of 8 bits.
func largestDifference(_ a: Picture, _ b: Picture) -> Float {
  guard a.colour.shape == b.colour.shape else { return .infinity }
  return zip(a.colour.elements, b.colour.elements).map { abs($0 - $1) * 255 }.max() ?? 0
}

@Suite("Reading JPEG")
struct JPEGTests {
  private func picture(_ name: String) throws -> Picture {
    try Picture(contentsOf: Fixtures.path("pictures/\(name)"))
  }

  // The standard leaves decoders a step of rounding in the transform; converted to other colours it
  // can become two.
  @Test(
    "the colours are those that Pillow decodes",
    arguments: [
      "grey", "rgb_444", "rgb_420", "progressive", "restarts", "rgb_untransformed", "cmyk_adobe",
      "ycck_adobe",
    ])
  func colours(name: String) throws {
    let decoded = try picture("jpeg/\(name).jpg")
    #expect(largestDifference(decoded, try picture("jpeg/\(name).png")) <= 2)
    #expect(decoded.alpha == nil)
    #expect(decoded.bitDepth == .eight)
  }

  @Test("without Adobe's marker CMYK is ink, not light")
  func plainCMYK() throws {
    // Inverted and compressed anew, so equal but for the loss.
    #expect(
      largestDifference(try picture("jpeg/cmyk_plain.jpg"), try picture("jpeg/cmyk_adobe.png")) <= 6
    )
  }

  @Test("pictures are compressed as Pillow does it", arguments: ["rgb", "grey"])
  func compression(name: String) throws {
    var clean = try ReferenceNumbers.picture("clean")
    if name == "grey" {
      clean = Picture(colour: Tensor([1, 1, 37, 45], Array(clean.colour.elements.prefix(37 * 45))))
    }
    let saved = try clean.compressedAsJPEG(quality: 10)
    #expect(largestDifference(saved, try ReferenceNumbers.picture("\(name)_quality10")) <= 2)
    #expect(largestDifference(try clean.compressedAsJPEG(quality: 95), clean) < 60)
  }

  @Test("a side longer than the format knows is refused")
  func tooLong() {
    #expect(throws: OutputError.self) {
      try Picture(colour: Tensor([1, 1, 1, 65501])).compressedAsJPEG(quality: 50)
    }
  }

  @Test("bytes before a marker are passed over")
  func extraneousBytes() throws {
    #expect(try picture("jpeg/extraneous.jpg") == picture("jpeg/rgb_444.jpg"))
  }
}

@Suite("EXIF orientation")
struct OrientationTests {
  private func picture(_ name: String) throws -> Picture {
    try Picture(contentsOf: Fixtures.path("pictures/orientation/\(name)"))
  }

  @Test("each of the eight is turned upright", arguments: 1...8)
  func turned(orientation: Int) throws {
    let shown = try picture("shown.png")
    #expect(try picture("\(orientation).png") == shown)
    // JPEG at quality 95 loses a few steps of so smooth a picture.
    #expect(largestDifference(try picture("\(orientation).jpg"), shown) <= 6)
  }

  @Test("a broken block changes nothing", arguments: ["cut", "nine", "astray"])
  func broken(name: String) throws {
    #expect(try picture("\(name).jpg") == picture("1.jpg"))
  }
}
