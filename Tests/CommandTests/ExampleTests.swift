import Engine
import Foundation
import Imaging
import ShippedFiles
import TestSupport
import Testing

/// The Swift of the documentation: the programs of Tests/Examples, as they stand and run.
@Suite("Examples of the documentation")
struct ExampleTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test("each example stands in the documentation word by word, and there is no other")
  func words() throws {
    let pages = ["README.md"] + (try files(in: "docs").filter { $0.hasSuffix(".md") })
    let shown = try pages.flatMap { page in
      try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
        .matches(of: #/```swift\n((?:.*\n)*?)```/#).map { String($0.output.1) }
    }
    let programs = try files(in: "Tests/Examples").map {
      try String(contentsOf: Self.root.appending(path: "\($0)/main.swift"), encoding: .utf8)
    }
    #expect(programs.count == 4)
    #expect(Set(shown) == Set(programs))
  }

  private func files(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: folder).path
    ).map { "\(folder)/\($0)" }
  }

  /// Runs an example in a folder with a small noisy picture, a picture and weights.
  private func run(_ example: String, writes: [String]) throws {
    try withTemporaryFolder { folder in
      let picture = try Picture(contentsOf: ShippedFiles.picture.path)
      try picture.cropped(to: Region(rows: 64..<96, columns: 64..<96))
        .addingNoise(standardDeviation: 0.1, seed: 1)
        .write(to: folder.appending(path: "noisy.png").path)
      try picture.write(to: folder.appending(path: "photo.png").path)
      let weights = try #require(ShippedFiles.weights(of: "textures"))
      try FileManager.default.copyItem(at: weights, to: folder.appending(path: "textures.h5"))
      let run = try PreimageProcess([], program: "example-\(example)", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      for file in writes {
        #expect(
          FileManager.default.fileExists(atPath: folder.appending(path: file).path), "\(file)")
      }
    }
  }

  @Test("a picture is restored")
  func restore() throws { try run("restore", writes: ["denoised.png"]) }

  @Test("a search is watched")
  func watch() throws { try run("watch", writes: ["denoised.png"]) }

  @Test("a network is understood")
  func understand() throws {
    try run(
      "understand",
      writes: [
        "Input gradient.png", "Integrated gradients.png", "Grad-CAM at pool5.png",
        "Occlusion by squares of 16.png", "kept.png", "meant.png",
      ])
  }

  @Test("weights are written")
  func writeWeights() throws { try run("write-weights", writes: ["weights.h5"]) }
}
