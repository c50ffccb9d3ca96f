import Engine
import Foundation
import Imaging
import TestSupport
import Testing

/// Runs that are killed, interrupted, or have no room to be kept in.
@Suite("Interrupted runs")
struct InterruptionTests {
  /// A small hourglass, so that starting takes a good part of the time.
  private static let network = "--depth 2 --channels 8 --threads 1 --quiet"
  private static let run = "denoise in.png --clean in.png --iterations 60 \(network)"

  private static func start(
    _ arguments: String, in folder: URL, ending: PreimageProcess.Ending? = nil
  ) throws -> PreimageProcess {
    try PreimageProcess(
      arguments.split(separator: " ").map(String.init), in: folder, ending: ending)
  }

  private static func bytes(_ name: String, in folder: URL) throws -> Data {
    try Data(contentsOf: folder.appending(path: name))
  }

  /// How long the run takes by itself.
  private static func whole(in folder: URL) throws -> Double {
    try RunTests.picture(1).write(to: folder.appending(path: "in.png").path)
    let start = ContinuousClock.now
    _ = try RunTests.run("\(run) -o whole.png --trace whole.csv", in: folder)
    return (ContinuousClock.now - start) / .seconds(1)
  }

  @Test("killed at fifty moments, a run ends as if it had not been")
  func killed() throws {
    try withTemporaryFolder { folder in
      let seconds = try Self.whole(in: folder)
      var random = RandomSource(seed: 6)
      var kills = 0
      var isWhole = false
      // The last is left to end by itself.
      while kills < 50 || !isWhole {
        let delay = Double(random.number(in: 0..<1)) * seconds
        let run = try Self.start(
          "\(Self.run) -o out.png --trace out.csv --checkpoint-every 0 --resume", in: folder,
          ending: kills < 50 ? .init(signal: SIGKILL, delay: delay) : nil)
        kills += run.status == -1 ? 1 : 0
        isWhole = run.status == 0
        guard isWhole else {
          try #require(run.status == -1)
          continue
        }
        #expect(try Self.bytes("out.png", in: folder) == Self.bytes("whole.png", in: folder))
        #expect(try Self.bytes("out.csv", in: folder) == Self.bytes("whole.csv", in: folder))
        // Nothing is left of it but the files that were asked for.
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
          .filter { !$0.hasPrefix(".") }
        #expect(Set(files) == ["in.png", "whole.png", "whole.csv", "out.png", "out.csv"])
      }
    }
  }

  @Test("killed in any of its parts, a run ends as if it had not been")
  func killedInParts() throws {
    try withTemporaryFolder { folder in
      try RunTests.picture(1, side: 48).write(to: folder.appending(path: "in.png").path)
      let command =
        "denoise in.png --clean in.png --iterations 8 --tile 32 --runs 2 --sgld --burn-in 3 "
        + Self.network
      let start = ContinuousClock.now
      let whole = try RunTests.run(
        "\(command) -o whole.png --trace whole.csv --uncertainty u.png --summary s.json", in: folder
      )
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      #expect(whole.output.contains("; 4 tiles of 32×32 pixels; the mean of 2 runs; PSNR "))
      let summary = try RunTests.summary(folder)
      #expect(summary["iterations"] as? Int == 8 * 8)
      #expect(summary["tiles"] as? Int == 4 && summary["runs"] as? Int == 2)
      #expect(summary["width"] as? Int == 48)
      var random = RandomSource(seed: 8)
      var kills = 0
      var isWhole = false
      // The last is left to end by itself.
      while kills < 20 || !isWhole {
        // Often early, so that few parts are done between two kills.
        let delay = Double(random.number(in: 0..<0.6)) * seconds
        let run = try Self.start(
          "\(command) -o out.png --trace out.csv --uncertainty v.png --checkpoint-every 0 --resume",
          in: folder, ending: kills < 20 ? .init(signal: SIGKILL, delay: delay) : nil)
        kills += run.status == -1 ? 1 : 0
        isWhole = run.status == 0
        guard isWhole else {
          try #require(run.status == -1)
          continue
        }
        for (one, other) in [
          ("out.png", "whole.png"), ("out.csv", "whole.csv"), ("v.png", "u.png"),
        ] {
          #expect(try Self.bytes(one, in: folder) == Self.bytes(other, in: folder))
        }
      }
    }
  }

