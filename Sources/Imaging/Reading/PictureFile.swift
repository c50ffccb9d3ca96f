internal import Foundation

/// A regular file opened for reading.
///
/// The bytes are read at once: what is decoded cannot change underfoot.
struct PictureFile: ~Copyable {
  /// Files of more bytes than this are refused; a picture of the most pixels that are read, stored
  /// without compression as 16 bit RGBA, just fits.
  static let byteLimit = Picture.pixelLimit * 8 + (64 << 20)

  private let path: String
  private let descriptor: Int32
  private let size: Int

  /// Opens a file.
  ///
  /// - Throws: ``PictureError`` where it is missing, no file, unreadable, empty or too long.
  init(at path: String) throws(PictureError) {
    self.path = path
    // Without waiting: a pipe that nobody writes to would block.
    descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    let code = errno
    var status = stat()
    let known = descriptor >= 0 && fstat(descriptor, &status) == 0
    size = known ? Int(status.st_size) : 0
    guard descriptor >= 0 else {
      throw code == ENOENT || code == ENOTDIR
        ? .missing(file: path) : .unreadable(file: path, reason: String(cString: strerror(code)))
    }
    guard known, status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(file: path) }
    guard size > 0 else { throw .empty(file: path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The first bytes, `count` or as many as there are.
  func head(_ count: Int) throws(PictureError) -> [UInt8] { try bytes(min(count, size)) }

  /// All bytes.
  func contents() throws(PictureError) -> [UInt8] {
    guard size <= Self.byteLimit else {
      throw .fileTooLarge(file: path, bytes: size, limit: Self.byteLimit)
    }
    return try bytes(size)
  }

  private func bytes(_ count: Int) throws(PictureError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, let start = buffer.baseAddress {
        let step = pread(descriptor, start + filled, count - filled, off_t(filled))
        if step < 0, errno == EINTR { continue }
        if step < 0 { failure = errno }
        if step <= 0 { break }
        filled += step
      }
    }
    guard failure == 0 else {
      throw .unreadable(file: path, reason: String(cString: strerror(failure)))
    }
    return bytes
  }
}
