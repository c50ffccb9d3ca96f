import Foundation

/// The files that ship with the project.
package enum ShippedFiles {
  /// Where the publishers of the known networks keep their weights.
  package static let manifest = file("manifest.json")

  /// The weights of a network, by its name; `nil` where they do not ship.
  package static func weights(of network: String) -> URL? {
    let url = file("\(network).h5")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }

  /// A picture to try the networks of textures on, 192×192 PNG.
  package static let picture = file("spirals.png")

  private static func file(_ name: String) -> URL {
    Bundle.module.bundleURL.appending(path: name)
  }
}
