import Reporting
import Testing

@Suite("Charts")
struct ChartTests {
  static let chart = Chart(
    x: .init("iteration"), y: .init("loss, 1", isLogarithmic: true),
    lines: [
      .init("picture", points: [(0, 1), (50, 0.1), (100, 0.01)]),
      .init("noise & more", points: [(0, 1), (50, .infinity), (75, 0), (100, 0.5)]),
    ], alternative: "two curves")

  private static func html(_ chart: Chart) throws -> String {
    let section = Page.Section("Curves", text: [], chart: chart)
    return try Page(title: "", lead: [], sections: [section], facts: []).html()
  }

  @Test("lines lie where their scales say, and what has no place is left out")
  func lines() throws {
    let html = try Self.html(Self.chart)
    #expect(html.contains("points=\"76.0,14.0 391.0,178.0 706.0,342.0\""))
    // An infinite loss and one of 0, which has no logarithm.
    #expect(html.contains("points=\"76.0,14.0 706.0,63.4\""))
  }

  @Test("axes have their labels and round numbers, lines their names")
  func labels() throws {
    let html = try Self.html(Self.chart)
    for text in ["iteration", "loss, 1", "0.01", "0.02", "0.05", "0.1", "1", "0", "20", "100"] {
      #expect(html.contains(">\(text)</text>"), "\(text)")
    }
    #expect(html.contains("noise &amp; more") && html.contains("<title>two curves</title>"))
  }

  @Test("a chart of one point and of none has a place too", arguments: [[(x: 3.0, y: 7.0)], []])
  func degenerate(points: [(x: Double, y: Double)]) throws {
    let chart = Chart(
      x: .init("x"), y: .init("y"), lines: [.init("line", points: points)], alternative: "")
    let html = try Self.html(chart)
    #expect(!html.contains("nan") && !html.contains("inf"))
    if !points.isEmpty { #expect(html.contains("points=\"391.0,178.0\"")) }
  }
}
