import Foundation
import ShippedFiles
import TestSupport
import Testing

/// The pages that commands write.
@Suite("Reports")
struct ReportTests {
  @Test("a run's page has its pictures, curves, scores and settings, after an interruption too")
  func page() throws {
    try withTemporaryFolder { folder in
      try RunTests.picture(3).write(to: folder.appending(path: "in.png").path)
      let command =
        "denoise in.png --clean in.png -o out.png --report r.html --iterations 6 --depth 2 --channels 8 "
        + "--runs 2 --checkpoint c --quiet"
      _ = try RunTests.run(command, in: folder)
      let page = try String(contentsOf: folder.appending(path: "r.html"), encoding: .utf8)
      #expect(page.components(separatedBy: "<img ").count == 4)
      for title in [
        "Given", "Undamaged", "Found", "PSNR, dB", "loss, part 2", "SSIM", "psnr average",
      ] {
        #expect(page.contains(title), "no \(title)")
      }
      #expect(page.contains("<dd>preimage denoise in.png --clean in.png -o out.png"))
      #expect(page.contains("12 iterations in "))
      // The curves are whole where the run goes on from what is kept.
      _ = try RunTests.run("\(command) --resume", in: folder)
      let again = try String(contentsOf: folder.appending(path: "r.html"), encoding: .utf8)
      #expect(Self.chart("Loss", of: page) == Self.chart("Loss", of: again))
    }
  }

  private static func chart(_ title: String, of page: String) -> Substring? {
    page.range(of: "<h2>\(title)</h2>").map { page[$0.upperBound...].prefix { $0 != "\u{0}" } }
      .flatMap { rest in rest.range(of: "</section>").map { rest[..<$0.lowerBound] } }
  }

  @Test(
    "the same seed gives the same pages, but for the times",
    arguments: [
      "denoise in.png -o out.png --report all/report.html --iterations 5 --depth 2 --channels 8 -q",
      "invert in.png --network textures --layer pool2 -o out.png --report all/report.html --iterations 5 -q",
      "maximize --network textures --class bricks -o out.png --report all/report.html --iterations 5 -q",
      "compare --network textures --class bricks --priors tv,fourier --iterations 5 -o all -q",
      "invert in.png --network textures --layers pool2,conv4 --priors tv --iterations 5 -o all -q",
      "maximize --network textures --class bricks --prior tv --pictures 2 --iterations 5 -o all -q",
      "diagnose --network textures --classes bricks,dots --priors tv --iterations 5 -o all -q",
    ])
  func equal(command: String) throws {
    var pages: [[String: String]] = []
    for _ in 0..<2 {
      try withTemporaryFolder { folder in
        try RunTests.picture(3, side: 64).write(to: folder.appending(path: "in.png").path)
        let all = folder.appending(path: "all")
        try FileManager.default.createDirectory(at: all, withIntermediateDirectories: false)
        _ = try RunTests.run(command, in: folder)
        let files = try FileManager.default.contentsOfDirectory(atPath: all.path)
          .filter { $0.hasSuffix(".html") }
        pages.append(
          try Dictionary(
            uniqueKeysWithValues: files.map {
              ($0, Self.timeless(try String(contentsOf: all.appending(path: $0), encoding: .utf8)))
            }))
      }
    }
    #expect(!pages[0].isEmpty)
    #expect(pages[0] == pages[1])
  }

  /// A page without what tells of seconds: the fact, the columns of tables, the curves over them.
  private static func timeless(_ page: String) -> String {
    let chart = #/<section><h2>[^<]*</h2><figure class="chart">(?:(?!</section>).)*</section>/#
    return page.replacing(#/<dt>Time</dt><dd>[^<]*</dd>/#, with: "")
      .replacing(#/ in [0-9]+:[0-9]+/#, with: "")
      .replacing(#/<td class="number">[0-9]+\.[0-9]</td>/#, with: "")
      .replacing(chart) { $0.output.contains("over seconds") ? "" : String($0.output) }
  }

  @Test("a page is HTML, with a path of its own", arguments: ["r.txt", "in.png", "out.png"])
  func misfits(path: String) throws {
    try withTemporaryFolder { folder in
      try RunTests.picture(1).write(to: folder.appending(path: "in.png").path)
      let words = "denoise in.png -o out.png --report \(path)".split(separator: " ").map(
        String.init)
      let run = try PreimageProcess(words, in: folder)
      #expect(run.status == 64)
      #expect(run.errors.hasPrefix("preimage: --report \(path)"))
    }
  }
}
