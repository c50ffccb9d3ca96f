import Imaging

/// Why a file of weights is not fetched. Each description is one line with the remedy.
package enum FetchError: Error, Equatable, Sendable {
  /// The manifest cannot be understood.
  case manifest(file: String, reason: String)
  /// The manifest has no file of the network, for the reason noted there.
  case noFiles(network: String, note: String?)
  case noFormat(network: String, format: String, known: [String])
  /// The folder is not there and cannot be made.
  case folder(path: String, reason: String?)
  /// Something cannot be written.
  case output(OutputError)
  /// Another fetch holds the partial file.
  case busy(part: String)
  /// There is a file at this path, and it is not the publisher's.
  case occupied(path: String, expected: String, found: String)
  /// The server, or a proxy on the way, is not reached.
  case unreachable(url: String, reason: String, path: String)
  /// The certificate of the server is not trusted.
  case untrusted(url: String, reason: String)
  case status(url: String, code: Int, path: String)
  case tooManyRedirects(url: String, limit: Int)
  /// A redirect to something other than `allowed`.
  case forbiddenRedirect(url: String, allowed: String)
  /// Nothing arrived for so long.
  case stalled(url: String, patience: Duration, kept: Int64, part: String)
  /// The connection ended after `kept` bytes.
  case cutOff(url: String, kept: Int64, of: Int64?, part: String)
  /// The length is not what the publisher states; both in bytes.
  case wrongSize(url: String, expected: Int64, found: Int64)
  /// More than the file has, or any file of weights.
  case tooLarge(url: String, limit: Int64)
  case webPage(url: String, path: String)
  /// The contents are not what the publisher states.
  case wrongDigest(url: String, expected: String, found: String, stated: String)
  case failed(url: String, reason: String)
}

extension FetchError: CustomStringConvertible {
  package var description: String { text.onOneLine }

  private var text: String {
    switch self {
    case .manifest(let file, let reason):
      "\(file): not a manifest (\(reason)); weights/README.md tells its form"
    case .noFiles(let network, let note):
      "\(network) cannot be fetched: \(note ?? "the manifest names no file")"
    case .noFormat(let network, let format, let known):
      "\(network) is not to be had as '\(format)'; there are \(known.joined(separator: ", "))"
    case .folder(let path, let reason):
      "\(path): no such folder can be made\(reason.map { " (\($0))" } ?? ""); choose another --output"
    case .output(let error): error.description
    case .busy(let part):
      "\(part): another fetch is at work on it; wait for its end"
    case .occupied(let path, let expected, let found):
      """
      \(path): a file is there already, and not the publisher's: \(found), expected \(expected); \
      move it away or choose another --output
      """
    case .unreachable(let url, let reason, let path):
      """
      \(url): cannot be reached (\(reason)); fetch it where there is a network, \
      put it at \(path) and run this again to verify it
      """
    case .untrusted(let url, let reason):
      "\(url): the server is not trusted (\(reason)); check the clock and the system's certificates"
    case .status(let url, let code, let path):
      "\(url): the server answered \(code)\(Self.meaning(of: code, path))"
    case .tooManyRedirects(let url, let limit):
      "\(url): redirected more than \(limit) times; try again later"
    case .forbiddenRedirect(let url, let allowed):
      "\(url): redirected to something other than \(allowed), which is not followed"
    case .stalled(let url, let patience, let kept, let part):
      "\(url): nothing arrived for \(Self.time(patience)); \(Self.resume(kept, nil, part))"
    case .cutOff(let url, let kept, let total, let part):
      "\(url): the connection ended too early; \(Self.resume(kept, total, part))"
    case .wrongSize(let url, let expected, let found):
      """
      \(url): the server has \(found) bytes, the publisher states \(expected); try again later
      """
    case .tooLarge(let url, let limit):
      "\(url): more than \(limit) bytes, which cannot be the file; try again later"
    case .webPage(let url, let path):
      """
      \(url): a web page came instead of the file, of a login or a proxy on the way perhaps; \
      fetch the file in a browser and put it at \(path)
      """
    case .wrongDigest(let url, let expected, let found, let stated):
      """
      \(url): what came is not the publisher's file: \(found), expected \(expected) (stated in \
      \(stated)); nothing of it is kept; try again later
      """
    case .failed(let url, let reason):
      "\(url): could not be fetched (\(reason))"
    }
  }

  private static func meaning(of code: Int, _ path: String) -> String {
    switch code {
    case 401, 403:
      """
       (it does not let the file be fetched); fetch the file in a browser and put it at \(path)
      """
    case 404, 410:
      " (there is no such file any more); look for it at the publisher's and put it at \(path)"
    case 407: " (the proxy wants a password); give it in the variables http_proxy and https_proxy"
    case 429: " (too many requests); try again later"
    case 500...599: " (the server is at fault); try again later"
    default: "; try again later"
    }
  }

  private static func resume(_ kept: Int64, _ total: Int64?, _ part: String) -> String {
    guard kept > 0 else { return "nothing was kept; try again later" }
    let of = total.map { " of \($0)" } ?? ""
    return "\(kept)\(of) bytes are kept in \(part); run this again to go on from there"
  }

  private static func time(_ patience: Duration) -> String {
    patience.formatted(.units(allowed: [.seconds, .milliseconds], width: .narrow))
  }
}
