internal import CAllocationCounter
import Engine
import Foundation

/// The worker's side of the conversation with the driver, from within the loop that is measured.
///
/// Nothing is allocated between two iterations of one command. While no command is under way the
/// worker is blocked on its input, so that it takes nothing from the others.
struct WorkerSession {
  private let clock = ContinuousClock()
  private let ready: Messages.Ready
  private var count = 0
  private var left = 0
  private var start: ContinuousClock.Instant
  private var allocations = 0

  /// - Parameter gflop: the work of an iteration; `nil` where it is none of arithmetic.
  init(gflop: Double?) {
    ready = Messages.Ready(gflop: gflop)
    start = clock.now
  }

  /// Called between iterations: answers a command that is done, waits for the next one, and returns
  /// false when there is none.
  mutating func wantsAnother() throws -> Bool {
    if count == 0 {
      try say(ready)
    } else {
      left -= 1
      if left > 0 { return true }
      let seconds = (clock.now - start) / .seconds(1)
      let after = pi_allocation_count()
      try say(
        Messages.Answer(
          seconds: seconds, allocations: after < 0 ? nil : after - allocations,
          peakBytes: Memory.peak))
    }
    guard let line = readLine() else { return false }
    let words = line.split(separator: " ")
    guard words.count == 2, words[0] == "run", let wanted = Int(words[1]), wanted > 0 else {
      throw BenchError.command(line)
    }
    (count, left) = (wanted, wanted)
    allocations = pi_allocation_count()
    start = clock.now
    return true
  }

  private func say(_ message: some Encodable) throws {
    let line = try JSONEncoder().encode(message) + Data("\n".utf8)
    try FileHandle.standardOutput.write(contentsOf: line)
  }
}
