internal import COpenBLAS
import Foundation

/// Where and with what the measurement was made.
enum Machine {
  static func report(threads: Int, rounds: Int) -> String {
    var table = Table("", "measured on", texts: 2)
    func add(_ name: String, _ value: String?) {
      if let value { table.rows.append([name, value]) }
    }
    add("processor", "\(processor), \(Processors.count) processors")
    add("instructions", instructions)
    add("memory", Format.bytes(Int(ProcessInfo.processInfo.physicalMemory)))
    add("system", system)
    add(
      "Swift",
      output(of: "swift", "--version")?.firstMatch(of: /[0-9]+(\.[0-9]+)+/).map { "\($0.0)" })
    add(
      "OpenBLAS",
      String(cString: openblas_get_config()) + (openBLASCore.map { ", taken for \($0)" } ?? ""))
    add("commit", commit)
    add("load before", load)
    add("threads", "\(threads)")
    add("rounds", "\(rounds)")
    return "# Benchmark\n\n\(table)"
  }

  private static var processor: String {
    value(of: "model name", in: "/proc/cpuinfo", ":") ?? machine
  }

  /// The widest vectors that the processor has.
  private static var instructions: String? {
    ["avx512f", "avx2", "avx", "asimd"].first(where: flags.contains)
  }

  /// What the processor can do, by the system's names.
  static var flags: Set<String> {
    let names =
      value(of: "flags", in: "/proc/cpuinfo", ":")
      ?? value(of: "Features", in: "/proc/cpuinfo", ":")
    return Set((names ?? "").split(separator: " ").map(String.init))
  }

  /// What OpenBLAS is to take the processor for (`OPENBLAS_CORETYPE`): one that is newer than itself it
  /// takes for the oldest, Prescott, whose products are five times slower. `nil` where it knows better.
  static var openBLASCore: String? {
    guard String(cString: openblas_get_corename()) == "Prescott" else { return nil }
    return flags.contains("avx512f") ? "SkylakeX" : flags.contains("avx2") ? "Haswell" : nil
  }

  private static var system: String {
    let name = value(of: "PRETTY_NAME", in: "/etc/os-release", "=")
    return (name.map { $0.filter { $0 != "\"" } + ", " } ?? "") + machine
  }

  /// The kernel and the kind of machine.
  private static var machine: String { output(of: "uname", "-s", "-r", "-m") ?? "unknown" }

  /// With a plus sign where the files are not those of the commit.
  private static var commit: String? {
    guard let name = output(of: "git", "rev-parse", "--short", "HEAD") else { return nil }
    return name + (output(of: "git", "status", "--porcelain") == nil ? "" : "+")
  }

  /// How many threads wanted a processor in the last minute: what else goes on spoils a measurement.
  private static var load: String? {
    var averages = [0.0]
    return getloadavg(&averages, 1) == 1 ? Format.number(averages[0]) : nil
  }

  private static func value(of key: String, in file: String, _ separator: Character) -> String? {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1)
      if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key {
        return parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    return nil
  }

  /// What a command prints; `nil` where it fails or prints nothing.
  private static func output(of command: String...) -> String? {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return process.terminationStatus == 0 && !line.isEmpty ? line : nil
  }
}
