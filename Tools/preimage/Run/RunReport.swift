import Engine
import Imaging
import PretrainedNets
import Reporting

/// The page of a run that finds one picture.
struct RunReport {
  let task: String
  /// What came of it, a line each.
  let lead: [String]
  /// Side by side; the one that was found is the last.
  let pictures: [(title: String, picture: Picture)]
  let trace: Trace?
  let facts: [(term: String, value: String)]

  /// - Throws: ``OutputError``.
  func write(to path: String) throws {
    let figures = pictures.map { title, picture in
      Figure(picture, alternative: title, caption: [title])
    }
    try Page(
      title: "preimage \(task)", lead: lead,
      sections: [.init("In pictures", text: [], rows: [(nil, figures)])] + charts, facts: facts
    ).write(to: path)
  }

  /// A chart for each column but those of decibels, which share one; a line for each part.
  private var charts: [Page.Section] {
    let columns = trace?.columns ?? []
    guard let iterations = columns.first?.values else { return [] }
    let parts = columns.first { $0.name == "part" }?.values
    let drawn = columns.dropFirst().filter { $0.name != "part" }
    let scores = drawn.filter { $0.name.hasPrefix("psnr") }
    let others = drawn.filter { !$0.name.hasPrefix("psnr") }.map { ($0.name, [$0]) }
    return (others + (scores.isEmpty ? [] : [("PSNR, dB", scores)])).map { title, columns in
      let title = Self.title(of: title)
      return Page.Section(
        title, text: [],
        chart: Chart(
          x: .init("iteration"), y: .init(title, for: columns.flatMap(\.values)),
          lines: columns.flatMap { Self.lines(iterations, $0, parts) },
          alternative: "\(title) over the iterations"))
    }
  }

  private static func title(of column: String) -> String {
    if column == "ssim" { return "SSIM" }
    return column.prefix(1).uppercased() + column.dropFirst().replacing("_", with: " ")
  }

  private static func lines(
    _ iterations: [Double], _ column: (name: String, values: [Double]), _ parts: [Double]?
  ) -> [Chart.Line] {
    let name = column.name.replacing("_", with: " ")
    let points = zip(iterations, column.values).map { (x: $0, y: $1) }
    guard let parts else { return [.init(name, points: points)] }
    return Set(parts).sorted().map { part in
      .init(
        "\(name), part \(Int(part) + 1)",
        points: zip(points, parts).filter { $1 == part }.map(\.0))
    }
  }
}
