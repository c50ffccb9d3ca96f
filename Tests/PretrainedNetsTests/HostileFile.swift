import Foundation
import PretrainedNets
import TestSupport
import Testing

/// A file that is no good, and what is said of it.
struct HostileFile: Sendable, CustomTestStringConvertible {
  var bytes: [UInt8]
  var text: String

  init(_ bytes: [UInt8], _ text: String) { (self.bytes, self.text) = (bytes, text) }

  // The bytes can be millions.
  var testDescription: String { text }
}

/// What opening a file of these bytes and reading all of its tensors ends in: the text of the error
/// behind the path, or "no error".
func readingError(of bytes: [UInt8]) throws -> String {
  try withTemporaryFolder { folder in
    let path = folder.appending(path: "weights").path
    try Data(bytes).write(to: URL(filePath: path))
    do throws(WeightFileError) {
      let file = try WeightFile(at: path)
      for entry in file.entries { _ = try file.tensors(at: [entry.path]) }
      return "no error"
    } catch {
      let text = error.description
      #expect(text.hasPrefix(path + ": "))
      #expect(!text.contains { $0.isNewline })
      #expect(text.utf8.count < 1500)
      return String(text.dropFirst(path.count + 2))
    }
  }
}

/// The bytes of a file in `Tests/Fixtures/weights`.
func weightBytes(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(filePath: ToyNetwork.path(name))))
}
