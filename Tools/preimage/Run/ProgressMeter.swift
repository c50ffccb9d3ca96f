import Foundation

/// Progress on standard error: a bar on a terminal, a line every few seconds elsewhere.
struct ProgressMeter {
  private let task: String
  private let total: Int
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var last: ContinuousClock.Instant

  init(task: String, total: Int) {
    (self.task, self.total) = (task, total)
    start = clock.now
    last = start
  }

  /// Shows that `done` iterations are done, if it is time to.
  mutating func update(done: Int, status: () -> String) {
    let now = clock.now
    let interval: Duration = isTerminal ? .milliseconds(200) : .seconds(5)
    guard now - last >= interval || done == total else { return }
    last = now
    let elapsed = (now - start) / .seconds(1)
    let rate = Double(done) / max(elapsed, 1e-9)
    let left = Double(total - done) / max(rate, 1e-9)
    let speed =
      rate >= 1 ? String(format: "%.1f it/s", rate) : String(format: "%.2f s/it", 1 / rate)
    let isDone = done == total
    let text =
      "\(done)/\(total)  \(speed)  \(Self.time(isDone ? elapsed : left))"
      + "\(isDone ? "" : " left")  \(status())"
    guard isTerminal else { return StandardError.write("\(task): \(text)\n") }
    let filled = 24 * done / max(total, 1)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    // A line that wraps could not be written over.
    let line = "\(task) \(bar) \(text)".prefix(Self.terminalWidth - 1)
    StandardError.write("\r\u{1b}[K\(line)\(isDone ? "\n" : "")")
  }

  private static var terminalWidth: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
      ? Int(size.ws_col) : 80
  }

  static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded())
    return whole >= 3600
      ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
      : String(format: "%d:%02d", whole / 60, whole % 60)
  }
}
