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
  /// What the run has gathered.
  var notes = Notes()
  /// The pictures that it has gathered, by name.
  var pictures: [String: Tensor] = [:]
  /// The iterates to be seen one after the other; from where it goes on, where a run was interrupted.
  var frames = AnimatedPNG()
  /// Where the solve was that is to be gone on with.
  private var interrupted: SolverState?

  /// What a run gathers that the solver does not know of.
  struct Notes: Codable {
    var trace: Trace?
    var best: Best?
    /// What came of the parts that are done.
    var parts: [Part] = []

    /// The iterate of the best score.
    struct Best: Codable {
      var iteration: Int
      var psnr: Double
    }

    struct Part: Codable {
      var iterations: Int
      var seconds: Double
      var loss: Float
      var end: Solution.End

      init(_ solution: Solution) {
        (iterations, seconds) = (solution.iterations, solution.seconds)
        (loss, end) = (solution.loss, solution.end)
      }
    }
  }

  /// Takes up the run that is to be gone on with, if there is one; `settings` are what makes it what it is
  /// besides its arguments.
  ///
  /// - Throws: ``FileError`` where an input cannot be read, or a checkpoint is damaged or of another run.
  init(
    options: RunOptions, outputs: Outputs, plan: SolvePlan, settings: [String: String] = [:]
  ) throws {
    (self.options, path) = (options.keeping, outputs.checkpoint)
    self.settings = try RunIdentity(
      arguments: Array(CommandLine.arguments.dropFirst()), inputs: outputs.inputs,
      isStretched: plan.phases.count > 1
    ).settings.merging(settings) { $1 }
    guard options.keeping.resume else { return }
    guard FileManager.default.fileExists(atPath: path) else {
      StandardError.write("preimage: there is no \(path) to go on from; the run begins anew\n")
      return
    }
    let checkpoint = try read(path)
    try naming(path) { () throws(CheckpointError) in try checkpoint.check(self.settings) }
    guard let text = checkpoint.notes["run"],
      let notes = try? JSONDecoder().decode(Notes.self, from: Data(text.utf8))
    else { throw damaged("its notes") }
    (self.notes, pictures, interrupted) = (notes, checkpoint.tensors, checkpoint.state)
    let done = notes.parts.reduce(checkpoint.state.iteration) { $0 + $1.iterations }
    StandardError.write("preimage: going on after iteration \(done) of \(path)\n")
  }

  var interval: Double { Double(options.checkpointEvery) }

  /// Brings a solver to where the run was, if there is something to go on from.
  ///
  /// - Throws: ``FileError`` where the state is of another problem.
  mutating func restore(_ solver: Solver) throws {
    if let start = options.start {
      let checkpoint = try read(start)
      try naming(start) { () throws(CheckpointError) in
        try solver.start(from: checkpoint.state.parameters)
      }
    }
    if let state = interrupted.take() {
      try naming(path) { () throws(CheckpointError) in try solver.restore(state) }
    }
  }

  /// Writes where the run is.
  ///
  /// - Throws: ``OutputError``; the checkpoint before is then as it was.
  func keep(_ state: SolverState) throws {
    let text = String(decoding: try JSONEncoder().encode(notes), as: UTF8.self)
    let checkpoint = Checkpoint(
      settings: settings, state: state, notes: ["run": text], tensors: pictures)
    try AtomicFile.write(try checkpoint.encoded(), to: path)
  }

  /// What is wrong with a checkpoint that lacks something.
  func damaged(_ what: String) -> FileError {
    FileError(file: path, problem: "\(CheckpointError.damaged(what))")
  }

  /// Ends the keeping of a run that is done: its state stays where that was asked for.
  func finish(_ state: SolverState) throws {
    if options.checkpoint != nil {
      try keep(state)
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

/// A run that a signal ended before it was done.
struct Interrupted: Error, CustomStringConvertible {
  let signal: Int32
  /// How far it is, and how to go on.
  let state: String

  var description: String { "interrupted \(state)" }
}
