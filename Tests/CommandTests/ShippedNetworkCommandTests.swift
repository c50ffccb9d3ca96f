import Foundation
import ShippedFiles
import TestSupport
import Testing

/// What works without any file of the user's own.
@Suite("Commands on the networks that ship")
struct ShippedNetworkCommandTests {
  @Test("classify knows weights and names of classes", arguments: ["textures", "textures_faulty"])
  func classify(network: String) throws {
    try withTemporaryFolder { folder in
      let picture = ShippedFiles.picture.path
      let run = try PreimageProcess(["classify", "--network", network, picture], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let lines = run.output.split(separator: "\n")
      #expect(lines.count == 6)
      #expect(lines[0] == picture)
      #expect(lines[1].hasSuffix("  spirals (4)"))
    }
  }

  @Test("maximize takes a class by its name and tells the weights")
  func maximize() throws {
    try withTemporaryFolder { folder in
      let arguments =
        "maximize --network textures --class bricks --prior tv --iterations 20 -q "
        + "-o bricks.png --summary s.json"
      let run = try PreimageProcess(
        arguments.split(separator: " ").map(String.init), in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("bricks (9)"))
      let data = try Data(contentsOf: folder.appending(path: "s.json"))
      let summary = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(summary["weights"] as? String == ShippedFiles.weights(of: "textures")?.path)
    }
  }

  private static func run(_ arguments: String, in folder: URL) throws -> PreimageProcess {
    try PreimageProcess(arguments.split(separator: " ").map(String.init), in: folder)
  }

  /// What a command that writes a folder leaves there.
  private static func contents(of folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test(
    "invert --layers writes a table, a page and the pictures into a folder, and leaves the rest")
  func survey() throws {
    try withTemporaryFolder { folder in
      let out = folder.appending(path: "out")
      try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: out.appending(path: "notes.txt"))
      let run = try Self.run(
        "invert \(ShippedFiles.picture.path) --network textures --layers pool1,fc8 --priors tv "
          + "--only-channels 0-9 --iterations 20 -q -o out", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("out/report.html: 2 inversions in "))
      #expect(run.output.contains("fc8 with Total variation: "))
      #expect(
        try Self.contents(of: out) == [
          "fc8-tv.png", "notes.txt", "pool1-tv.png", "report.html", "table.csv", "table.md",
        ])
      let csv = try String(contentsOf: out.appending(path: "table.csv"), encoding: .utf8)
      #expect(csv.split(separator: "\n").count == 3)
      let html = try String(contentsOf: out.appending(path: "report.html"), encoding: .utf8)
      #expect(html.contains("--layers pool1,fc8 --priors tv"))
    }
  }

  @Test("compare seeks a class or a layer with several priors")
  func compare() throws {
    try withTemporaryFolder { folder in
      for (target, name) in [
        ("--class dots", "excitation"),
        ("\(ShippedFiles.picture.path) --layer conv3", "feature error"),
      ] {
        let run = try Self.run(
          "compare \(target) --network textures --priors tv,decoder --seeds 2 --iterations 5 -q -o out",
          in: folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains(name))
        #expect(
          try Self.contents(of: folder.appending(path: "out")) == [
            "decoder-0.png", "decoder-1.png", "report.html", "table.csv", "table.md", "tv-0.png",
            "tv-1.png",
          ])
      }
    }
  }

  @Test(
    "a network with one class is looked at like any other",
    arguments: [
      ("classify --network one.onnx in.png", "1.0000  class 0 (0)"),
      (
        "maximize --network one.onnx --class 0 --prior tv --iterations 3 -q -o out.png",
        "class 0 (0)"
      ),
      (
        "diagnose --network one.onnx --classes all --priors tv --iterations 3 -q -o out",
        "1 classes in"
      ),
      (
        "compare --network one.onnx --class 0 --priors tv --iterations 3 -q -o out", "1 searches in"
      ),
      (
        "invert in.png --network one.onnx --layers all --priors tv --iterations 3 -q -o out",
        "inversions in"
      ),
    ])
  func oneClass(arguments: String, words: String) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: URL(filePath: Fixtures.path("onnx/single_class.onnx")),
        to: folder.appending(path: "one.onnx"))
      try RunTests.picture(3, side: 32).write(to: folder.appending(path: "in.png").path)
      let run = try Self.run(arguments, in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains(words))
    }
  }

  @Test("diagnose studies the user's pictures of a class")
  func diagnose() throws {
    try withTemporaryFolder { folder in
      let own = folder.appending(path: "pictures/spirals")
      try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: ShippedFiles.picture, to: own.appending(path: "one.png"))
      let run = try Self.run(
        "diagnose --network textures --classes spirals,dots --pictures pictures --priors tv "
          + "--iterations 5 --judge textures_faulty -q -o out", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("out/report.html: 2 classes in "))
      let csv = try String(
        contentsOf: folder.appending(path: "out/table.csv"), encoding: .utf8)
      #expect(csv.contains("\nspirals,1 own,") && csv.contains("\ndots,1 portrait,"))
      #expect(
        try Self.contents(of: folder.appending(path: "out")) == [
          "dots-tv-0.png", "report.html", "spirals-tv-0.png", "table.csv", "table.md",
        ])
    }
  }

  @Test(
    "what does not fit together is told in a line",
    arguments: [
      ("diagnose --network textures --classes nothing -o out", 1, "nothing"),
      (
        "diagnose --network textures --classes dots --pictures none -o out", 1, "none: is no folder"
      ),
      ("diagnose --network textures --classes dots --judge-weights w.h5 -o out", 64, "--judge"),
      ("compare --network textures -o out", 64, "--class"),
      ("compare --network textures --class dots --time 1 --iterations 3 -o out", 64, "not both"),
      ("compare --network textures --class dots --priors dip,dip -o out", 64, "--priors"),
      ("invert p.png --network textures -o out.png", 64, "--layers"),
      ("invert p.png --network textures --layers all --trace t.csv -o out", 64, "--trace"),
      (
        "invert p.png --network textures --layer fc8 --only-region 1,2,3 -o out.png", 64,
        "--only-region"
      ),
      (
        "invert \(ShippedFiles.picture.path) --network textures --layer fc8 --only-region 0,0,1,1 -o o.png",
        1, "fc8 has no rows"
      ),
      (
        "invert \(ShippedFiles.picture.path) --network textures --layers fc9 -o out", 1, "fc9"
      ),
    ])
  func misfits(arguments: String, status: Int32, words: String) throws {
    try withTemporaryFolder { folder in
      let run = try Self.run(arguments, in: folder)
      #expect(run.status == status)
      #expect(run.errors.contains(words), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
      #expect(try Self.contents(of: folder).isEmpty)
    }
  }
}
