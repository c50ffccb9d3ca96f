import Foundation
import Textures

/// How often pictures of each class are taken for each.
package struct Confusion: Sendable, Equatable {
  /// By true class, then by what it was taken for.
  package private(set) var counts: [[Int]]

  package init() {
    let classes = TextureClass.allCases.count
    counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
  }

  /// Counts the likeliest classes of numbered pictures, given scores `[N, classes]`.
  mutating func add(_ scores: Span<Float>, of numbers: Range<Int>) {
    let classes = counts.count
    for (place, number) in numbers.enumerated() {
      var best = 0
      for candidate in 1..<classes
      where scores[place * classes + candidate] > scores[place * classes + best] {
        best = candidate
      }
      counts[TextureSet.label(of: number).rawValue][best] += 1
    }
  }

  /// How many pictures there were.
  package var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }

  /// The share of all pictures that are taken for what they are.
  package var accuracy: Double {
    let right = counts.indices.reduce(0) { $0 + counts[$1][$1] }
    return Double(right) / Double(max(1, total))
  }

  /// The share of a class's pictures that are taken for another, or for the class itself.
  package func share(of label: TextureClass, takenFor other: TextureClass) -> Double {
    let row = counts[label.rawValue]
    return Double(row[other.rawValue]) / Double(max(1, row.reduce(0, +)))
  }

  /// The share of the pictures of all other classes that are taken for this one.
  package func shareOfOthers(takenFor label: TextureClass) -> Double {
    let others = counts.indices.filter { $0 != label.rawValue }
    let taken = others.reduce(0) { $0 + counts[$1][label.rawValue] }
    return Double(taken) / Double(max(1, others.reduce(0) { $0 + counts[$1].reduce(0, +) }))
  }

  /// A line a class: how many are known, and what the others are taken for.
  package var summary: String {
    TextureClass.allCases.map { label in
      let name = label.name.padding(toLength: 10, withPad: " ", startingAt: 0)
      let mistakes = TextureClass.allCases.filter { $0 != label }
        .map { (name: $0.name, count: counts[label.rawValue][$0.rawValue]) }
        .filter { $0.count > 0 }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
        .map { "\($0.count) \($0.name)" }.joined(separator: ", ")
      return "  " + name + String(format: "%6.1f %%", 100 * share(of: label, takenFor: label))
        + (mistakes.isEmpty ? "" : "   taken for: \(mistakes)")
    }.joined(separator: "\n")
  }
}
