import Foundation
import TestSupport
import Testing

/// The inputs that libFuzzer kept (`Tools/fuzz/run`) are read once more, by the same program.
@Suite("Inputs found by fuzzing")
struct FuzzCorpusTests {
  @Test(
    "none ends in a trap",
    arguments: ["safetensors", "header", "zip", "legacy", "pickle", "caffemodel", "onnx"])
  func corpus(target: String) throws {
    let folder = Fixtures.folder.appending(path: "fuzz/\(target)")
    let inputs = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(inputs.count > 3)
    let process = Process()
    let output = Pipe()
    process.executableURL = try Self.products().appending(path: "fuzz")
    process.arguments = [target] + inputs
    process.currentDirectoryURL = folder
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    // A line an input: so far it came.
    #expect(text.split(separator: "\n").map { $0.prefix { $0 != ":" } } == inputs.map { $0[...] })
  }

  /// The folder of what was built, which the tests lie in.
  private static func products() throws -> URL {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let beside = URL(filePath: tests).deletingLastPathComponent()
    if FileManager.default.fileExists(atPath: beside.appending(path: "fuzz").path) {
      return beside
    }
    // Run by a helper of the toolchain's: the bundle is among the arguments.
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
    return URL(filePath: bundle).deletingLastPathComponent()
  }
}
