package import Foundation

/// A digest by which damage and other contents are found, not malice.
package enum Digest {
  /// FNV-1a over words of eight bytes of each part, in hexadecimal digits.
  package static func of(_ parts: Data...) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for part in parts {
      part.withUnsafeBytes { bytes in
        for start in stride(from: 0, to: bytes.count, by: 8) {
          var word: UInt64 = 0
          withUnsafeMutableBytes(of: &word) {
            $0.copyBytes(from: bytes[start..<min(start + 8, bytes.count)])
          }
          hash = (hash ^ word.littleEndian) &* 0x100_0000_01b3
          hash ^= hash >> 32
        }
      }
    }
    return String(hash, radix: 16)
  }
}
