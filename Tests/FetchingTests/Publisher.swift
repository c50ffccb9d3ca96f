import Fetching
import Foundation
import TestSupport

/// A file, and what its publisher states of it. The digests are those of Python's hashlib.
enum Publisher {
  static let name = "net.caffemodel"
  static let body = Data((0..<200_000).map { UInt8(truncatingIfNeeded: ($0 * $0) >> 3) })
  static let half = body.prefix(100_000)
  static let rest = body.suffix(100_000)
  /// As long, and not one byte the same.
  static let other = Data(body.map { 255 - $0 })

  static let sha256 = "344f3568ad4278541f01319d4af330241a1d292e170336f3bb2be1cfb5af24c0"
  static let halfSHA256 = "4b5479a255c44228c1a4a459d314a1e7dd2b2493ae5cb99322f01d558bc45790"
  static let otherSHA256 = "670c2ff42664c693a2f46cc39983468b8945849a99f5a50e5cce4e0bccf62a26"
  static let gitBlobSHA1 = "df92940ea4ca583600bb7d7166d651f7d6757e4c"
  static let sha1 = "daea86390fd6767c0d8323269233ce35282988a5"
  static let md5 = "60547e413b0d8f13d7da8ba233cc725b"

  static let etag = "\"one\""
  static let served = ["ETag: \(etag)"]

  /// A manifest with the file as the only one of a network `net`, read as the command reads it.
  static func manifest(
    at url: String, digest: (kind: String, value: String)? = ("sha256", sha256),
    size: Int? = nil
  ) throws -> Data {
    var file: [String: Any] = [
      "name": name, "format": "caffemodel", "url": url, "licence": "of the test",
    ]
    if let digest {
      file["digest"] = ["kind": digest.kind, "value": digest.value, "stated": "the test"]
    }
    if let size { file["size"] = size }
    return try JSONSerialization.data(withJSONObject: [
      "networks": [["name": "net", "citation": "nobody", "files": [file]]]
    ])
  }
}

/// One folder that files are fetched into.
struct Fetcher {
  let folder: URL
  /// The address of the file.
  var url: String
  var digest: (kind: String, value: String)? = ("sha256", Publisher.sha256)
  var size: Int?
  var attempts = 1
  var patience = Duration.seconds(10)
  var limit: Int64 = 1 << 20

  init(_ folder: URL, _ server: LocalServer) {
    self.folder = folder
    url = "\(server.address)/\(Publisher.name)"
    Self.keepProxiesAway
  }

  /// Where the environment names a proxy, it is not asked for this machine's own addresses.
  private static let keepProxiesAway: Void = {
    let names = ["http_proxy", "all_proxy", "ALL_PROXY"]
    if names.contains(where: { ProcessInfo.processInfo.environment[$0] != nil }) {
      setenv("no_proxy", "127.0.0.1", 1)
    }
  }()

  var path: String { folder.appending(path: Publisher.name).path }
  var part: String { "\(path).part" }

  /// Fetches the file; the error is the text of it.
  func callAsFunction() throws -> (result: Download.Result?, error: String?) {
    let manifest = FileManager.default.temporaryDirectory
      .appending(path: "manifest-\(UUID().uuidString).json")
    try Publisher.manifest(at: url, digest: digest, size: size).write(to: manifest)
    defer { try? FileManager.default.removeItem(at: manifest) }
    let file = try Manifest(contentsOf: manifest).network(named: "net").file(format: nil)
    var download = Download(of: file, to: folder.path)
    (download.attempts, download.patience, download.limit) = (attempts, patience, limit)
    do throws(FetchError) { return (try download(), nil) } catch {
      return (nil, error.description)
    }
  }

  /// What is in the folder.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  func contents(of path: String) -> Data? { FileManager.default.contents(atPath: path) }

  /// Whether the file is there, right, and alone.
  func isWhole() throws -> Bool {
    try names() == [Publisher.name] && contents(of: path) == Publisher.body
  }
}

/// Runs a test with a server and a folder.
func withServer<R>(
  _ answer: @escaping @Sendable (LocalServer.Request, Int) -> [LocalServer.Step],
  _ body: (LocalServer, Fetcher) throws -> R
) throws -> R {
  let server = try LocalServer(answer)
  defer { server.stop() }
  return try withTemporaryFolder { try body(server, Fetcher($0, server)) }
}
