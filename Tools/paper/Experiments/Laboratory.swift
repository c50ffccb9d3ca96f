import DIP
import Engine
import Foundation
import Imaging
import Terminal

/// What the experiments share: where pictures come from, how much is done with them, and how.
struct Laboratory {
  let source: PictureSource
  /// Pictures with a longer smaller side are reduced.
  let side: Int?
  let iterations: Int?
  let limit: Int?
  let seed: UInt64
  let threads: ThreadPool
  let isQuiet: Bool

  /// Seeks a picture, by at most as many iterations as there may be.
  ///
  /// `task` is what is told while it runs. Where there are several runs of a task, each has a seed of its own.
  /// - Throws: ``PaperError``.
  func solve(
    _ restoration: Restoration, _ task: String, run: Int = 0, observe: (Iterate) -> Void = { _ in }
  ) throws -> Solution {
    var restoration = restoration
    let count = min(iterations ?? .max, restoration.plan.iterations)
    restoration.plan.iterations = count
    // The papers' numbers are of so many iterations, not of the best one.
    restoration.plan.stopping = nil
    let solution: Solution
    do {
      let solver = try restoration.solver(
        random: RandomSource(seed: seed &+ UInt64(run)), threads: threads)
      var meter = ProgressMeter(task: task, total: count)
      solution = try solver.run { iterate in
        observe(iterate)
        if isQuiet { return }
        meter.update(done: iterate.iteration + 1) {
          "loss \(String(format: "%.4g", iterate.loss))"
        }
      }
    } catch { throw PaperError.failed(task: task, reason: "\(error)") }
    guard solution.loss.isFinite else { throw PaperError.diverged(task: task) }
    return solution
  }

  /// A source of random numbers for what is done to a picture, apart from those of the search.
  func damage(_ number: Int) -> RandomSource {
    RandomSource(seed: seed).member(1 << 32 + UInt64(number))
  }
}
