import Foundation

/// The folder of real pictures, weights and reference runs that may stand beside the checkout.
///
/// Tests that need it are enabled by ``SharedData/isPresent`` and skipped, saying so, elsewhere.
package enum SharedData {
  /// `../shared` beside the root of the checkout.
  package static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "shared")

  package static let isPresent = FileManager.default.fileExists(
    atPath: folder.appending(path: "images").path)

  package static func path(_ relative: String) -> String { folder.appending(path: relative).path }
}

/// The folder `Tests/Fixtures`, which holds golden data made by the scripts in `Tools/reference`.
package enum Fixtures {
  package static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")

  package static func path(_ relative: String) -> String { folder.appending(path: relative).path }
}

/// A folder for the files of one test, removed when the closure ends.
package func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "preimage-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
