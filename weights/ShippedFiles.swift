import Foundation

/// The files that ship with the project.
package enum ShippedFiles {
  /// Where the publishers of the known networks keep their weights.
  package static let manifest = file("manifest.json")

  private static func file(_ name: String) -> URL {
    Bundle.module.bundleURL.appending(path: name)
  }
}
