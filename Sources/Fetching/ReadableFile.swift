import Foundation

/// A regular file that is open for reading.
struct ReadableFile: ~Copyable {
  private let descriptor: Int32

  /// `nil` where there is no file that can be read.
  init?(at path: String) {
    // A pipe would wait for a writer.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// In bytes.
  var length: Int64? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : nil
  }

  /// The first bytes, as many as there are up to `count`.
  func head(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = pread(descriptor, &bytes, count, 0)
    return Array(bytes.prefix(max(0, read)))
  }

  /// Reads from the start to the end, a megabyte at a time, until `body` returns `false`; whether
  /// all was read.
  func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var offset: off_t = 0
    return buffer.withUnsafeMutableBytes { buffer in
      while true {
        let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return count == 0 }
        guard body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return false }
        offset += off_t(count)
      }
    }
  }
}
