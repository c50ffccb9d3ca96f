import Foundation

/// The rows of `--trace`: a header, then one row an iteration.
struct Trace: Codable {
  private var text: String

  /// The columns besides `iteration` and `loss`.
  init(columns: [String]) {
    text = (["iteration", "loss"] + columns).map(Self.quoted).joined(separator: ",") + "\n"
  }

  mutating func add(iteration: Int, loss: Float, _ values: [Double]) {
    text += "\(iteration),\(loss)"
    for value in values { text += ",\(value)" }
    text += "\n"
  }

  var data: Data { Data(text.utf8) }

  private static func quoted(_ name: String) -> String {
    name.contains(where: { ",\"\n".contains($0) })
      ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
  }
}
