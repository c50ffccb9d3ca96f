import ArgumentParser
import Foundation
import Imaging

/// The files a command writes, checked before it works for hours.
struct Outputs {
  let picture: String
  let trace: String?
  let summary: String?
  let frames: String?
  let report: String?
  /// Where the state of the run is kept while it is on its way.
  let checkpoint: String
  /// The files that are read.
  let inputs: [String]

  /// - Throws: `ValidationError` where two outputs, or an output and an input, are one file;
  ///   ``OutputError`` where one cannot be written; ``FileError`` where the checkpoint of another run would
  ///   be written over.
  init(
    picture: String, run: RunOptions, inputs: [String?],
    others: [(name: String, path: String?)] = []
  ) throws {
    (self.picture, trace, summary) = (picture, run.trace, run.summary)
    (frames, report) = (run.frames, run.report)
    checkpoint =
      run.keeping.checkpoint ?? PathParts(picture).stem + ".checkpoint"
    self.inputs = (inputs + [run.keeping.start]).compactMap { $0 }
    let own: [(name: String, path: String?)] = [
      ("--output", picture), ("--trace", run.trace), ("--summary", run.summary),
      ("--checkpoint", checkpoint), ("--frames", run.frames), ("--report", run.report),
    ]
    let given = (own + others).compactMap { name, path in path.map { (name: name, path: $0) } }
    var seen = Set(self.inputs.map(Self.identity))
    for (name, path) in given {
      guard seen.insert(Self.identity(path)).inserted else {
        throw ValidationError(
          "\(name) \(path) is also an input or another output; give it a path of its own")
      }
      try AtomicFile.preflight(path: path)
    }
    for (name, path) in [("--output", picture)]
      + (others + [("--frames", run.frames)]).compactMap({ other in
        other.path.map { (other.name, $0) }
      }) where PathParts(path).fileExtension != "png"
    {
      throw ValidationError("\(name) \(path): pictures are written as PNG; end it in .png")
    }
    if let report, PathParts(report).fileExtension != "html" {
      throw ValidationError("--report \(report): the page is HTML; end it in .html")
    }
    if !run.keeping.resume, FileManager.default.fileExists(atPath: checkpoint) {
      throw FileError(
        file: checkpoint,
        problem: "the checkpoint of an earlier run; go on with --resume, or remove it to begin anew"
      )
    }
  }

  private static func identity(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
}

/// A problem with a file that the user named.
struct FileError: Error, CustomStringConvertible {
  let file: String
  let problem: String

  var description: String { "\(file): \(problem)" }
}
