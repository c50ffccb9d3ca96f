import DIP
import Engine
import Foundation
import Imaging
import Inversion
import LiveView
import PretrainedNets
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
  /// Which of how many solves this is, counted from 0.
  var part = (index: 0, count: 1)
  /// What a report shows beside the result.
  var beside: [(title: String, picture: Tensor)] = []
  /// The network that the picture is for.
  var classifier: Classifier?
  /// Where it is shown while it runs.
  var view: LiveView?
  /// Whether the average of the iterates is what is looked for.
  var isAveraged = false

  /// What a run ends with.
  struct Result {
    let solution: Solution
    var summary: Summary
    let trace: Trace?
    /// Ends the keeping of the run, once its picture is safe.
    let settle: () throws -> Void
  }

  /// The whole of a run that is one solve.
  ///
  /// - Throws: errors of the solve.
  func callAsFunction(_ solver: Solver, plan: SolvePlan) throws -> Result {
    var keeper = try RunKeeper(options: options, outputs: outputs, plan: plan)
    let solution = try solve(solver, plan: plan, &keeper)
    return try result(solution, solver, keeper)
  }

  /// Tells what is solved and about how long that takes, and solves it.
  ///
  /// - Throws: errors of the solve.
  func solve(
    _ solver: Solver, plan: SolvePlan, _ keeper: inout RunKeeper
  ) throws -> Solution {
    try announce(solver, plan)
    try keeper.restore(solver)
    Interruption.watch()
    let title = part.count > 1 ? "\(task) \(part.index + 1)/\(part.count)" : task
    var meter = ProgressMeter(task: title, total: plan.iterations, from: solver.iteration)
    view?.begin(title, iterations: plan.iterations, from: solver.iteration)
    let interval = keeper.interval
    let solution = try solver.run(
      keepingEvery: interval, keep: { try keeper.keep($0) },
      observe: { iterate in
        let scores = truth.map { self.scores(of: iterate, against: $0) }
        if let scores, scores.average > keeper.notes.best?.psnr ?? -.infinity {
          keeper.notes.best = .init(iteration: iterate.iteration, psnr: scores.average)
        }
        if outputs.trace != nil || outputs.report != nil {
          add(iterate, scores, hasRule: plan.stopping != nil, to: &keeper.notes.trace)
        }
        if outputs.frames != nil, part.index == 0, Self.isFrame(iterate, of: plan) {
          try keeper.frames.append(
            Picture(colour: finish(iterate.picture)), milliseconds: 100)
        }
        if !options.quiet {
          meter.update(done: iterate.iteration + 1) { status(iterate, scores) }
        }
        view?.show(iteration: iterate.iteration, values: values(of: iterate, scores)) {
          Picture(colour: finish(isAveraged ? iterate.average : iterate.picture))
        }
        if Interruption.received != nil || view?.isStopRequested == true { iterate.stop() }
      })
    meter.leave()
    return solution
  }

  /// Some forty over all iterations, the first among them.
  private static func isFrame(_ iterate: Iterate, of plan: SolvePlan) -> Bool {
    let number = iterate.iteration
    return number == 0 || number * 40 / plan.iterations > (number - 1) * 40 / plan.iterations
  }

  /// Writes the trace and the frames, and tells what the last solve and all before it came to.
  ///
  /// - Throws: ``OutputError``.
  func result(_ solution: Solution, _ solver: Solver, _ keeper: RunKeeper) throws -> Result {
    if let path = outputs.trace {
      try AtomicFile.write(keeper.notes.trace?.data ?? Data(), to: path)
    }
    if let path = outputs.frames, !keeper.frames.isEmpty { try keeper.frames.write(to: path) }
    let picture = solution.picture
    let before = keeper.notes.parts
    let iterations = before.reduce(solution.iterations) { $0 + $1.iterations }
    let seconds = before.reduce(solution.seconds) { $0 + $1.seconds }
    return Result(
      solution: solution,
      summary: Summary(
        task: task, prior: prior, seed: options.seed, threads: options.threads,
        width: picture.shape[3], height: picture.shape[2], parameters: solver.parameterCount,
        iterations: iterations, loss: solution.loss, seconds: seconds,
        secondsPerIteration: seconds / Double(max(1, iterations)),
        peakRssBytes: Memory.peak ?? 0, stoppedBy: solution.end.rawValue,
        bestIteration: part.count > 1 ? nil : keeper.notes.best?.iteration),
      trace: keeper.notes.trace,
      settle: { if solution.end != .request { try keeper.finish(solver.state) } })
  }

  /// Writes the picture, the summary and the page, the picture first, and then prints the report.
  ///
  /// - Throws: ``OutputError``; ``Interrupted`` where the run was, after what is written.
  func write(_ picture: Picture, _ result: Result, report: [String]) throws {
    let summary = result.summary
    try picture.write(to: outputs.picture)
    if let path = outputs.report {
      try page(of: picture, result, lead: report).write(to: path)
    }
    if let path = outputs.summary { try AtomicFile.write(try summary.json(), to: path) }
    try result.settle()
    view?.close("\(outputs.picture) is written, after \(summary.iterations) iterations.")
    if summary.stoppedBy == Solution.End.request.rawValue {
      let state =
        "after \(summary.iterations) iterations; \(outputs.picture) is the best so far; "
        + "give the same command with --resume to go on"
      if let signal = Interruption.received { throw Interrupted(signal: signal, state: state) }
      // Who presses a button has what was wanted.
      StandardError.write("preimage: ended in the browser \(state)\n")
    }
    for line in report { print(line) }
  }

  private func page(of picture: Picture, _ result: Result, lead: [String]) -> RunReport {
    let summary = result.summary
    let settings = [
      ("Prior", summary.prior), ("Optimised numbers", "\(summary.parameters)"),
      ("Size", "\(summary.width)×\(summary.height) pixels"),
      ("Iterations", "\(summary.iterations), stopped by \(summary.stoppedBy)"),
    ]
    return RunReport(
      task: task, lead: lead,
      pictures: beside.map { ($0, Picture(colour: $1)) } + [("Found", picture)],
      trace: result.trace,
      facts: Provenance.facts(
        of: classifier, settings: settings, seeds: [summary.seed], seconds: summary.seconds,
        threads: summary.threads))
  }

  /// Says what memory and about what time the run takes; where asked to, how it is computed.
  private func announce(_ solver: Solver, _ plan: SolvePlan) throws {
    if options.quiet && !options.verbose || part.index > 0 { return }
    let seconds = try solver.trySeconds() * Double(plan.iterations * part.count)
    let solves = part.count > 1 ? "\(part.count) solves of " : ""
    StandardError.write(
      """
      \(task): \(solves)\(plan.iterations) iterations at most, about \
      \(ProgressMeter.time(seconds)) in all, \(solver.memoryBytes >> 20) MiB of buffers

      """)
    guard options.verbose else { return }
    StandardError.write(
      """
      \(task): \(solver.parameterCount) parameters (\(prior)), seed \(options.seed), \
      \(options.threads) threads
      convolutions: \(String(format: "%.1f", Double(solver.convolutions.operations) / 1e9)) \
      GFLOP an iteration, counted as direct
      \(solver.convolutions.map { "  \($0)" }.joined(separator: "\n"))

      """)
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
    if part.count > 1 { columns.append(("part", Double(part.index))) }
    var rows = trace.take() ?? Trace(columns: columns.map(\.name))
    rows.add(iteration: iterate.iteration, loss: iterate.loss, columns.map(\.value))
    trace = rows
  }

  private func scores(
    of iterate: Iterate, against truth: Tensor
  ) -> (last: Double, average: Double) {
    (psnr(finish(iterate.picture), truth), psnr(finish(iterate.average), truth))
  }

  /// What is to be seen of an iterate in numbers.
  private func values(
    of iterate: Iterate, _ scores: (last: Double, average: Double)?
  ) -> [(name: String, value: Double)] {
    var values = [("loss", Double(iterate.loss))]
    if let scores { values += [("psnr", scores.last), ("psnr averaged", scores.average)] }
    return values + iterate.numbers
  }

  private func status(_ iterate: Iterate, _ scores: (last: Double, average: Double)?) -> String {
    values(of: iterate, scores).map { name, value in
      "\(name) " + String(format: name.hasPrefix("psnr") ? "%.2f" : "%.4g", value)
    }.joined(separator: "  ")
  }
}
