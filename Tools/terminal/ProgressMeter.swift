import Foundation

/// Progress on standard error: a bar on a terminal, a line every few seconds elsewhere.
package struct ProgressMeter {
  /// What is counted.
  package enum Unit: Sendable { case iterations, bytes }

  private let task: String
  private let unit: Unit
  /// How many there will be, where that is known.
  private let total: Int?
  /// How many there were at the start.
  private let first: Int
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var last: ContinuousClock.Instant
  /// Whether a line of the terminal is still to be ended.
  private var isOpen = false

  package init(task: String, total: Int?, from first: Int = 0, unit: Unit = .iterations) {
    (self.task, self.unit, self.total, self.first) = (task, unit, total, first)
    start = clock.now
    last = start
  }

  /// Shows that `done` are done, if it is time to.
  package mutating func update(done: Int, status: () -> String = { "" }) {
    let now = clock.now
    let interval: Duration = isTerminal ? .milliseconds(200) : .seconds(5)
    guard now - last >= interval || done == total else { return }
    last = now
    let elapsed = (now - start) / .seconds(1)
    let rate = Double(done - first) / max(elapsed, 1e-9)
    let isDone = done == total
    var parts = [unit.count(done, of: total), unit.speed(rate)]
    if isDone {
      parts.append(Self.time(elapsed))
    } else if let total {
      parts.append("\(Self.time(Double(total - done) / max(rate, 1e-9))) left")
    }
    let text = (parts + [status()]).filter { !$0.isEmpty }.joined(separator: "  ")
    guard isTerminal else { return StandardError.write("\(task): \(text)\n") }
    let filled = total.map { 24 * done / max($0, 1) } ?? 0
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    // A line that wraps could not be written over.
    let line = "\(task) \(bar) \(text)".prefix(Self.terminalWidth - 1)
    StandardError.write("\r\u{1b}[K\(line)\(isDone ? "\n" : "")")
    isOpen = !isDone
  }

  /// Ends the line of a bar that does not come to its end.
  package mutating func leave() {
    if isOpen { StandardError.write("\n") }
    isOpen = false
  }

  private static var terminalWidth: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
      ? Int(size.ws_col) : 80
  }

  /// Seconds as minutes and seconds, or hours too.
  package static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded())
    return whole >= 3600
      ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
      : String(format: "%d:%02d", whole / 60, whole % 60)
  }
}

extension ProgressMeter.Unit {
  fileprivate func count(_ done: Int, of total: Int?) -> String {
    switch self {
    case .iterations: total.map { "\(done)/\($0)" } ?? "\(done)"
    case .bytes: Self.megabytes(done) + (total.map { "/\(Self.megabytes($0))" } ?? "") + " MB"
    }
  }

  fileprivate func speed(_ rate: Double) -> String {
    switch self {
    case .iterations:
      rate >= 1 ? String(format: "%.1f it/s", rate) : String(format: "%.2f s/it", 1 / rate)
    case .bytes: String(format: "%.1f MB/s", rate / 1e6)
    }
  }

  private static func megabytes(_ bytes: Int) -> String {
    String(format: "%.1f", Double(bytes) / 1e6)
  }
}
