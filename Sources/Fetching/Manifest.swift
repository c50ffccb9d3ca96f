import Foundation
import PretrainedNets

/// Where the publishers of networks keep their weights: `weights/manifest.json`, or another file of
/// that form.
package struct Manifest: Sendable, Decodable {
  package let networks: [Network]

  package struct Network: Sendable, Decodable {
    /// The name by which commands know it.
    package let name: String
    /// What to cite.
    package let citation: String
    /// The one that is fetched by default first.
    package let files: [File]
    /// Why there are no files, or what else a user should know.
    package let note: String?
  }

  package struct File: Sendable, Decodable {
    /// The name of the file, by which it is kept.
    package let name: String
    /// `caffemodel`, `h5`, `pth` or `safetensors`.
    package let format: String
    /// The official location, over `https:`, or `http:`.
    package let url: String
    /// In bytes, where the publisher states it.
    package let size: Int64?
    /// `nil` where the publisher states none: the file is then taken on trust.
    package let digest: Digest?
    package let licence: String
    package let note: String?
  }

  /// Reads a manifest.
  ///
  /// - Throws: ``FetchError/manifest(file:reason:)``.
  package init(contentsOf file: URL) throws(FetchError) {
    do {
      self = try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: file))
    } catch {
      throw .manifest(file: file.path, reason: Self.reason(error))
    }
    for entry in networks.flatMap(\.files) {
      if let fault = entry.fault {
        throw .manifest(file: file.path, reason: "'\(entry.name)': \(fault)")
      }
    }
  }

  /// The network of this name; case and punctuation do not matter.
  ///
  /// - Throws: ``ClassifierError/unknownNetwork(_:nearest:known:)`` with the nearest names.
  package func network(named name: String) throws(ClassifierError) -> Network {
    let known = networks.map(\.name)
    func folded(_ name: String) -> String {
      name.lowercased().filter { $0.isLetter || $0.isNumber }
    }
    if let found = networks.first(where: { folded($0.name) == folded(name) }) { return found }
    throw .unknownNetwork(name, nearest: nearest(to: name, among: known), known: known)
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "it cannot be read" }
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    }
    return switch error {
    case .keyNotFound(let key, let context): "there is no '\(key.stringValue)' at \(place(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "another type is expected at \(place(context))"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "no JSON that can be read" : "no known value at \(place(context))"
    @unknown default: "not a manifest"
    }
  }
}

extension Manifest.Network {
  /// The file to fetch: the first, or the first of a format.
  ///
  /// - Throws: ``FetchError/noFiles(network:note:)``, ``FetchError/noFormat(network:format:known:)``.
  package func file(format: String?) throws(FetchError) -> Manifest.File {
    guard let first = files.first else { throw .noFiles(network: name, note: note) }
    guard let format else { return first }
    if let found = files.first(where: { $0.format == format.lowercased() }) { return found }
    throw .noFormat(network: name, format: format, known: files.map(\.format))
  }
}

extension Manifest.File {
  /// What is wrong with the entry, if anything is.
  fileprivate var fault: String? {
    if name.isEmpty || name.hasPrefix(".") || name.contains("/") || name.contains("\0") {
      return "not the plain name of a file"
    }
    let parts = URLComponents(string: url)
    guard let scheme = parts?.scheme?.lowercased(), ["http", "https"].contains(scheme),
      let host = parts?.host, !host.isEmpty
    else { return "'\(url)' is no address over http or https" }
    if let size, size < 0 { return "the size \(size) is negative" }
    if let digest, !digest.isWellFormed {
      return "'\(digest.value)' is no \(digest.kind.rawValue) in small hexadecimal digits"
    }
    return nil
  }
}
