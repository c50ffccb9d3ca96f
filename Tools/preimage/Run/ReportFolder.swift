import Engine
import Foundation
import Imaging
import Reporting

/// The folder that a command writes its pictures, tables and pages to; what else is in it stays.
struct ReportFolder {
  private let url: URL

  /// Makes the folder if it is not there, and makes sure that the page can be written to it.
  ///
  /// - Throws: ``FileError`` or ``OutputError``.
  init(_ path: String) throws {
    url = URL(filePath: path)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw FileError(file: path, problem: "the folder cannot be made; choose another")
    }
    try AtomicFile.preflight(path: report)
  }

  /// The page that tells of everything.
  var report: String { self["report.html"] }

  subscript(name: String) -> String { url.appending(path: name).path }

  /// Writes a found picture; what does not go into a name of a file becomes `-`.
  ///
  /// - Throws: ``OutputError``.
  func write(_ picture: Tensor, named name: String) throws {
    let safe = name.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" }
    try Picture(colour: picture).write(to: self[String(safe) + ".png"])
  }

  /// Writes a table as `table.csv` and `table.md`.
  ///
  /// - Throws: ``OutputError``.
  func write(_ table: Reporting.Table) throws {
    try AtomicFile.write(Data(table.csv.utf8), to: self["table.csv"])
    try AtomicFile.write(Data(table.markdown.utf8), to: self["table.md"])
  }
}
