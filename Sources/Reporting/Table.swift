/// Rows of texts and numbers, in Markdown, as comma-separated values, and on a page.
public struct Table: Sendable {
  public var columns: [Column]
  /// As many cells each as there are columns.
  public private(set) var rows: [[String]] = []

  /// A column's title, and whether numbers stand in it.
  public struct Column: Sendable {
    public var title: String
    public var isNumeric: Bool

    public init(_ title: String, isNumeric: Bool = false) {
      (self.title, self.isNumeric) = (title, isNumeric)
    }
  }

  public init(columns: [Column]) { self.columns = columns }

  /// - Precondition: there are as many cells as columns.
  public mutating func append(_ row: [String]) {
    precondition(row.count == columns.count, "\(row.count) cells in \(columns.count) columns")
    rows.append(row)
  }

  /// The table in Markdown, padded so that it reads well as text too.
  public var markdown: String {
    let lines = ([columns.map(\.title)] + rows).map { $0.map(Self.escaped) }
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { index in
        let space = String(repeating: " ", count: widths[index] - cells[index].count)
        return columns[index].isNumeric ? space + cells[index] : cells[index] + space
      }
      return "| \(padded.joined(separator: " | ")) |\n"
    }
    let rule = columns.indices.map { index in
      String(repeating: "-", count: max(widths[index], 3) - 1)
        + (columns[index].isNumeric ? ":" : "-")
    }
    return line(lines[0]) + "| \(rule.joined(separator: " | ")) |\n"
      + lines.dropFirst().map(line).joined()
  }

  private static func escaped(_ cell: String) -> String {
    cell.replacing("|", with: "\\|").replacing("\n", with: " ")
  }

  /// The table as RFC 4180 has it, with a line of titles and ends of lines of one character.
  public var csv: String {
    ([columns.map(\.title)] + rows).map { row in
      row.map(Self.quoted).joined(separator: ",") + "\n"
    }.joined()
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
    return "\"\(cell.replacing("\"", with: "\"\""))\""
  }

  func html() -> HTML {
    func row(_ cells: [String], _ element: String) -> HTML {
      var contents: [HTML] = []
      for (column, cell) in zip(columns, cells) {
        contents.append(
          column.isNumeric
            ? .element(element, ["class": "number"], HTML(cell))
            : .element(element, [:], HTML(cell)))
      }
      return .element("tr", [:], contents)
    }
    return .element(
      "table", [:],
      .element("thead", [:], row(columns.map(\.title), "th")),
      .element("tbody", [:], rows.map { row($0, "td") }))
  }
}
