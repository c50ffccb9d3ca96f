import Foundation

/// A file open for reading at offsets, closed with the value.
struct RawFile: ~Copyable {
  let path: String
  /// In bytes.
  let length: UInt64
  private let descriptor: CInt

  /// Opens the file.
  ///
  /// - Throws: ``WeightFileError`` where there is no such file, or none that may be read.
  init(at path: String) throws(WeightFileError) { try self.init(FileHead(of: path)) }

  init(_ head: FileHead) throws(WeightFileError) {
    let descriptor = open(head.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .unreadable(file: head.path, reason: String(cString: strerror(errno)))
    }
    (path, length, self.descriptor) = (head.path, head.length, descriptor)
  }

  deinit { close(descriptor) }

  /// Whether the file is as long as that.
  func contains(offset: UInt64, count: Int) -> Bool {
    count >= 0 && offset <= length && UInt64(count) <= length - offset
  }

  /// Reads bytes; errors name the place `inside` the file.
  ///
  /// - Throws: ``WeightFileError`` where they are not all there.
  func bytes(
    _ count: Int, at offset: UInt64, inside: String
  ) throws(WeightFileError) -> [UInt8] {
    guard contains(offset: offset, count: count) else {
      throw .corrupt(file: path, inside: inside, reason: outside(offset, count))
    }
    var failure: WeightFileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(WeightFileError) {
        try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset, inside: inside)
        filled = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Fills a buffer.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, inside: String
  ) throws(WeightFileError) {
    guard contains(offset: offset, count: buffer.count) else {
      throw .corrupt(file: path, inside: inside, reason: outside(offset, buffer.count))
    }
    var done = 0
    while done < buffer.count {
      // The file is as long as an `off_t` can tell, and so is what lies in it.
      let got = pread(
        descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done,
        off_t(offset) + off_t(done))
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else {
        throw .unreadable(file: path, reason: String(cString: strerror(errno)))
      }
      guard got > 0 else {
        throw .truncated(file: path, expected: length, found: offset + UInt64(done))
      }
      done += got
    }
  }

  private func outside(_ offset: UInt64, _ count: Int) -> String {
    "\(count) bytes from byte \(offset) on reach beyond the \(length) of the file"
  }
}

/// A part of a file.
struct FileRegion {
  /// In bytes from the start of the file.
  var offset: UInt64
  var byteCount: Int
}
