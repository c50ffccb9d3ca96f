import ArgumentParser
import Foundation
import Imaging

/// The files a command writes, checked before it works for hours.
struct Outputs {
  let picture: String
  let trace: String?
  let summary: String?

  /// - Throws: `ValidationError` where two outputs, or an output and an input, are one file;
  ///   ``OutputError`` where one cannot be written.
  init(picture: String, run: RunOptions, inputs: [String?]) throws {
    (self.picture, trace, summary) = (picture, run.trace, run.summary)
    let given = [("--output", picture), ("--trace", run.trace), ("--summary", run.summary)]
      .compactMap { name, path in path.map { (name: name, path: $0) } }
    var seen = Set(inputs.compactMap { $0 }.map(Self.identity))
    for (name, path) in given {
      guard seen.insert(Self.identity(path)).inserted else {
        throw ValidationError(
          "\(name) \(path) is also an input or another output; give it a path of its own")
      }
      try AtomicFile.preflight(path: path)
    }
    guard (picture as NSString).pathExtension.lowercased() == "png" else {
      throw ValidationError("--output \(picture): pictures are written as PNG; end it in .png")
    }
  }

  private static func identity(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
}
