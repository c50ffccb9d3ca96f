import ArgumentParser
import Engine
import Foundation

/// What every optimising command takes.
struct RunOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "How many iterations; by default the method's own.")
  var iterations: Int?

  @Option(parsing: .unconditional, help: "The seed of all randomness: same seed, same bytes.")
  var seed: UInt64 = 0

  @OptionGroup
  var parallelism: ThreadOptions

  @Option(help: "When to stop: fixed (after all iterations).")
  var stop = StopRule.fixed

  @Option(help: "Write a CSV file with one row an iteration.")
  var trace: String?

  @Option(help: "Write a JSON file with settings, scores, time and memory.")
  var summary: String?

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  @Flag(
    name: .shortAndLong,
    help: "Say on standard error what is solved, with what memory and by what algorithms.")
  var verbose = false

  enum StopRule: String, ExpressibleByArgument, CaseIterable { case fixed }

  func validate() throws {
    if let iterations { try Self.check(iterations, "--iterations", in: 1...10_000_000) }
  }

  static func check(_ value: Int, _ name: String, in range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw ValidationError(
        "\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
  }

  var threads: Int { parallelism.threads }

  func pool() throws -> ThreadPool { try parallelism.pool() }
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
