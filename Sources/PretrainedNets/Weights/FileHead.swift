import Foundation

/// A regular file's first bytes and length: what its format is told by.
struct FileHead: Sendable {
  let path: String
  /// At most ``byteCount`` bytes.
  let bytes: [UInt8]
  /// The length of the file in bytes.
  let length: UInt64

  static let byteCount = 512

  /// - Throws: ``WeightFileError`` where there is no such file, or none that may be read.
  init(of path: String) throws(WeightFileError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .missing(file: path)
    }
    // The link is resolved first: attributes are those of the link itself.
    let resolved = URL(filePath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
    guard !isFolder.boolValue, attributes?[.type] as? FileAttributeType == .typeRegular else {
      throw .notAFile(file: path)
    }
    let length = (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    guard length > 0 else { throw .empty(file: path) }
    guard let file = FileHandle(forReadingAtPath: path),
      let bytes = try? file.read(upToCount: Self.byteCount)
    else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
    (self.path, self.bytes, self.length) = (path, Array(bytes), length)
  }
}
