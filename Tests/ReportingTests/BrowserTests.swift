import Engine
import Foundation
import Imaging
import Reporting
import TestSupport
import Testing

/// Pages as Chromium shows them.
@Suite("Pages in a browser", .serialized, .enabled(if: Browser.program != nil, "no Chromium here"))
struct BrowserTests {
  private static func picture(_ name: String) -> Picture {
    Picture(colour: Tensor.hashed(name, [1, 3, 48, 64], in: 0..<1))
  }

  /// A table of four rows, a chart, and a row of three pictures, of which the last has frames.
  private static var page: Page {
    var table = Table(columns: [.init("Name"), .init("Number", isNumeric: true)])
    for row in [["b", "10 ± 1"], ["d", ""], ["c", "9"], ["a", "-2.5"]] { table.append(row) }
    let frames = (1...3).map { ("iteration \($0)", picture("frame \($0)")) }
    return Page(
      title: "Page", lead: ["A page."],
      sections: [
        .init(
          "All", text: [], table: table, chart: ChartTests.chart,
          rows: [
            (
              "conv1",
              [
                Figure(picture("one"), alternative: "one", caption: ["One"]),
                Figure(picture("two"), alternative: "two", caption: ["Two"]),
                Figure(
                  frames[2].1, alternative: "three", caption: ["Three"], frames: frames),
              ]
            )
          ],
          links: (0..<50).map {
            .init("Class \($0)", target: "class-\($0).html", picture: picture("class \($0)"))
          })
      ], facts: [("seed", "0")])
  }

  private static func browse(
    _ page: Page = page, width: Int, _ body: (Browser) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "page.html")
      try page.write(to: file.path)
      let browser = try Browser(try #require(Browser.program), in: folder)
      defer { browser.close() }
      try browser.open(file, width: width)
      try body(browser)
      #expect(browser.errors.isEmpty, "\(browser.errors)")
    }
  }

  private static func texts(_ expression: String, in browser: Browser) throws -> [String] {
    try #require(try browser.value(of: expression) as? [String])
  }

  @Test("all pictures are shown, and nothing is wider than the window", arguments: [400, 1400])
  func layout(width: Int) throws {
    try Self.browse(width: width) { browser in
      let broken = try browser.value(
        of: "[...document.images].filter((i) => !i.complete || (i.src && !i.naturalWidth)).length")
      #expect(broken as? Int == 0)
      #expect(try browser.value(of: "document.images.length") as? Int == 55)
      let wide = try browser.value(of: "document.documentElement.scrollWidth")
      #expect(try #require(wide as? Int) <= width)
      #expect(try browser.screenshot().count > 1000)
    }
  }

  @Test("a table sorts by the column whose title is pressed, numbers by their size")
  func sorting() throws {
    try Self.browse(width: 1000) { browser in
      let names = "[...document.querySelectorAll('tbody tr')].map((r) => r.cells[0].textContent)"
      #expect(try Self.texts(names, in: browser) == ["b", "d", "c", "a"])
      _ = try browser.value(of: "document.querySelectorAll('th button')[1].focus()")
      try browser.press("Enter", code: 13, text: "\r")
      #expect(try Self.texts(names, in: browser) == ["d", "a", "c", "b"])
      #expect(
        try browser.value(of: "document.querySelectorAll('th')[1].ariaSort") as? String
          == "ascending")
      try browser.press("Enter", code: 13, text: "\r")
      #expect(try Self.texts(names, in: browser) == ["b", "c", "a", "d"])
      _ = try browser.value(of: "document.querySelectorAll('th button')[0].focus()")
      try browser.press("Enter", code: 13, text: "\r")
      #expect(try Self.texts(names, in: browser) == ["a", "b", "c", "d"])
    }
  }

  @Test("frames are gone through with the arrow keys, and the last is the picture itself")
  func frames() throws {
    try Self.browse(width: 1000) { browser in
      let shown = "document.querySelectorAll('figure > img')[2]"
      let first = try browser.value(of: "\(shown).src") as? String
      _ = try browser.value(of: "document.querySelector('figure input').focus()")
      try browser.press("ArrowLeft", code: 37)
      #expect(try browser.value(of: "\(shown).alt") as? String == "iteration 2")
      let second = try browser.value(of: "\(shown).src") as? String
      #expect(second != first)
      try browser.press("Home", code: 36)
      #expect(try browser.value(of: "\(shown).alt") as? String == "iteration 1")
      try browser.press("End", code: 35)
      #expect(try browser.value(of: "\(shown).alt") as? String == "three")
      #expect(try browser.value(of: "\(shown).src") as? String == first)
    }
  }

  @Test("two pictures are laid over each other, and the slider moves the edge between them")
  func pairs() throws {
    try Self.browse(width: 1000) { browser in
      _ = try browser.value(of: "document.querySelector('summary').focus()")
      try browser.press("Enter", code: 13, text: "\r")
      #expect(try browser.value(of: "document.querySelector('details').open") as? Bool == true)
      // The browser tells of it later.
      try browser.wait(for: "document.querySelector('.pair img').src")
      let pair = "[...document.querySelectorAll('.pair img')].map((i) => i.alt)"
      #expect(try Self.texts(pair, in: browser) == ["two", "one"])
      let edge = "document.querySelectorAll('.pair img')[1].style.clipPath"
      #expect(try browser.value(of: edge) as? String == "inset(0px 50% 0px 0px)")
      _ = try browser.value(of: "document.querySelector('details input').focus()")
      try browser.press("ArrowRight", code: 39)
      #expect(try browser.value(of: edge) as? String == "inset(0px 49% 0px 0px)")
      _ = try browser.value(of: "document.querySelector('details select').focus()")
      try browser.press("ArrowDown", code: 40)
      try browser.press("ArrowDown", code: 40)
      #expect(try Self.texts(pair, in: browser) == ["two", "three"])
    }
  }
}
