import Engine
import Foundation
import Imaging
import Reporting
import TestSupport
import Testing

@Suite("Pages")
struct PageTests {
  private static let picture = Picture(colour: Tensor.hashed("page", [1, 3, 4, 6], in: 0..<1))

  private static let page = Page(
    title: "Tom & \"Jerry\" <1>", lead: ["a < b"],
    sections: [
      .init(
        "Layers", text: ["below"], table: TableTests.table, chart: ChartTests.chart,
        rows: [
          (
            "conv1",
            [Figure(picture, alternative: "a \"quoted\" picture", caption: ["DIP", "0.01"])]
          )
        ])
    ], facts: [("seed", "0")])

  @Test("a page holds its texts, escaped, and its pictures whole")
  func contents() throws {
    let html = try Self.page.html()
    #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"))
    #expect(html.contains("<title>Tom &amp; &quot;Jerry&quot; &lt;1&gt;</title>"))
    #expect(html.contains("<p>a &lt; b</p>"))
    #expect(html.contains("alt=\"a &quot;quoted&quot; picture\" width=\"6\" height=\"4\">"))
    #expect(html.contains("<strong>DIP</strong><span>0.01</span>"))
    #expect(html.contains("<dt>seed</dt><dd>0</dd>"))
    #expect(html.matches(of: #/<script/#).count == 1 && !html.contains("http"))
    let encoded = try #require(html.firstMatch(of: #/base64,([^"]+)"/#)).output.1
    let data = try #require(Data(base64Encoded: String(encoded)))
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "inline.png").path
      try data.write(to: URL(filePath: path))
      let direct = folder.appending(path: "direct.png").path
      try Self.picture.write(to: direct)
      #expect(try Picture(contentsOf: path) == Picture(contentsOf: direct))
    }
  }

  @Test("every element is closed")
  func structure() throws {
    let html = try Self.page.html()
    var open: [Substring] = []
    let script = try #require(html.range(of: "<script>"))
    for tag in html[..<script.lowerBound].matches(of: #/<(\/?)([a-z0-9]+)[^>]*>/#) {
      let (_, slash, name) = tag.output
      if name == "img" || name == "meta" { continue }
      if slash.isEmpty { open.append(name) } else { #expect(open.popLast() == name) }
    }
    #expect(open == ["html", "body"])
  }

  @Test("a page appears whole, or not at all")
  func writing() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "page.html").path
      try Self.page.write(to: path)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == Self.page.html())
      #expect(throws: OutputError.self) { try Self.page.write(to: path + "/page.html") }
    }
  }
}
