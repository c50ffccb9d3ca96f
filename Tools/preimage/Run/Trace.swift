import Foundation

/// The rows of `--trace`: a header, then one row an iteration.
struct Trace: Codable {
  private let names: [String]
  private var text: String

  /// The columns besides `iteration` and `loss`.
  init(columns: [String]) {
    names = ["iteration", "loss"] + columns
    text = names.map(Self.quoted).joined(separator: ",") + "\n"
  }

  mutating func add(iteration: Int, loss: Float, _ values: [Double]) {
    text += "\(iteration),\(loss)"
    for value in values { text += ",\(value)" }
    text += "\n"
  }

  var data: Data { Data(text.utf8) }

  /// The columns with their numbers.
  var columns: [(name: String, values: [Double])] {
    let rows = text.split(separator: "\n").suffix(from: 1).map { row in
      row.split(separator: ",").map { Double($0) ?? .nan }
    }
    return names.enumerated().map { index, name in (name, rows.map { $0[index] }) }
  }

  private static func quoted(_ name: String) -> String {
    name.contains(where: { ",\"\n".contains($0) })
      ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
  }
}
