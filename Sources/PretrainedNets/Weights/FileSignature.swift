import Foundation

/// What the first bytes of a file say of its format.
enum FileSignature {
  /// The bytes every HDF5 superblock begins with.
  static let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Names the format of a file that is not read from its first bytes; `nil` if it is not known.
  static func format(of head: [UInt8]) -> String? {
    let text = String(decoding: head.prefix(64), as: UTF8.self)
    for (signature, name) in signatures where head.starts(with: signature) { return name }
    if text.hasPrefix("version https://git-lfs") {
      return "a Git LFS pointer, the file itself was not fetched"
    }
    let opening = text.drop { $0.isWhitespace }.lowercased()
    if opening.hasPrefix("<!doctype") || opening.hasPrefix("<html") {
      return "a web page, likely the error of a failed download"
    }
    if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) {
      return "a tar archive (PyTorch before 0.1.10 wrote such; save it again in a later one)"
    }
    return isPrintable(head) ? "text" : nil
  }

  /// The length of an HDF5 file as its superblock states it, in bytes; `nil` where the superblock
  /// is not at the start or of an unknown version.
  ///
  /// The end-of-file address lies behind the sizes and the base address in versions 0 and 1, and
  /// behind two addresses in versions 2 and 3 (HDF5 File Format Specification, II.A).
  static func statedLength(of head: [UInt8]) -> UInt64? {
    guard head.starts(with: hdf5), head.count >= 64 else { return nil }
    let (widthAt, addressAt): (Int, Int)
    switch head[8] {
    case 0: (widthAt, addressAt) = (13, 40)
    case 1: (widthAt, addressAt) = (13, 44)
    case 2, 3: (widthAt, addressAt) = (9, 28)
    default: return nil
    }
    guard head[widthAt] == 8 else { return nil }
    return head[addressAt..<addressAt + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static let signatures: [([UInt8], String)] = [
    (Array("PK\u{5}\u{6}".utf8), "a zip archive without entries"),
    ([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "a NumPy array"),
    ([0x1f, 0x8b], "gzip-compressed data; unpack it first"),
    ([0x0e, 0x03, 0x13, 0x01], "an HDF4 file"),
    ([0x89, 0x50, 0x4e, 0x47], "a PNG picture"),
    ([0xff, 0xd8, 0xff], "a JPEG picture"),
    (Array("GGUF".utf8), "a GGUF file"),
    (Array("MATLAB".utf8), "a MATLAB file"),
  ]

  static func isPrintable(_ head: [UInt8]) -> Bool {
    head.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
  }
}
