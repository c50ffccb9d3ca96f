internal import CLibcrypto
import Foundation

/// What a publisher states of the contents of a file.
package struct Digest: Sendable, Equatable, Decodable {
  package enum Kind: String, Sendable, Decodable, CaseIterable {
    case sha256
    /// The first digits of the SHA-256, eight or more.
    case sha256Prefix = "sha256-prefix"
    case sha1
    /// The name that Git gives a file: the SHA-1 of `blob`, its length and its bytes.
    case gitBlobSHA1 = "git-blob-sha1"
    case md5
  }

  package let kind: Kind
  /// In hexadecimal digits, small letters.
  package let value: String
  /// Where the publisher states it.
  package let stated: String

  /// Whether the digits are as many as the kind has, and hexadecimal.
  var isWellFormed: Bool {
    let counts: ClosedRange<Int> =
      switch kind {
      case .sha256: 64...64
      case .sha256Prefix: 8...64
      case .sha1, .gitBlobSHA1: 40...40
      case .md5: 32...32
      }
    return counts.contains(value.count)
      && value.allSatisfy { $0.isNumber && $0.isASCII || ("a"..."f").contains($0) }
  }
}

extension Digest: CustomStringConvertible {
  package var description: String { "\(kind.title) \(value)" }
}

extension Digest.Kind {
  var title: String {
    switch self {
    case .sha256: "SHA-256"
    case .sha256Prefix: "SHA-256 beginning with"
    case .sha1: "SHA-1"
    case .gitBlobSHA1: "Git's SHA-1"
    case .md5: "MD5"
    }
  }
}

extension Digest {
  /// As many digits of an open file's digest as ``value`` has; `nil` where it cannot be read, or
  /// the system's libcrypto does not know the algorithm.
  func digits(of file: borrowing ReadableFile) -> String? {
    let algorithm =
      switch kind {
      case .sha256, .sha256Prefix: EVP_sha256()
      case .sha1, .gitBlobSHA1: EVP_sha1()
      case .md5: EVP_md5()
      }
    guard let length = file.length, let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestInit_ex(context, algorithm, nil) == 1 else { return nil }
    if kind == .gitBlobSHA1 {
      let head = Array("blob \(length)\0".utf8)
      guard EVP_DigestUpdate(context, head, head.count) == 1 else { return nil }
    }
    let isRead = file.forEachPiece { piece in
      EVP_DigestUpdate(context, piece.baseAddress, piece.count) == 1
    }
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard isRead, EVP_DigestFinal_ex(context, &bytes, &count) == 1 else { return nil }
    let digits = bytes.prefix(Int(count)).map { String(format: "%02x", $0) }.joined()
    return String(digits.prefix(value.count))
  }
}
