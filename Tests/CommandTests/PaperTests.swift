import Engine
import Foundation
import Imaging
import TestSupport
import Testing

/// The experiments of the papers, at the least size.
@Suite("paper")
struct PaperTests {
  private static func run(_ arguments: String, in folder: URL) throws -> PreimageProcess {
    try PreimageProcess(
      "\(arguments) --threads 1 --quiet".split(separator: " ").map(String.init),
      program: "paper", in: folder)
  }

  private static func read(_ file: String, in folder: URL) throws -> String {
    try String(contentsOf: folder.appending(path: file), encoding: .utf8)
  }

  /// The cells of a table in Markdown, without titles.
  private static func rows(_ table: String) -> [[String]] {
    table.split(separator: "\n").dropFirst(2).map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// What is found with flash, among the titles of a page's pictures.
  private static let withFlash = "spirals, DIP"

  /// The pictures of a page, of the sizes that it tells.
  private static func pictures(
    of page: String, in folder: URL
  ) throws -> [(title: String, picture: Picture)] {
    let file = folder.appending(path: "picture.png")
    return try page.matches(
      of: #/base64,([^"]+)" alt="([^"]+)" width="(\d+)" height="(\d+)"/#
    ).map { match in
      let (_, data, title, width, height) = match.output
      try #require(Data(base64Encoded: String(data))).write(to: file)
      let picture = try Picture(contentsOf: file.path)
      #expect((picture.width, picture.height) == (Int(width) ?? 0, Int(height) ?? 0))
      return (String(title), picture)
    }
  }

  private static func isBlank(_ picture: Picture) -> Bool {
    let values = picture.colour.elements
    return values.max() == values.min()
  }

  @Test("every experiment runs without any pictures, and fills table and page")
  func all() throws {
    try withTemporaryFolder { folder in
      let run = try Self.run("all --quick -o out", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let rows = Self.rows(try Self.read("out/table.md", in: folder))
      let counts = Dictionary(grouping: rows) { $0[0] }.mapValues(\.count)
      #expect(
        counts == [
          "denoising": 8, "superres": 16, "inpainting": 4, "text": 1, "region": 1, "jpeg": 2,
          "flash": 2, "curves": 4, "architectures": 6,
        ])
      for row in rows {
        let decibels = try #require(Double(row[4]))
        #expect(decibels.isFinite && decibels > 0, "\(row)")
        #expect(row[3].isEmpty || row[3] == "8", "\(row)")
      }
      // What is published and confirmed, and nothing else.
      #expect(
        rows.filter { !$0[5].isEmpty }.map { "\($0[0]), \($0[1]): \($0[5]) of \($0[6])" } == [
          "denoising, mean of 1: 29.22 of 9 pictures", "denoising, mean of 1: 30.43 of 9 pictures",
          "denoising, mean of 1: 31.00 of 9 pictures",
          "superres, set5 ×4, mean of 1: 28.43 of 5 pictures",
          "superres, set5 ×4, mean of 1: 29.90 of 5 pictures",
          "superres, set14 ×4, mean of 1: 26.05 of 14 pictures",
          "superres, set14 ×4, mean of 1: 27.00 of 14 pictures",
          "inpainting, mean of 1: 33.48 of 11 pictures",
        ])
      let lines = try Self.read("out/table.csv", in: folder).split(separator: "\n")
      #expect(lines.count == rows.count + 1)
      #expect(
        lines[0]
          == "experiment,picture,method,iterations,PSNR (dB),published (dB),published of")

      let page = try Self.read("out/report.html", in: folder)
      #expect(page.matches(of: #/<h2>/#).count == 11)
      #expect(page.matches(of: #/<tr>/#).count == rows.count + 1)
      // Four curves, and their four strokes in the legend.
      #expect(page.matches(of: #/<polyline /#).count == 8)
      // Outside of the pictures, whose letters may say anything.
      let text = page.replacing(#/base64,[^"]+/#, with: "")
      #expect(!text.contains("nan"))
      // The pages' own script and no other.
      #expect(text.matches(of: #/<script/#).count == 1)
      let pictures = try Self.pictures(of: page, in: folder)
      #expect(pictures.count == 5 + 4 * 4 + 4 + 3 + 3 + 3 + 3 + 4 * 2 + 7 * 3 + 8)
      for (title, picture) in pictures where title != Self.withFlash {
        #expect(!Self.isBlank(picture), "\(title) is blank")
      }
    }
  }

