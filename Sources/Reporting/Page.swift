import Foundation
import Imaging

/// A page that needs nothing but itself: pictures inline, for a screen of any width, in the light and in the
/// dark, and for print. Scripts add what moves (``PageScript``); all is to be read without them.
public struct Page: Sendable {
  public var title: String
  /// Paragraphs below the title.
  public var lead: [String]
  public var sections: [Section]
  /// Terms and what they are, at the end of the page: settings, versions, times.
  public var facts: [(term: String, value: String)]

  /// A heading, what it is about, a table, a chart, figures side by side in rows, and links.
  public struct Section: Sendable {
    public var title: String
    public var text: [String]
    public var table: Table?
    public var chart: Chart?
    /// Rows of figures; a row's own title stands before it where there is one.
    public var rows: [(title: String?, figures: [Figure])]
    /// Other pages.
    public var links: [Link]

    public init(
      _ title: String, text: [String], table: Table? = nil, chart: Chart? = nil,
      rows: [(title: String?, figures: [Figure])] = [], links: [Link] = []
    ) {
      (self.title, self.text, self.rows, self.links) = (title, text, rows, links)
      (self.table, self.chart) = (table, chart)
    }
  }

  /// Another page: what it is called, where it is, and a small picture of what it shows, if there is one.
  public struct Link: Sendable {
    public var text: String
    public var target: String
    public var picture: Picture?

    public init(_ text: String, target: String, picture: Picture? = nil) {
      (self.text, self.target, self.picture) = (text, target, picture)
    }

    /// - Throws: `OutputError` where there is no memory for the picture.
    func html() throws -> HTML {
      // The text says it all.
      let image = try picture.map { try Figure.image(of: $0, "") }
      return .element(
        "li", [:], .element("a", ["href": target], (image.map { [$0] } ?? []) + [HTML(text)]))
    }
  }

  public init(
    title: String, lead: [String], sections: [Section], facts: [(term: String, value: String)]
  ) {
    (self.title, self.lead, self.sections, self.facts) = (title, lead, sections, facts)
  }

  /// Writes the page, whole or not at all.
  ///
  /// - Throws: `OutputError`.
  public func write(to path: String) throws {
    try AtomicFile.write(Data(try html().utf8), to: path)
  }

  /// The page.
  ///
  /// - Throws: `OutputError` where there is no memory for a picture.
  public func html() throws -> String {
    Self.document(
      title: title, main: try contents(), script: .element("script", [:], .raw(PageScript.text)))
  }

  private func contents() throws -> [HTML] {
    var main = [HTML.element("h1", [:], HTML(title))] + lead.map(Self.paragraph)
    for section in sections { main.append(try Self.html(of: section)) }
    if !facts.isEmpty {
      main.append(
        .element(
          "dl", [:],
          facts.flatMap { fact in
            [.element("dt", [:], HTML(fact.term)), .element("dd", [:], HTML(fact.value))]
          }))
    }
    return main
  }

  /// A page of these contents, with the style of all pages.
  package static func document(
    title: String, head: [HTML] = [], main: [HTML], script: HTML
  ) -> String {
    let head = HTML.element(
      "head", [:],
      [
        .element("meta", ["charset": "utf-8"]),
        .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        .element("title", [:], HTML(title)),
        .element("style", [:], .raw(Self.style)),
      ] + head)
    let body = HTML.element("body", [:], .element("main", [:], main), script)
    return "<!DOCTYPE html>\n" + HTML.element("html", ["lang": "en"], head, body).text + "\n"
  }

  private static func html(of section: Section) throws -> HTML {
    var contents = [HTML.element("h2", [:], HTML(section.title))] + section.text.map(paragraph)
    if let table = section.table { contents.append(table.html()) }
    if let chart = section.chart { contents.append(chart.html()) }
    for row in section.rows {
      if let title = row.title { contents.append(.element("h3", [:], HTML(title))) }
      contents.append(.element("div", ["class": "row"], try row.figures.map { try $0.html() }))
    }
    if !section.links.isEmpty {
      contents.append(
        .element("ul", ["class": "links"], try section.links.map { try $0.html() }))
    }
    return .element("section", [:], contents)
  }

  private static func paragraph(_ text: String) -> HTML { .element("p", [:], HTML(text)) }

  private static let style = """

    :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
    main { max-width: 62rem; margin: 0 auto; padding: 1rem }
    h1 { line-height: 1.2 } h2 { margin-top: 2.5rem } h3 { margin: 1.5rem 0 .5rem }
    p { max-width: 42rem }
    .row { display: flex; flex-wrap: wrap; gap: 1rem }
    figure { margin: 0; flex: 1 1 11rem; max-width: 18rem }
    img { width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px }
    figcaption { font-size: .875rem } figcaption > * { display: block }
    .chart { max-width: 45rem } .chart svg { display: block; width: 100% }
    .chart .key { display: inline-block; width: 2.25rem; height: .5rem; margin-right: .5rem }
    table { border-collapse: collapse; font-size: .875rem; display: block; overflow-x: auto }
    th, td { padding: .2rem .75rem .2rem 0; text-align: left; border-bottom: 1px solid #8884 }
    .number { text-align: right; font-variant-numeric: tabular-nums }
    .links { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: .75rem;
      padding: 0; list-style: none; overflow-wrap: anywhere } .links img { display: block }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin-top: 3rem;
      border-top: 1px solid; padding-top: 1rem; font-size: .875rem }
    dt { font-weight: 600 } dd { margin: 0; overflow-wrap: anywhere }
    th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer }
    th button::after { content: " ↕" } th[aria-sort=ascending] button::after { content: " ↑" }
    th[aria-sort=descending] button::after { content: " ↓" }
    .pair { position: relative; max-width: 32rem } .pair img { display: block }
    .pair img + img { position: absolute; inset: 0 }
    input[type=range] { width: 100%; max-width: 32rem; margin: .5rem 0 }
    details { margin: .5rem 0 } label { display: block; font-size: .875rem }
    @media print { details, figure > label { display: none } }
    @media print { figure, h2, h3 { break-inside: avoid; break-after: avoid } }

    """
}
