import DIP
import Foundation
import Imaging
import LiveView
import Terminal

/// The progress of one search after the other, on standard error and in a browser.
struct SearchProgress {
  private let task: String
  private let isQuiet: Bool
  private let view: LiveView?
  private var search = -1
  private var meter: ProgressMeter?

  /// Pictures that are kept in a browser go into the folder.
  ///
  /// - Throws: `LiveViewError`.
  init(_ task: String, isQuiet: Bool, live: LiveOptions, folder: ReportFolder) throws {
    (self.task, self.isQuiet) = (task, isQuiet)
    view = try live.view(besides: folder["kept"], canStop: false)
  }

  /// Shows an iterate of a search, which is one of `count`.
  mutating func update(_ number: Int, of count: Int, _ title: String, _ iterate: Iterate) {
    let name = "\(task) \(number + 1)/\(count) \(title)"
    let isNew = search != number || iterate.iteration == 0
    search = number
    if let view {
      if isNew { view.begin(name, iterations: iterate.planned) }
      view.show(
        iteration: iterate.iteration, values: [("loss", Double(iterate.loss))] + iterate.numbers
      ) { Picture(colour: iterate.picture.clamped()) }
    }
    if isQuiet { return }
    if isNew {
      meter?.leave()
      meter = ProgressMeter(task: name, total: iterate.planned)
    }
    meter?.update(done: iterate.iteration + 1) {
      "loss \(String(format: "%.4g", iterate.loss))"
    }
  }

  /// Tells who looks where everything is.
  func end(_ folder: ReportFolder) { view?.close("\(folder.report) is written.") }
}
