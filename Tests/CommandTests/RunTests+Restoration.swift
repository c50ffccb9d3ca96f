import Engine
import Foundation
import Imaging
import TestSupport
import Testing

extension RunTests {
  @Test(
    "deblur takes each kind of kernel",
    arguments: ["--kernel k.png", "--gaussian 1", "--disc 1.5", "--motion 5,-30"])
  func deblur(kernel: String) throws {
    try withTemporaryFolder { folder in
      try Self.picture(3, alpha: true).write(to: folder.appending(path: "in.png").path)
      try Picture(colour: Tensor([1, 1, 3, 1], [0.2, 1, 0.4]))
        .write(to: folder.appending(path: "k.png").path)
      let run = try Self.run(
        "deblur in.png \(kernel) -o out.png --clean in.png --iterations 2 --quiet --summary s.json",
        in: folder)
      #expect(run.output.contains("PSNR"))
      let out = try Picture(contentsOf: folder.appending(path: "out.png").path)
      #expect(out.colour.shape == [1, 3, 24, 24])
      let read = try Picture(contentsOf: folder.appending(path: "in.png").path)
      #expect(out.alpha == read.alpha)
      #expect(try Self.summary(folder)["task"] as? String == "deblur")
    }
  }

  @Test("tiles keep a run within the memory that it is given")
  func memory() throws {
    try withTemporaryFolder { folder in
      try Self.picture(3, side: 640).write(to: folder.appending(path: "in.png").path)
      let run = try Self.run(
        "denoise in.png -o out.png --memory 300M --iterations 1 --quiet --summary s.json",
        in: folder)
      #expect(run.output.contains("tiles of"))
      let summary = try Self.summary(folder)
      let tiles = try #require(summary["tiles"] as? Int)
      let peak = try #require(summary["peak_rss_bytes"] as? Int)
      let limit = 300 << 20
      #expect(tiles > 1)
      #expect(peak < limit)
    }
  }

  @Test("dejpeg keeps the picture's sides")
  func removeJPEGArtefacts() throws {
    try withTemporaryFolder { folder in
      try Self.picture(3).write(to: folder.appending(path: "in.png").path)
      _ = try Self.run(
        "dejpeg in.png -o out.png --iterations 2 --quiet --summary s.json", in: folder)
      let out = try Picture(contentsOf: folder.appending(path: "out.png").path)
      #expect(out.colour.shape == [1, 3, 24, 24])
      #expect(try Self.summary(folder)["parameters"] as? Int == 572_827)
    }
  }

  @Test("flash makes its picture of the one with flash")
  func flash() throws {
    try withTemporaryFolder { folder in
      try Self.picture(3).write(to: folder.appending(path: "in.png").path)
      try Self.picture(1).write(to: folder.appending(path: "grey.png").path)
      _ = try Self.run(
        "flash in.png --flash in.png -o out.png --iterations 2 --quiet --summary s.json",
        in: folder)
      #expect(try Self.summary(folder)["parameters"] as? Int == 2_184_307)
      _ = try Self.run(
        "flash in.png --flash grey.png -o other.png --iterations 2 --quiet", in: folder)
      let (out, other) = (
        try Picture(contentsOf: folder.appending(path: "out.png").path),
        try Picture(contentsOf: folder.appending(path: "other.png").path)
      )
      #expect(out.colour.shape == [1, 3, 24, 24] && other.colour.shape == [1, 3, 24, 24])
      #expect(out != other)
    }
  }

  @Test("detail is added as often as its strength says")
  func detail() throws {
    try withTemporaryFolder { folder in
      try Self.picture(3, depth: .sixteen).write(to: folder.appending(path: "in.png").path)
      let read = try Picture(contentsOf: folder.appending(path: "in.png").path)
      func enhanced(_ strength: String) throws -> Tensor {
        _ = try Self.run(
          "detail in.png --strength \(strength) -o out.png --iterations 2 --quiet", in: folder)
        return try Picture(contentsOf: folder.appending(path: "out.png").path).colour
      }
      #expect(try enhanced("0") == read.colour)
      // Taken away once, only the base is left; half added is half as far the other way.
      let (base, boosted) = (try enhanced("-1").elements, try enhanced("0.5").elements)
      for (index, value) in read.colour.elements.enumerated() {
        let expected = min(max(value + 0.5 * (value - base[index]), 0), 1)
        #expect(abs(boosted[index] - expected) < 1e-4)
      }
      #expect(base != read.colour.elements)
    }
  }

  @Test(
    "superres enlarges by fractions, through each filter",
    arguments: [
      "lanczos2", "lanczos3", "bicubic", "gaussian", "box",
    ])
  func fractions(filter: String) throws {
    try withTemporaryFolder { folder in
      try Self.picture(1).write(to: folder.appending(path: "in.png").path)
      _ = try Self.run(
        "superres in.png --factor 1.48 --filter \(filter) -o out.png --iterations 2 --quiet",
        in: folder)
      let out = try Picture(contentsOf: folder.appending(path: "out.png").path)
      #expect(out.colour.shape == [1, 1, 36, 36])
    }
  }

  @Test("inpaint fills what is transparent, and the result is opaque")
  func transparency() throws {
    try withTemporaryFolder { folder in
      let given = Self.picture(3, alpha: true)
      try given.write(to: folder.appending(path: "in.png").path)
      _ = try Self.run("inpaint in.png -o out.png --iterations 2 --quiet", in: folder)
      let read = try Picture(contentsOf: folder.appending(path: "in.png").path)
      let out = try Picture(contentsOf: folder.appending(path: "out.png").path)
      #expect(out.alpha == nil)
      let alpha = try #require(read.alpha).elements
      for (index, value) in out.colour.elements.enumerated() where alpha[index % alpha.count] >= 0.5
      {
        #expect(value == read.colour.elements[index])
      }
      #expect(out.colour != read.colour)
    }
  }

  @Test("inpaint hides what it is told to, by the seed, and says so")
  func missing() throws {
    try withTemporaryFolder { folder in
      try Self.picture(3).write(to: folder.appending(path: "in.png").path)
      let read = try Picture(contentsOf: folder.appending(path: "in.png").path)
      func changed(_ options: String) throws -> (pixels: [Int], said: Int) {
        let run = try Self.run(
          "inpaint in.png -o out.png --iterations 2 --quiet \(options)", in: folder)
        let out = try Picture(contentsOf: folder.appending(path: "out.png").path)
        let said = try #require(run.output.firstMatch(of: #/(\d+) of 576 pixels were hidden/#))
        #expect(run.output.contains("PSNR"))
        let pixels = (0..<576).filter { pixel in
          (0..<3).contains {
            out.colour.elements[$0 * 576 + pixel] != read.colour.elements[$0 * 576 + pixel]
          }
        }
        return (pixels, try #require(Int(said.1)))
      }
      let (half, said) = try changed("--missing 0.5 --seed 1")
      // What was hidden has changed, but for a few by chance.
      #expect(half.count <= said && half.count > said - 5)
      #expect((220...356).contains(said))
      #expect(try changed("--missing 0.5 --seed 1").pixels == half)
      #expect(try changed("--missing 0.5 --seed 2").pixels != half)
      #expect(try changed("--missing 0.9 --holes sparse --seed 1").said > 480)
    }
  }
}
