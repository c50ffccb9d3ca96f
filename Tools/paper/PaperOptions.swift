import ArgumentParser
import Engine
import Foundation

/// What every experiment takes.
struct PaperOptions: ParsableArguments {
  @Option(help: "The folder of the pictures, with folders for the experiments in it.")
  var pictures: String?

  @Option(name: .shortAndLong, help: "The folder to write to; it is made if it is not there.")
  var output: String

  @Flag(
    help: """
      The first picture of each folder alone, at --side 64 and --iterations 8; without --pictures, \
      pictures that are drawn.
      """)
  var quick = false

  @Option(
    parsing: .unconditional,
    help: "Reduce pictures whose smaller side is longer than this, in pixels.")
  var side: Int?

  @Option(parsing: .unconditional, help: "At most so many iterations; by default the papers' own.")
  var iterations: Int?

  @Option(
    parsing: .unconditional, help: "At most so many pictures of each folder, in order of names.")
  var limit: Int?

  @Option(parsing: .unconditional, help: "The seed of all randomness: same seed, same scores.")
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: "How many threads, at most one a processor, which is the default.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    try Self.check(side, "--side", in: 64...65536)
    try Self.check(iterations, "--iterations", in: 1...10_000_000)
    try Self.check(limit, "--limit", in: 1...1_000_000)
    try Self.check(threads, "--threads", in: 1...1024)
    if pictures == nil, !quick {
      throw ValidationError(
        "give --pictures FOLDER, or --quick to try the experiments on pictures that are drawn")
    }
  }

  private static func check(_ value: Int?, _ name: String, in range: ClosedRange<Int>) throws {
    guard let value, !range.contains(value) else { return }
    throw ValidationError(
      "\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not \(value)")
  }

  var source: PictureSource { pictures.map { .folder(URL(filePath: $0)) } ?? .drawn }

  func laboratory() throws -> Laboratory {
    Laboratory(
      source: source, side: side ?? (quick ? 64 : nil), iterations: iterations ?? (quick ? 8 : nil),
      limit: limit ?? (quick ? 1 : nil), seed: seed,
      threads: try ThreadPool(
        threads: min(threads, ProcessInfo.processInfo.activeProcessorCount)),
      isQuiet: quiet)
  }

  /// The options that make a run again, but for the folders' names.
  var settings: String {
    var parts = pictures == nil ? [] : ["--pictures FOLDER"]
    if quick { parts.append("--quick") }
    for (name, value) in [("side", side), ("iterations", iterations), ("limit", limit)] {
      if let value { parts.append("--\(name) \(value)") }
    }
    return (parts + ["--seed \(seed)", "--output FOLDER"]).joined(separator: " ")
  }
}
