import Foundation
import Imaging
import TestSupport
import Testing

/// The trainer as a command, on a training of a few seconds.
@Suite("train-textures")
struct TrainTexturesTests {
  private static let settings = "--steps 30 --batch 20 --seed 3 --faulty --interval 5"

  private static func run(_ arguments: String, in folder: URL) throws -> PreimageProcess {
    try PreimageProcess(
      arguments.split(separator: " ").map(String.init), program: "train-textures", in: folder)
  }

  @Test("a killed training goes on from its checkpoint to the same bytes")
  func killed() throws {
    try withTemporaryFolder { folder in
      let whole = try Self.run(
        "\(Self.settings) --threads 2 -o whole.h5 --curve curve.csv", in: folder)
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(whole.output.contains("held-out accuracy"))
      #expect(whole.output.contains("the planted faults:"))
      #expect(whole.errors.contains("textures_faulty: 30/30"))
      let curve = try String(contentsOf: folder.appending(path: "curve.csv"), encoding: .utf8)
      let rows = curve.split(separator: "\n").map { $0.split(separator: ",") }
      #expect(rows.map(\.first) == ["step", "0", "20"])
      #expect(rows.allSatisfy { $0.count == 3 })

      let process = Process()
      process.executableURL = try PreimageProcess.products().appending(path: "train-textures")
      process.arguments = "\(Self.settings) --threads 1 -o killed.h5 --checkpoint state.h5"
        .split(separator: " ").map(String.init)
      process.currentDirectoryURL = folder
      process.standardError = FileHandle.nullDevice
      try process.run()
      let state = folder.appending(path: "state.h5").path
      while process.isRunning, !FileManager.default.fileExists(atPath: state) {
        Thread.sleep(forTimeInterval: 0.01)
      }
      #expect(process.isRunning)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "killed.h5").path))

      let resumed = try Self.run(
        "\(Self.settings) -o resumed.h5 --checkpoint state.h5 --resume", in: folder)
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(resumed.errors.contains("textures_faulty: 30/30"))
      // Compared outside the macro, which would look for the shortest way from one to the other.
      let isSame =
        try Data(contentsOf: folder.appending(path: "whole.h5"))
        == Data(contentsOf: folder.appending(path: "resumed.h5"))
      #expect(isSame)
    }
  }

  @Test("sheets and pictures are drawn at the size asked for")
  func drawing() throws {
    try withTemporaryFolder { folder in
      #expect(try Self.run("sheet --columns 2 --side 16 -o sheet.png", in: folder).status == 0)
      let sheet = try Picture(contentsOf: folder.appending(path: "sheet.png").path)
      #expect((sheet.width, sheet.height) == (38, 362))
      #expect(try Self.run("draw --class maze --side 40 -o maze.png", in: folder).status == 0)
      let maze = try Picture(contentsOf: folder.appending(path: "maze.png").path)
      #expect((maze.width, maze.height) == (40, 40))
    }
  }

  @Test(
    "wrong use is told",
    arguments: [
      ("--steps 0 -o out.h5", "--steps and --interval take 1 to 1000000"),
      ("--resume -o out.h5", "--resume needs --checkpoint FILE"),
      ("-o absent/out.h5", "absent/out.h5: cannot be written: there is no folder absent"),
      ("draw --class marmalade -o out.png", "'marmalade' is invalid"),
      ("measure absent.h5", "absent.h5: there is no such file"),
    ])
  func wrongUse(arguments: String, text: String) throws {
    try withTemporaryFolder { folder in
      let run = try Self.run(arguments, in: folder)
      #expect(run.status != 0)
      #expect(run.errors.contains(text), "\(run.errors)")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left.isEmpty)
    }
  }
}
