/// A table in Markdown; all columns but the first `texts` hold numbers.
struct Table: CustomStringConvertible {
  var columns: [String]
  var texts = 1
  var rows: [[String]] = []

  init(_ columns: String..., texts: Int = 1) { (self.columns, self.texts) = (columns, texts) }

  var description: String {
    let widths = columns.indices.map { column in
      ([columns] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { index in
        let space = String(repeating: " ", count: widths[index] - cells[index].count)
        return index < texts ? cells[index] + space : space + cells[index]
      }
      return "| \(padded.joined(separator: " | ")) |\n"
    }
    let rule = columns.indices.map { index in
      String(repeating: "-", count: max(widths[index], 3) - 1) + (index < texts ? "-" : ":")
    }
    return line(columns) + "| \(rule.joined(separator: " | ")) |\n" + rows.map(line).joined()
  }
}
