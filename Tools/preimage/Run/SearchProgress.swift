import DIP
import Foundation
import Terminal

/// The progress of one search after the other.
struct SearchProgress {
  private let task: String
  private let isQuiet: Bool
  private var search = -1
  private var meter: ProgressMeter?

  init(_ task: String, isQuiet: Bool) { (self.task, self.isQuiet) = (task, isQuiet) }

  /// Shows an iterate of a search, which is one of `count`.
  mutating func update(_ number: Int, of count: Int, _ title: String, _ iterate: Iterate) {
    if isQuiet { return }
    if search != number || iterate.iteration == 0 {
      meter?.leave()
      search = number
      meter = ProgressMeter(
        task: "\(task) \(number + 1)/\(count) \(title)", total: iterate.planned)
    }
    meter?.update(done: iterate.iteration + 1) {
      "loss \(String(format: "%.4g", iterate.loss))"
    }
  }
}