  @Test(
    "an interrupted run writes its picture, and tells how to go on", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    try withTemporaryFolder { folder in
      _ = try Self.whole(in: folder)
      // It would take an hour.
      let command =
        "denoise in.png -o out.png --iterations 1000000 --checkpoint-every 0 \(Self.network)"
      let ending = PreimageProcess.Ending(
        signal: signal, file: folder.appending(path: "out.checkpoint"))
      let run = try Self.start(command, in: folder, ending: ending)
      try #require(run.status == 128 + signal)
      #expect(run.errors.hasPrefix("preimage: interrupted after "))
      #expect(
        run.errors.hasSuffix(
          "out.png is the best so far; give the same command with --resume to go on\n"))
      #expect(throws: Never.self) {
        try Picture(contentsOf: folder.appending(path: "out.png").path)
      }
      // Nothing of it is written over by mistake.
      let again = try Self.start(command, in: folder)
      #expect(again.status == 1)
      #expect(
        again.errors == """
          preimage: out.checkpoint: the checkpoint of an earlier run; go on with --resume, or remove \
          it to begin anew

          """)
      let other = try Self.start("\(command) --resume --seed 2", in: folder)
      #expect(other.status == 1)
      #expect(other.errors.contains("out.checkpoint: a checkpoint of another run, with arguments "))
      let more = try Self.start("\(command) --resume --time-limit 0.001", in: folder)
      #expect(more.status == 0)
      #expect(more.errors.hasPrefix("preimage: going on after iteration "))
    }
  }

  @Test("a full disk ends a run with a clear line, and the checkpoint before is whole")
  func fullDisk() throws {
    try withTemporaryFolder { folder in
      _ = try Self.whole(in: folder)
      _ = try RunTests.run("\(Self.run) -o out.png --checkpoint whole.checkpoint", in: folder)
      let size = try Self.bytes("whole.checkpoint", in: folder).count
      let disk = folder.appending(path: "disk")
      try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: false)
      // Room for one, but there are two while one is replaced. Only root may make a file system.
      guard mount("tmpfs", disk.path, "tmpfs", 0, "size=\(size * 3 / 2)") == 0 else { return }
      defer { umount(disk.path) }
      let command = "\(Self.run) -o out.png --checkpoint disk/run.checkpoint"
      let run = try Self.start("\(command) --checkpoint-every 0", in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("disk/run.checkpoint"))
      #expect(run.errors.contains("No space left on device"))
      #expect(run.errors.count { $0 == "\n" } == 1)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["run.checkpoint"])
      // With room, it goes on from there.
      let resumed = try Self.start(
        "\(Self.run) -o out.png --checkpoint disk/run.checkpoint --checkpoint-every 1000 --resume",
        in: folder)
      #expect(resumed.errors.contains("going on after iteration 1 of disk/run.checkpoint"))
    }
  }

  @Test("weights of another run are begun with, and only those of the same prior")
  func warmStart() throws {
    try withTemporaryFolder { folder in
      _ = try Self.whole(in: folder)
      _ = try RunTests.run("\(Self.run) -o a.png --checkpoint a.checkpoint", in: folder)
      // In a few iterations the picture is there that took sixty.
      let run = try RunTests.run(
        "denoise in.png --clean in.png --iterations 3 \(Self.network) --start a.checkpoint -o b.png "
          + "--summary s.json", in: folder)
      let warm = try #require(try RunTests.summary(folder)["psnr"] as? Double)
      _ = try RunTests.run(
        "denoise in.png --clean in.png --iterations 3 \(Self.network) -o c.png --summary s.json",
        in: folder)
      let cold = try #require(try RunTests.summary(folder)["psnr"] as? Double)
      #expect(warm > cold + 1, "\(run.output)")
      let other = try Self.start(
        "denoise in.png --prior decoder --quiet --start a.checkpoint -o d.png", in: folder)
      #expect(other.status == 1)
      #expect(
        other.errors == """
          preimage: a.checkpoint: a checkpoint of another run: it has the weights of another prior; \
          begin anew without it

          """)
    }
  }

  @Test("a time limit and a stop rule end a run, which says so")
  func ends() throws {
    try withTemporaryFolder { folder in
      _ = try Self.whole(in: folder)
      _ = try RunTests.run(
        "denoise in.png -o out.png --time-limit 0.001s --summary s.json \(Self.network)", in: folder
      )
      #expect(try RunTests.summary(folder)["stopped_by"] as? String == "time")
      _ = try RunTests.run(
        "inpaint in.png --missing 0.5 -o out.png --stop held-out --patience 5 --iterations 200 "
          + "--summary s.json --trace t.csv \(Self.network)", in: folder)
      let summary = try RunTests.summary(folder)
      #expect(summary["chosen_iteration"] is Int)
      #expect(try RunTests.rows(folder)[0].contains("score"))
    }
  }
}
