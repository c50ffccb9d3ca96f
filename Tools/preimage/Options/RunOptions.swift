import ArgumentParser
import DIP
import Engine
import Foundation

/// What every optimising command takes.
struct RunOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      How many iterations, all of which are done unless there is a --stop; by default the method's own.
      """)
  var iterations: Int?

  @Option(parsing: .unconditional, help: "The seed of all randomness: same seed, same bytes.")
  var seed: UInt64 = 0

  @OptionGroup
  var parallelism: ThreadOptions

  @Option(
    help: """
      What tells the best iterate: fixed (it is the last), emv or wmv (the variance of the iterates, in \
      constant memory or of the last hundred), held-out (the error of hidden pixels). (default: emv for \
      denoise and dejpeg, otherwise fixed)
      """)
  var stop: StopName?

  @Option(
    parsing: .unconditional,
    help: "After how many iterations without a better one a stop rule ends the run.")
  var patience = 1000

  @Option(
    parsing: .unconditional,
    help: "The longest that iterations may take in all: seconds, or 90s, 20m, 1.5h.")
  var timeLimit: Span?

  @OptionGroup
  var keeping: CheckpointOptions

  @Option(help: "Write a CSV file with one row an iteration.")
  var trace: String?

  @Option(help: "Write an animated PNG file of some forty iterates; of the first part, if several.")
  var frames: String?

  @Option(help: "Write a page in HTML with the pictures, the curves, the scores and the settings.")
  var report: String?

  @OptionGroup
  var live: LiveOptions

  @Option(help: "Write a JSON file with settings, scores, time and memory.")
  var summary: String?

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  @Flag(
    name: .shortAndLong,
    help: "Say on standard error what is solved, with what memory and by what algorithms.")
  var verbose = false

  enum StopName: String, ExpressibleByArgument, CaseIterable {
    case fixed, emv, wmv
    case heldOut = "held-out"

    var rule: StopRule? {
      switch self {
      case .fixed: nil
      case .emv: .movingVariance
      case .wmv: .windowedVariance
      case .heldOut: .heldOutError
      }
    }
  }

  func validate() throws {
    if let iterations { try Self.check(iterations, "--iterations", in: 1...10_000_000) }
    try Self.check(patience, "--patience", in: 1...10_000_000)
  }

  /// Refuses the stop rule that needs a given picture, for tasks that explain none.
  func checkThatNothingIsHidden() throws {
    if stop == .heldOut {
      throw ValidationError("--stop held-out hides pixels of a given picture; choose emv or wmv")
    }
  }

  /// Refuses what writes or keeps a run of one picture, for what writes a folder.
  func checkThatOneFolderIsWritten(instead one: String) throws {
    let given: [(String, Bool)] = [
      ("--trace", trace != nil), ("--summary", summary != nil), ("--frames", frames != nil),
      ("--report", report != nil), ("--checkpoint", keeping.checkpoint != nil),
      ("--resume", keeping.resume), ("--start", keeping.start != nil), ("--stop", stop != nil),
    ]
    for (name, isGiven) in given where isGiven {
      throw ValidationError(
        "\(name) is for \(one); leave it out, all goes into the --output folder")
    }
  }

  static func check(_ value: Int, _ name: String, in range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw ValidationError(
        "\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
  }

  var threads: Int { parallelism.threads }

  func pool() throws -> ThreadPool { try parallelism.pool() }

  /// A plan with the iterations, the rule and the time that are asked for.
  func applied(to plan: SolvePlan) -> SolvePlan {
    var plan = plan
    if let iterations {
      plan.iterations = iterations
      // A number is a rule too.
      plan.stopping = nil
    }
    if let stop { plan.stopping = stop.rule }
    plan.stopping?.patience = patience
    if let timeLimit { plan.timeLimit = timeLimit.seconds }
    return plan
  }

  /// A time as people write it.
  struct Span: ExpressibleByArgument {
    var seconds: Double

    init?(argument: String) {
      let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
      let unit = argument.last.flatMap { units[$0] }
      guard let number = Double(unit == nil ? argument : String(argument.dropLast())),
        number.isFinite, number > 0
      else { return nil }
      seconds = number * (unit ?? 1)
    }
  }
}

/// How many threads a command spreads over.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "How many threads, at most one a processor, which is the default.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws { try RunOptions.check(threads, "--threads", in: 1...1024) }

  /// A pool of at most a thread a processor: more would wait for each other, for the same bytes.
  func pool() throws -> ThreadPool {
    try ThreadPool(threads: min(threads, ProcessInfo.processInfo.activeProcessorCount))
  }
}

/// How a run is kept from being lost, and gone on with.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: """
      Where the state of the run is kept, and stays when it is done. (default: beside the picture, as \
      NAME.checkpoint, removed when it is done)
      """)
  var checkpoint: String?

  @Option(parsing: .unconditional, help: "How many seconds of work may be lost.")
  var checkpointEvery = 60

  @Flag(help: "Go on from the checkpoint of an interrupted run, given the same settings again.")
  var resume = false

  @Option(help: "Begin with the weights in another run's --checkpoint, of the same prior.")
  var start: String?

  func validate() throws {
    try RunOptions.check(checkpointEvery, "--checkpoint-every", in: 0...1_000_000)
    if resume, start != nil {
      throw ValidationError("--resume goes on where a run was; leave out --start")
    }
  }
}
