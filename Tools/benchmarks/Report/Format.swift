import Foundation

/// Numbers as the report shows them: three digits that count.
enum Format {
  static func number(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "–" }
    let digits = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
    return String(format: "%.\(digits)f", value)
  }

  static func seconds(_ value: Double) -> String {
    value < 0.1 ? "\(number(1000 * value)) ms" : "\(number(value)) s"
  }

  static func bytes(_ value: Int?) -> String {
    value.map { "\(number(Double($0) / 1e9)) GB" } ?? "–"
  }

  /// The three numbers of a spread, as cells.
  static func cells(_ spread: Spread, _ format: (Double) -> String = number) -> [String] {
    [format(spread.minimum), format(spread.median), format(spread.maximum)]
  }
}
