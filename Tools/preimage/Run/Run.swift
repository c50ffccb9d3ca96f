import DIP
import Engine
import Foundation
import Imaging
import Inversion
import Terminal

/// Runs a solve with progress, trace and scores.
struct Run {
  let task: String
  let prior: String
  let options: RunOptions
  let outputs: Outputs
  /// What the result is scored against, `[1, C, H, W]`.
  var truth: Tensor?
  /// Makes of a generated picture what would be written.
  var finish: (Tensor) -> Tensor = { $0.clamped() }

  /// What a run ends with.
  struct Result {
    let solution: Solution
    var summary: Summary
    /// Ends the keeping of the run, once its picture is safe.
    fileprivate let settle: () throws -> Void
  }

  /// - Throws: errors of the solve.
  func callAsFunction(_ solver: Solver, plan: SolvePlan) throws -> Result {
    if options.verbose {
      StandardError.write(
        """
        \(task): \(solver.parameterCount) parameters (\(prior)), \
        \(plan.iterations) iterations, seed \(options.seed), \(options.threads) threads, \
        \(solver.memoryBytes >> 20) MiB of buffers
        convolutions: \(String(format: "%.1f", Double(solver.convolutions.operations) / 1e9)) \
        GFLOP an iteration, counted as direct
        \(solver.convolutions.map { "  \($0)" }.joined(separator: "\n"))

        """)
    }
    if !options.quiet, !options.verbose {
      StandardError.write(
        "\(task): \(solver.memoryBytes >> 20) MiB of buffers, \(plan.iterations) iterations at most\n"
      )
    }
    let keeper = try RunKeeper(options: options, outputs: outputs, plan: plan)
    var notes = try keeper.restore(solver)
    Interruption.watch()
    var meter = ProgressMeter(
      task: task, total: plan.iterations, from: solver.iteration)
    let solution = try solver.run(
      keepingEvery: keeper.interval, keep: { try keeper.keep($0, notes) },
      observe: { iterate in
        let scores = truth.map { self.scores(of: iterate, against: $0) }
        if let scores, scores.average > notes.best?.psnr ?? -.infinity {
          notes.best = .init(iteration: iterate.iteration, psnr: scores.average)
        }
        if outputs.trace != nil {
          add(iterate, scores, hasRule: plan.stopping != nil, to: &notes.trace)
        }
        if !options.quiet {
          meter.update(done: iterate.iteration + 1) { status(iterate, scores) }
        }
        if Interruption.received != nil { iterate.stop() }
      })
    meter.leave()
    if let path = outputs.trace { try AtomicFile.write(notes.trace?.data ?? Data(), to: path) }
    let picture = solution.picture
    return Result(
      solution: solution,
      summary: Summary(
        task: task, prior: prior, seed: options.seed, threads: options.threads,
        width: picture.shape[3], height: picture.shape[2], parameters: solver.parameterCount,
        iterations: solution.iterations, loss: solution.loss, seconds: solution.seconds,
        secondsPerIteration: solution.seconds / Double(max(1, solution.iterations)),
        peakRssBytes: Summary.peakMemory, stoppedBy: solution.end.rawValue,
        bestIteration: notes.best?.iteration),
      settle: { if solution.end != .request { try keeper.finish(solver, notes) } })
  }

  /// Writes the picture and the summary, the picture first.
  ///
  /// - Throws: ``OutputError``; ``Interrupted`` where the run was, after that.
  func write(_ picture: Picture, _ result: Result) throws {
    let summary = result.summary
    try picture.write(to: outputs.picture)
    if let path = outputs.summary { try AtomicFile.write(try summary.json(), to: path) }
    try result.settle()
    if let signal = Interruption.received, summary.stoppedBy == Solution.End.request.rawValue {
      throw Interrupted(
        signal: signal, iterations: summary.iterations, picture: outputs.picture)
    }
  }

  private func add(
    _ iterate: Iterate, _ scores: (last: Double, average: Double)?, hasRule: Bool,
    to trace: inout Trace?
  ) {
    var columns: [(name: String, value: Double)] = []
    if let truth, let scores {
      columns = [
        ("psnr", scores.last), ("psnr_average", scores.average),
        ("ssim", ssim(finish(iterate.picture), truth)),
      ]
    }
    if hasRule { columns.append(("score", iterate.score ?? .nan)) }
    // The layer is named where there are several.
    for (name, value) in iterate.observed {
      let short = String(name.prefix { $0 != " " })
      columns.append((iterate.observed.count == 1 ? short : name, Double(value)))
    }
    var rows = trace.take() ?? Trace(columns: columns.map(\.name))
    rows.add(iteration: iterate.iteration, loss: iterate.loss, columns.map(\.value))
    trace = rows
  }

  private func scores(
    of iterate: Iterate, against truth: Tensor
  ) -> (last: Double, average: Double) {
    (psnr(finish(iterate.picture), truth), psnr(finish(iterate.average), truth))
  }

  private func status(_ iterate: Iterate, _ scores: (last: Double, average: Double)?) -> String {
    var text = "loss \(String(format: "%.4g", iterate.loss))"
    if let scores {
      text += String(format: "  psnr %.2f, averaged %.2f", scores.last, scores.average)
    }
    for (name, value) in iterate.observed {
      text += "  \(name.replacing("_", with: " ")) \(String(format: "%.4g", value))"
    }
    return text
  }
}
