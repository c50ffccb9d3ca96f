import DIP
import Foundation

/// What makes a run what it is: the command and the contents of the files that it reads.
struct RunIdentity {
  /// By name, for a checkpoint to be compared with.
  let settings: [String: String]

  /// What does not change what is found, or may be changed on the way; those that take a value, and flags.
  private static let free: Set = [
    "--output", "-o", "--clean", "--trace", "--summary", "--frames", "--report",
    "--checkpoint", "--checkpoint-every", "--serve",
    "--threads", "--time-limit", "--patience", "--uncertainty",
  ]
  private static let freeFlags: Set = ["--resume", "--quiet", "-q", "--verbose", "-v"]

  /// Where `isStretched`, the number of iterations changes what each of them does.
  ///
  /// - Throws: ``FileError`` where a file cannot be read.
  init(arguments: [String], inputs: [String], isStretched: Bool) throws {
    var settings = [
      "version": Preimage.configuration.version, "task": arguments.first ?? "",
    ]
    settings["arguments"] = Self.kept(Array(arguments.dropFirst()), isStretched)
      .joined(separator: " ")
    for path in inputs { settings["contents of \(path)"] = try Self.digest(of: path) }
    self.settings = settings
  }

  private static func kept(_ arguments: [String], _ isStretched: Bool) -> [String] {
    let free = isStretched ? free : free.union(["--iterations"])
    var kept: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let name = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? argument
      if freeFlags.contains(name) { continue }
      if free.contains(name) {
        if name == argument { rest = rest.dropFirst() }
        continue
      }
      kept.append(argument)
    }
    return kept
  }

  private static func digest(of path: String) throws -> String {
    guard let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped) else {
      throw FileError(file: path, problem: "cannot be read; check the path and its permissions")
    }
    return "\(data.count) bytes, \(Digest.of(data))"
  }
}