  /// Whether a search with flash sticks at an even picture is a matter of rounding.
  @Test("where a search with flash sticks, another seed helps, as its page says")
  func flash() throws {
    try withTemporaryFolder { folder in
      let helpful = try (0..<8).first { seed in
        let run = try Self.run("flash --quick --seed \(seed) -o \(seed)", in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let page = try Self.read("\(seed)/report.html", in: folder)
        let found = try Self.pictures(of: page, in: folder).first { $0.title == Self.withFlash }
        return !Self.isBlank(try #require(found).picture)
      }
      #expect(helpful != nil)
    }
  }

  @Test("pictures of a folder are taken, and what has none is named")
  func folder() throws {
    try withTemporaryFolder { folder in
      try Self.draw(
        [("inpainting/barbara", 1, 70, 90), ("inpainting/zebra", 3, 64, 64)], in: folder)
      let run = try Self.run(
        "all --pictures . --iterations 2 --side 64 -o out", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(
        run.errors.contains("superres: left out; It takes every picture in the folders 'set5'"))
      let rows = Self.rows(try Self.read("out/table.md", in: folder))
      #expect(
        rows.map { $0[1] } == ["barbara", "barbara", "zebra", "zebra", "mean of 2", "mean of 2"])
      #expect(rows.map { $0[5] } == ["32.22", "", "", "", "33.48", ""])
      #expect(rows[0][6] == "barbara" && rows[4][6] == "11 pictures")
      #expect(try Self.read("out/report.html", in: folder).contains("width=\"82\" height=\"64\""))
    }
  }

  private static func draw(
    _ pictures: [(name: String, channels: Int, height: Int, width: Int)], in folder: URL
  ) throws {
    for (name, channels, height, width) in pictures {
      let file = folder.appending(path: "\(name).png")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Picture(colour: Tensor.hashed(name, [1, channels, height, width], in: 0..<1))
        .write(to: file.path)
    }
  }

  @Test(
    "wrong use is told",
    arguments: [
      ("all -o out", "give --pictures FOLDER, or --quick to try the experiments on pictures"),
      ("all --quick --side 63 -o out", "--side takes a number from 64 to 65536, not 63"),
      ("all --pictures absent -o out", "absent: there are no pictures for any experiment; make"),
      ("curves --pictures . -o out", "curves: there is no such folder; It takes the first picture"),
      ("denoising --pictures . -o out", "denoising: there are no pictures in it; put PNG or JPEG"),
      (
        "superres --pictures . -o out",
        "tiny: 90×63 pixels are too few; give a picture of at least 64"
      ),
      ("text --pictures . -o out", "text/a.png: there is no a_mask.png beside it"),
      (
        "region --pictures . -o out",
        "region/b_mask.png: the mask has 64×65 pixels and the picture 64×64; give a mask of"
      ),
      ("flash --pictures . -o out", "flash: 0 pictures with flash and 1 without; give pairs"),
      ("jpeg --quick -o text/a.png", "text/a.png: the folder cannot be made; choose another"),
    ])
  func wrongUse(arguments: String, text: String) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appending(path: "denoising"), withIntermediateDirectories: false)
      try Self.draw(
        [
          ("set5/tiny", 3, 63, 90), ("text/a", 3, 64, 64), ("region/b", 3, 64, 64),
          ("region/b_mask", 1, 65, 64), ("flash/c_noflash", 3, 64, 64),
        ], in: folder)
      let run = try Self.run(arguments, in: folder)
      #expect(run.status != 0)
      #expect(run.errors.contains(text), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "out/table.md").path))
    }
  }
}
