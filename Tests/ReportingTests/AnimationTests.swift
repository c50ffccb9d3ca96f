import Engine
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Animated PNG")
struct AnimationTests {
  private static let frames = (0..<3).map {
    Picture(colour: Tensor.hashed("animation \($0)", [1, 3, 20, 30], in: 0..<1))
  }

  private static func write(to file: URL) throws {
    var animation = AnimatedPNG()
    #expect(animation.isEmpty)
    for frame in frames { try animation.append(frame, milliseconds: 50) }
    try animation.write(to: file.path)
  }

  // The reader checks the sums of the chunks it knows.
  @Test("the first frame is what a reader of still pictures sees")
  func first() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a.png")
      try Self.write(to: file)
      let direct = folder.appending(path: "first.png").path
      try Self.frames[0].write(to: direct)
      #expect(try Picture(contentsOf: file.path) == Picture(contentsOf: direct))
    }
  }

  @Test(
    "a browser decodes every frame", .enabled(if: Browser.program != nil, "no Chromium here"))
  func decoded() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a.png")
      try Self.write(to: file)
      let browser = try Browser(try #require(Browser.program), in: folder)
      defer { browser.close() }
      try browser.open(file, width: 400)
      let base64 = try Data(contentsOf: file).base64EncodedString()
      let decoded = try browser.value(
        of: """
          (async () => {
            const bytes = Uint8Array.from(atob("\(base64)"), (c) => c.charCodeAt(0));
            const decoder = new ImageDecoder({ data: bytes, type: "image/png" });
            await decoder.tracks.ready;
            await decoder.completed;
            const seen = [];
            for (let index = 0; index < decoder.tracks.selectedTrack.frameCount; index += 1) {
              const { image } = await decoder.decode({ frameIndex: index });
              const pixels = new Uint8Array(image.allocationSize({ format: "RGBA" }));
              await image.copyTo(pixels, { format: "RGBA" });
              seen.push(...pixels.slice(0, 3), image.duration);
            }
            return seen;
          })()
          """)
      let expected = Self.frames.flatMap { frame in
        (0..<3).map { Int((frame.colour[0, $0, 0, 0] * 255).rounded()) } + [50_000]
      }
      #expect(decoded as? [Int] == expected)
    }
  }
}
