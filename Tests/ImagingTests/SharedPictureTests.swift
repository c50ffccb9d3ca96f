import Engine
import Foundation
import Imaging
import TestSupport
import Testing

@Suite(
  "Pictures of the world",
  .enabled(if: SharedData.isPresent, "needs the pictures of ../shared/images"))
struct SharedPictureTests {
  /// What cannot be read; every other picture must be. These are cut short, damaged beyond what a
  /// checksum lets pass, of another format, or no pictures.
  private static let bad: Set = [
    "awkward/jpg/truncated_jpeg.jpg", "awkward/png/broken.png",
    "awkward/png/broken_data_stream.png", "awkward/png/truncated_end_chunk.png",
    "awkward/png/truncated_image.png",
  ]

  private static func mustFail(_ name: String) -> Bool {
    let file = (name as NSString).lastPathComponent
    // Both PngSuite and image-png's collection mark what decoders have to refuse by an x.
    let marked =
      name.hasPrefix("awkward/pngsuite/x") || name.hasPrefix("awkward/png_bugfixes/x")
    return bad.contains(name) || marked || name.hasPrefix("awkward/other/")
      || !(file.hasSuffix(".png") || file.hasSuffix(".jpg"))
  }

  @Test("all are read but for those that nobody should")
  func all() throws {
    let folder = SharedData.folder.appending(path: "images").path
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
    let files = names.filter { ($0 as NSString).pathExtension != "" }
    #expect(files.count > 250)
    for name in files {
      let error = readingError(folder + "/" + name)
      #expect((error != nil) == Self.mustFail(name), "\(name): \(error?.description ?? "read")")
    }
  }

  /// A picture's width, height and mean colours as Pillow 13.0 has them.
  struct Expected: Sendable {
    let name: String
    let width: Int
    let height: Int
    let means: [Double]
  }

  @Test(
    "sides and mean colours are Pillow's",
    arguments: [
      Expected(
        name: "dip/denoising/F16_GT.png", width: 512, height: 512,
        means: [0.69638, 0.69746, 0.74594]),
      Expected(
        name: "dip/denoising/snail.jpg", width: 400, height: 261,
        means: [0.83433, 0.58522, 0.44146]),
      Expected(name: "dip/inpainting/kate_mask.png", width: 512, height: 512, means: [0.95676]),
      Expected(
        name: "photos/cat.jpg", width: 480, height: 360, means: [0.49319, 0.53333, 0.33591]),
      Expected(
        name: "photos/chelsea.png", width: 451, height: 300, means: [0.57911, 0.43704, 0.34038]),
      Expected(name: "awkward/jpg/hopper_gray.jpg", width: 128, height: 128, means: [0.33213]),
      Expected(
        name: "awkward/jpg/pil_sample_cmyk.jpg", width: 100, height: 100,
        means: [0.11856, 0.02135, 0.02897]),
      Expected(
        name: "awkward/jpg/portrait_2.jpg", width: 113, height: 150,
        means: [0.39179, 0.40326, 0.32551]),
      Expected(
        name: "awkward/jpg/progressive_cat.jpg", width: 320, height: 240,
        means: [0.53913, 0.56155, 0.50213]),
      Expected(
        name: "awkward/jpg/orientation_rectangle.jpg", width: 1, height: 2,
        means: [0.99608, 0, 0]),
    ])
  func figures(expected: Expected) throws {
    let picture = try Picture(contentsOf: SharedData.path("images/" + expected.name))
    #expect(picture.width == expected.width)
    #expect(picture.height == expected.height)
    #expect(picture.channels == expected.means.count)
    let pixels = picture.height * picture.width
    let values = picture.colour.elements
    for (channel, mean) in expected.means.enumerated() {
      let sum = values[channel * pixels..<(channel + 1) * pixels].reduce(0.0) { $0 + Double($1) }
      #expect(abs(sum / Double(pixels) - mean) < 2e-4)
    }
  }
}
