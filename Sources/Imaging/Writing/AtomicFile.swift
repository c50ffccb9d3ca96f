package import Foundation

/// Files that appear whole or not at all.
///
/// The bytes go to a temporary file in the folder of the target, are flushed to the disk and renamed
/// over the target. A link is followed: what it points to is replaced. An existing file's
/// permissions are kept.
package enum AtomicFile {
  /// Writes a file, replacing the one that is there.
  ///
  /// - Throws: ``OutputError``; what was at the path is then as it was.
  package static func write(_ data: Data, to path: String) throws(OutputError) {
    let target = try Target(path)
    var temporary = try TemporaryFile(for: target)
    try temporary.write(data)
    try temporary.replace(target)
  }

  /// Checks, before hours of work, that a file can be written at this path, by making and removing
  /// an empty file beside it. Nothing that exists is touched.
  ///
  /// - Throws: ``OutputError``.
  package static func preflight(path: String) throws(OutputError) {
    // Removed as it goes out of scope.
    _ = try TemporaryFile(for: try Target(path))
  }
}

/// The place of a file to be written, behind all links.
private struct Target {
  /// The path as the user gave it, for messages.
  let name: String
  let path: String
  /// The permissions of the file that is there, if one is.
  let permissions: mode_t?

  var folder: String { PathParts(path).folder }

  init(_ name: String) throws(OutputError) {
    self.name = name
    var status = stat()
    let exists = stat(name, &status) == 0
    permissions = exists ? status.st_mode & 0o7777 : nil
    // What the system finds comes first: a link to a pipe has no path to follow.
    if exists {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw .isFolder(file: name)
      default: throw .notRegular(file: name)
      }
      if access(name, W_OK) != 0 { throw .protected(file: name) }
    }
    path = try Self.follow(name)
    // An empty name, or one that ends in a slash, would be taken for its folder.
    if path.isEmpty || path.hasSuffix("/") { throw .isFolder(file: name) }
  }

  /// Follows links by hand: the last may point to a file that is still to be made.
  private static func follow(_ name: String) throws(OutputError) -> String {
    var path = name
    for _ in 0..<40 {
      guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
        return path
      }
      path = next.hasPrefix("/") ? next : "\(PathParts(path).folder)/\(next)"
    }
    throw .linkLoop(file: name)
  }
}

/// A file beside the target, removed unless it has taken the target's place.
private struct TemporaryFile: ~Copyable {
  private let path: String
  private let name: String
  private let descriptor: Int32
  private var isRenamed = false

  init(for target: Target) throws(OutputError) {
    name = target.name
    path = "\(target.folder)/.\(UUID().uuidString).preimage-partial"
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let code = errno
      var status = stat()
      let folderExists =
        stat(target.folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      throw folderExists
        ? .folderNotWritable(
          file: name, folder: target.folder, reason: String(cString: strerror(code)))
        : .noFolder(file: name, folder: target.folder)
    }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      if !isRenamed { unlink(path) }
    }
  }

  func write(_ data: Data) throws(OutputError) {
    let code = data.withUnsafeBytes { bytes -> Int32 in
      var written = 0
      while written < bytes.count {
        let step = Foundation.write(
          descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        if step < 0, errno == EINTR { continue }
        if step < 0 { return errno }
        written += step
      }
      return 0
    }
    if code != 0 { throw failure(code) }
  }

  /// Puts the file in the target's place, so that a crash leaves the one or the other.
  mutating func replace(_ target: Target) throws(OutputError) {
    if let permissions = target.permissions, fchmod(descriptor, permissions) != 0 {
      throw failure(errno)
    }
    guard fsync(descriptor) == 0, rename(path, target.path) == 0 else { throw failure(errno) }
    isRenamed = true
    // The new name is in the folder's data; some file systems cannot flush those, which is no loss
    // of the file.
    let folder = open(target.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private func failure(_ code: Int32) -> OutputError {
    .failed(file: name, reason: String(cString: strerror(code)))
  }
}
