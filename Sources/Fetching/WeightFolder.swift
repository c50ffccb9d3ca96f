import Foundation

/// Where fetched weights lie.
package enum WeightFolder {
  /// The folder of this user: `$PREIMAGE_WEIGHTS`, or `preimage/weights` in `$XDG_DATA_HOME`, which
  /// is `~/.local/share` where it is not set (XDG Base Directory Specification).
  package static func path(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let own = value("PREIMAGE_WEIGHTS") { return own }
    // The specification has relative paths ignored.
    let data = value("XDG_DATA_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
    let home = value("HOME") ?? NSHomeDirectory()
    return "\(data ?? "\(home)/.local/share")/preimage/weights"
  }

  /// Makes the folder and those above it, where they are not there.
  ///
  /// - Throws: ``FetchError/folder(path:reason:)``.
  static func make(_ path: String) throws(FetchError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      let cause = (error as? CocoaError)?.underlying as? POSIXError
      throw .folder(
        path: path, reason: cause.map { String(cString: strerror($0.code.rawValue)) })
    }
  }
}
