import ArgumentParser
import Foundation

@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Tools/bench",
    abstract: "Measure how long iterations and convolutions take, and against what.",
    usage: "Tools/bench [OPTION]…",
    discussion: """
      Each workload runs in a process of its own. What is compared runs in alternation, both sides \
      warmed up, and ratios are taken round by round. GFLOP/s count a convolution as direct, however \
      it is computed. The report goes to standard output as Markdown, progress to standard error.

      With --pytorch the same work runs in PyTorch too. Tools/bench makes a virtual environment for \
      it in .build/pytorch (several GB); PREIMAGE_PYTHON names another Python that has torch and \
      numpy.
      """)

  @Flag(help: "Run the same work in PyTorch, in alternation with ours.")
  var pytorch = false

  @Flag(help: "Measure hourglass-512 on one thread and on --threads too.")
  var scaling = false

  @Option(help: .init("Measure only what begins with one of these (A,B,…).", valueName: "names"))
  var only: NameList?

  @Flag(help: "List the names and end.")
  var list = false

  @Option(
    parsing: .unconditional,
    help: .init("How many threads; one a processor by default.", valueName: "number"))
  var threads = Processors.count

  @Option(
    parsing: .unconditional,
    help: .init("How many turns each of what is compared has.", valueName: "number"))
  var rounds = 5

  func run() throws {
    _ = try Processors.checked(threads)
    guard (1...1000).contains(rounds) else {
      throw ValidationError("--rounds takes a number from 1 to 1000, not \(rounds)")
    }
    let plan = try Plan(
      only: only?.names, hasScaling: scaling, python: pytorch ? try PyTorch() : nil,
      threads: threads)
    if list { return StandardOutput.write(Plan.names.joined(separator: "\n") + "\n") }
    // A worker that ends early is told of by an error, not by a signal.
    signal(SIGPIPE, SIG_IGN)
    try plan.run(rounds: rounds)
  }

  /// Measures, or is a worker; whatever fails ends in one line on standard error.
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      // Not a subcommand: the measurement would take the options for its own.
      if arguments.first == Worker.name {
        try Worker.parse(Array(arguments.dropFirst())).run()
      } else {
        try parse(arguments).run()
      }
    } catch { end(with: error) }
  }

  static func end(with error: any Error) -> Never {
    let code = exitCode(for: error)
    // Help is an 'error' too, of exit code 0.
    if code.isSuccess { exit(withError: error) }
    let message = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
    let help = code == .validationFailure ? " (see 'Tools/bench --help')" : ""
    StandardError.write("bench: \(message)\(help)\n")
    exit(withError: code)
  }
}

/// Names with commas between them.
struct NameList: ExpressibleByArgument {
  var names: [String]

  init?(argument: String) {
    names = argument.split(separator: ",").map(String.init)
    if names.isEmpty { return nil }
  }
}

/// Standard output, written at once: a measurement takes minutes, and its reader waits.
enum StandardOutput {
  static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}

/// Standard error, where everything goes that is not a result.
enum StandardError {
  static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// What a run may spread over.
enum Processors {
  static var count: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// More threads than processors would measure the system's scheduler.
  static func checked(_ threads: Int) throws -> Int {
    guard (1...count).contains(threads) else {
      throw ValidationError("--threads takes a number from 1 to \(count) here, not \(threads)")
    }
    return threads
  }
}
