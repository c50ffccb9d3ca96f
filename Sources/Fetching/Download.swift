import Foundation
import Imaging

/// The way of one file from its publisher into a folder.
///
/// What arrives lies beside the file's place until it is whole and found to be what the publisher
/// states; a download that was interrupted goes on where it ended, where either the server tells
/// the version that it has or the publisher a digest. A file that is there is never replaced.
package struct Download: Sendable {
  package let file: Manifest.File
  package let folder: String
  /// How long nothing may arrive.
  package var patience = Duration.seconds(30)
  /// How often it goes on by itself after interruptions, if each time something arrived.
  package var attempts = 5
  /// The most that is written, in bytes.
  package var limit: Int64 = 8 << 30

  package init(of file: Manifest.File, to folder: String) {
    (self.file, self.folder) = (file, folder)
  }

  /// What it ended with.
  package struct Result: Sendable {
    package let path: String
    /// In bytes.
    package let length: Int64
    /// Whether the file was there before.
    package let wasThere: Bool
  }

  /// Where the file will lie.
  package var path: String { folder + (folder.hasSuffix("/") ? "" : "/") + file.name }

  /// Fetches the file, or verifies the one that is there.
  ///
  /// - Parameter progress: is told how many bytes are there, and of how many if that is known.
  /// - Returns: where the file lies.
  /// - Throws: ``FetchError``; what has arrived is kept where it is of use.
  package func callAsFunction(
    progress: @escaping (Int64, Int64?) -> Void = { _, _ in }
  ) throws(FetchError) -> Result {
    if let there = try existing() { return there }
    try WeightFolder.make(folder)
    let part = try PartialFile(for: path)
    // Another fetch may have ended in between.
    if let there = try existing() { return there }
    // Or one was interrupted at the very end.
    if file.digest == nil || !verify(part).isEmpty { try fetch(into: part, progress) }
    try part.finish()
    return Result(path: path, length: part.length, wasThere: false)
  }

  private func fetch(
    into part: PartialFile, _ progress: @escaping (Int64, Int64?) -> Void
  ) throws(FetchError) {
    var attempt = 1
    var mayRestart = true
    while true {
      let arrival = Arrival(of: self, in: part, progress)
      switch try arrival.get() {
      case .whole:
        guard let fault = verify(part).first else { return }
        if case .failed = fault { throw fault }
        try part.discard()
        // The parts may be those of different versions.
        guard arrival.isContinued, mayRestart else { throw fault }
        mayRestart = false
      case .otherVersion:
        try part.discard()
        guard mayRestart else {
          throw .failed(url: file.url, reason: "the server does not keep to what it says")
        }
        mayRestart = false
      case .interrupted(let error):
        guard arrival.count > 0, attempt < attempts else { throw error }
        attempt += 1
      }
    }
  }

  /// What is wrong with a file that has arrived as a whole: at most one fault.
  private func verify(_ part: PartialFile) -> [FetchError] {
    guard part.length > 0, let whole = ReadableFile(at: part.path) else {
      return [.cutOff(url: file.url, kept: 0, of: file.size, part: part.path)]
    }
    if let size = file.size, part.length != size {
      return [.wrongSize(url: file.url, expected: size, found: part.length)]
    }
    let page = isWebPage(whole.head(64)) ? [FetchError.webPage(url: file.url, path: path)] : []
    guard let digest = file.digest else { return page }
    guard let digits = digest.digits(of: whole) else {
      return [.failed(url: file.url, reason: "\(digest.kind.title) cannot be computed here")]
    }
    if digits == digest.value { return [] }
    return page + [
      .wrongDigest(
        url: file.url, expected: digest.description, found: "\(digest.kind.title) \(digits)",
        stated: digest.stated)
    ]
  }

  /// The file that is there, if one is and it is the publisher's.
  private func existing() throws(FetchError) -> Result? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .output(.isFolder(file: path))
    default: throw .output(.notRegular(file: path))
    }
    let length = Int64(status.st_size)
    if let size = file.size, size != length {
      throw .occupied(path: path, expected: "\(size) bytes", found: "\(length) bytes")
    }
    if let digest = file.digest {
      guard let there = ReadableFile(at: path), let digits = digest.digits(of: there) else {
        throw .occupied(path: path, expected: "\(digest)", found: "it cannot be read")
      }
      guard digits == digest.value else {
        throw .occupied(
          path: path, expected: "\(digest)", found: "\(digest.kind.title) \(digits)")
      }
    }
    return Result(path: path, length: length, wasThere: true)
  }

  private func isWebPage(_ head: [UInt8]) -> Bool {
    let text = String(decoding: head, as: UTF8.self).drop { $0.isWhitespace }.lowercased()
    return text.hasPrefix("<!doctype html") || text.hasPrefix("<html")
  }
}
