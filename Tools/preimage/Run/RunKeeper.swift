import DIP
import Engine
import Foundation
import Imaging
import Terminal

/// Keeps a run in a file while it is on its way, and brings one back from there.
struct RunKeeper {
  private let options: CheckpointOptions
  private let path: String
  private let settings: [String: String]

  /// What a run gathers that the solver does not know of.
  struct Notes: Codable {
    var trace: Trace?
    var best: Best?

    /// The iterate of the best score.
    struct Best: Codable {
      var iteration: Int
      var psnr: Double
    }
  }

  /// - Throws: ``FileError`` where an input cannot be read.
  init(options: RunOptions, outputs: Outputs, plan: SolvePlan) throws {
    (self.options, path) = (options.keeping, outputs.checkpoint)
    settings = try RunIdentity(
      arguments: Array(CommandLine.arguments.dropFirst()), inputs: outputs.inputs,
      isStretched: plan.phases.count > 1
    ).settings
  }

  var interval: Double { Double(options.checkpointEvery) }

  /// Brings a solver to where the run was, if there is something to go on from.
  ///
  /// - Returns: what the run had gathered.
  /// - Throws: ``FileError`` where a checkpoint is damaged or of another run.
  func restore(_ solver: Solver) throws -> Notes {
    if let start = options.start {
      let checkpoint = try read(start)
      try naming(start) { () throws(CheckpointError) in
        try solver.start(from: checkpoint.state.parameters)
      }
    }
    guard options.resume else { return Notes() }
    guard FileManager.default.fileExists(atPath: path) else {
      StandardError.write("preimage: there is no \(path) to go on from; the run begins anew\n")
      return Notes()
    }
    let checkpoint = try read(path)
    try naming(path) { () throws(CheckpointError) in
      try checkpoint.check(settings)
      try solver.restore(checkpoint.state)
    }
    guard let text = checkpoint.notes["run"],
      let notes = try? JSONDecoder().decode(Notes.self, from: Data(text.utf8))
    else { throw FileError(file: path, problem: "\(CheckpointError.damaged("its notes"))") }
    StandardError.write(
      "preimage: going on after iteration \(checkpoint.state.iteration) of \(path)\n")
    return notes
  }

  /// Writes where the run is.
  ///
  /// - Throws: ``OutputError``; the checkpoint before is then as it was.
  func keep(_ state: SolverState, _ notes: Notes) throws {
    let text = String(decoding: try JSONEncoder().encode(notes), as: UTF8.self)
    let checkpoint = Checkpoint(settings: settings, state: state, notes: ["run": text])
    try AtomicFile.write(try checkpoint.encoded(), to: path)
  }

  /// Ends the keeping of a run that is done: its state stays where that was asked for.
  func finish(_ solver: Solver, _ notes: Notes) throws {
    if options.checkpoint != nil {
      try keep(solver.state, notes)
    } else {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  private func read(_ path: String) throws -> Checkpoint {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw FileError(file: path, problem: "cannot be read; check the path and its permissions")
    }
    return try naming(path) { () throws(CheckpointError) in try Checkpoint(decoding: data) }
  }

  private func naming<R>(_ path: String, _ body: () throws(CheckpointError) -> R) throws -> R {
    do throws(CheckpointError) { return try body() } catch {
      throw FileError(file: path, problem: error.description)
    }
  }
}

/// A run that was asked to end before it was done.
struct Interrupted: Error, CustomStringConvertible {
  let signal: Int32
  let iterations: Int
  let picture: String

  var description: String {
    "interrupted after \(iterations) iterations; \(picture) is the best so far; "
      + "give the same command with --resume to go on"
  }
}
