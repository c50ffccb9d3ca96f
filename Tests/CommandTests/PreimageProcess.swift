import Foundation

/// One run of the built program, as a user has it.
struct PreimageProcess {
  let status: Int32
  let output: String
  let errors: String

  /// Runs a program that lies beside the tests; its working folder is `folder`. A signal is sent to it
  /// if there is to be an ending, and `meanwhile` is called once it runs.
  init(
    _ arguments: [String], program: String = "preimage", in folder: URL,
    environment: [String: String]? = nil, ending: Ending? = nil,
    meanwhile: (Running) throws -> Void = { _ in }
  ) throws {
    let process = Process()
    process.executableURL = try Self.products().appending(path: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = environment ?? ProcessInfo.processInfo.environment
    // Files, not pipes: a full pipe would make the program wait.
    let captures = ["output", "errors"].map {
      FileManager.default.temporaryDirectory.appending(path: "\($0)-\(UUID().uuidString)")
    }
    defer { for capture in captures { try? FileManager.default.removeItem(at: capture) } }
    for capture in captures { try Data().write(to: capture) }
    process.standardOutput = try FileHandle(forWritingTo: captures[0])
    process.standardError = try FileHandle(forWritingTo: captures[1])
    try process.run()
    do { try meanwhile(Running(process: process, errorFile: captures[1])) } catch {
      // The signals that ask for it may be blocked.
      kill(process.processIdentifier, SIGKILL)
      throw error
    }
    if let ending {
      while let file = ending.file, process.isRunning,
        !FileManager.default.fileExists(atPath: file.path)
      { Thread.sleep(forTimeInterval: 0.01) }
      Thread.sleep(forTimeInterval: ending.delay)
      kill(process.processIdentifier, ending.signal)
    }
    process.waitUntilExit()
    // A trap ends by a signal, which must not look like an exit code of ours.
    status = process.terminationReason == .exit ? process.terminationStatus : -1
    output = String(decoding: try Data(contentsOf: captures[0]), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: captures[1]), as: UTF8.self)
  }

  /// A run that is not over.
  struct Running {
    fileprivate let process: Process
    fileprivate let errorFile: URL

    var isRunning: Bool { process.isRunning }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// What it has said of trouble and progress, as soon as this matches it.
    func errors(matching pattern: some RegexComponent) throws -> String {
      while true {
        let isRunning = isRunning
        let text = String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
        if text.contains(pattern) || !isRunning { return text }
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
  }

  /// A signal that a process is sent once there is a file, and so many seconds later.
  struct Ending {
    var signal: Int32
    var file: URL?
    var delay = 0.0
  }

  static func products() throws -> URL {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let beside = URL(filePath: tests).deletingLastPathComponent()
    if FileManager.default.fileExists(atPath: beside.appending(path: "preimage").path) {
      return beside
    }
    // Run by a helper of the toolchain's: the bundle is among the arguments.
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
    return URL(filePath: bundle).deletingLastPathComponent()
  }
}
