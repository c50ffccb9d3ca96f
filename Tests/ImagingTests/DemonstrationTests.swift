import Engine
import Imaging
import Testing

@Suite("The demonstration picture")
struct DemonstrationTests {
  @Test("the same seed draws the same picture, another another")
  func seeds() {
    let picture = Picture.demonstration(height: 48, width: 64, seed: 1)
    #expect(picture.colour.shape == [1, 3, 48, 64])
    #expect(picture == Picture.demonstration(height: 48, width: 64, seed: 1))
    #expect(picture != Picture.demonstration(height: 48, width: 64, seed: 2))
  }

  @Test("it has dark and light, colours, and detail at the scale of the pixel")
  func content() {
    let picture = Picture.demonstration(height: 128, width: 128, seed: 1)
    let values = picture.colour.elements
    #expect(values.allSatisfy { (0...1).contains($0) })
    #expect((values.min() ?? 1) < 0.15)
    #expect((values.max() ?? 0) > 0.9)
    #expect(psnr(picture.colour, picture.convertedToGrey().convertedToRGB().colour) < 25)
    let halved = picture.resized(toHeight: 64, width: 64, filter: .lanczos3)
    let restored = halved.resized(toHeight: 128, width: 128, filter: .lanczos3)
    #expect(psnr(picture.colour, restored.colour) < 30)
  }

  @Test("odd sides are drawn too", arguments: [(1, 1), (1, 700), (700, 1), (3, 2)])
  func oddSides(height: Int, width: Int) {
    let picture = Picture.demonstration(height: height, width: width, seed: 3)
    #expect(picture.colour.shape == [1, 3, height, width])
    #expect(picture.colour.elements.allSatisfy { (0...1).contains($0) })
  }
}
