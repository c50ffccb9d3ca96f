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
}
