import Foundation

/// The driver's side of the conversation with a worker.
final class WorkerProcess {
  /// What the worker said of itself.
  private(set) var ready = Messages.Ready()

  private let name: String
  private let process = Process()
  private let commands = Pipe()
  private let answers = Pipe()
  private let complaints: FileHandle
  private var unread = Data()

  /// Starts a worker and waits until it is set up.
  ///
  /// - Throws: ``BenchError/worker(_:reason:)`` where it ends instead.
  init(_ lane: Lane, workload: String) throws {
    name = "\(workload) (\(lane.title))"
    // A file, not a pipe: a full pipe would make the worker wait. Without a name it goes with us.
    let file = FileManager.default.temporaryDirectory
      .appending(path: "preimage-bench-\(UUID().uuidString).log")
    try Data().write(to: file)
    complaints = try FileHandle(forUpdating: file)
    try FileManager.default.removeItem(at: file)
    process.executableURL = lane.executable
    process.arguments = lane.arguments
    process.environment = ProcessInfo.processInfo.environment.merging(lane.environment) { $1 }
    process.standardInput = commands
    process.standardOutput = answers
    process.standardError = complaints
    do {
      try process.run()
    } catch {
      throw BenchError.worker(name, reason: "\(lane.executable.path) cannot be started")
    }
    ready = try read()
  }

  deinit {
    try? commands.fileHandleForWriting.close()
    if process.isRunning { process.waitUntilExit() }
  }

  /// Has the worker run `count` iterations.
  func run(_ count: Int) throws -> Messages.Answer {
    // Where this fails the worker has ended, and reading tells why.
    try? commands.fileHandleForWriting.write(contentsOf: Data("run \(count)\n".utf8))
    return try read()
  }

  private func read<Message: Decodable>() throws -> Message {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = unread[..<end]
        unread = Data(unread[(end + 1)...])
        if let message = try? JSONDecoder().decode(Message.self, from: line) { return message }
        let text = String(decoding: line, as: UTF8.self)
        throw BenchError.worker(name, reason: "it cannot be understood: '\(text)'")
      }
      let more = answers.fileHandleForReading.availableData
      if more.isEmpty { throw BenchError.worker(name, reason: reason()) }
      unread += more
    }
  }

  /// The last line of the worker's complaints, or how it ended.
  private func reason() -> String {
    process.waitUntilExit()
    try? complaints.seek(toOffset: 0)
    let text = String(decoding: (try? complaints.readToEnd()) ?? Data(), as: UTF8.self)
    if let line = text.split(whereSeparator: \.isNewline).last { return String(line) }
    let isExit = process.terminationReason == .exit
    return isExit
      ? "it left with exit code \(process.terminationStatus)"
      : "it was ended by signal \(process.terminationStatus); is there enough memory?"
  }
}
