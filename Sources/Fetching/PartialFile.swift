import Foundation
import Imaging

/// What has arrived of a file so far: `NAME.part` beside the place of the file, held by one process
/// at a time, and `NAME.part.from`, which tells where it came from.
final class PartialFile {
  /// Where the bytes came from.
  struct Origin: Equatable {
    let url: String
    /// What the server knows this version by, an ETag or a date.
    let validator: String?
  }

  let path: String
  private let target: String
  private let descriptor: Int32
  private(set) var length: Int64
  private var isFinished = false

  private var originPath: String { "\(path).from" }

  /// Opens what is there, or an empty file.
  ///
  /// - Throws: ``FetchError/busy(part:)``, ``FetchError/output(_:)``.
  init(for target: String) throws(FetchError) {
    self.target = target
    path = "\(target).part"
    descriptor = try Self.open(path)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .output(.notRegular(file: path))
    }
    length = Int64(status.st_size)
  }

  /// An empty file is of no use to anyone.
  deinit {
    if length == 0, !isFinished {
      unlink(path)
      unlink(originPath)
    }
    close(descriptor)
  }

  private static func open(_ path: String) throws(FetchError) -> Int32 {
    while true {
      let descriptor = Foundation.open(
        path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
      guard descriptor >= 0 else { throw .output(Self.failure(path, errno)) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        close(descriptor)
        throw .busy(part: path)
      }
      // Whoever held it before may have renamed it meanwhile.
      var (held, there) = (stat(), stat())
      if fstat(descriptor, &held) == 0, lstat(path, &there) == 0, held.st_ino == there.st_ino {
        return descriptor
      }
      close(descriptor)
    }
  }

  /// Where the bytes that are there came from, if that is known.
  var origin: Origin? {
    guard let text = try? String(contentsOfFile: originPath, encoding: .utf8) else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count == 3, let url = lines.first else { return nil }
    return Origin(url: url, validator: lines[1].isEmpty ? nil : lines[1])
  }

  /// Begins anew with what comes from there.
  func restart(from origin: Origin) throws(FetchError) {
    try discard()
    do {
      try AtomicFile.write(
        Data("\(origin.url)\n\(origin.validator ?? "")\n".utf8), to: originPath)
    } catch { throw .output(error) }
  }

  /// Forgets everything that has arrived.
  func discard() throws(FetchError) {
    unlink(originPath)
    guard ftruncate(descriptor, 0) == 0 else { throw .output(Self.failure(path, errno)) }
    length = 0
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
    var written = 0
    while written < bytes.count {
      let step = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written,
        off_t(length))
      if step < 0, errno == EINTR { continue }
      if step < 0 { throw .output(Self.failure(path, errno)) }
      written += step
      length += Int64(step)
    }
  }

  /// Puts the file in its place, where nothing is yet: it is there as a whole or not at all.
  func finish() throws(FetchError) {
    guard fsync(descriptor) == 0 else { throw .output(Self.failure(path, errno)) }
    // What has come between must not be lost; not every file system has links.
    var status = stat()
    guard lstat(target, &status) != 0 else { throw .output(Self.failure(target, EEXIST)) }
    guard rename(path, target) == 0 else { throw .output(Self.failure(target, errno)) }
    isFinished = true
    unlink(originPath)
    let folder = Foundation.open(
      PathParts(target).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private static func failure(_ path: String, _ code: Int32) -> OutputError {
    code == ELOOP
      ? .notRegular(file: path) : .failed(file: path, reason: String(cString: strerror(code)))
  }
}
