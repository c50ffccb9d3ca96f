internal import CHTTP

/// A GET over HTTP: what is asked for, and how patiently.
struct HTTPGet {
  let url: String
  /// The first byte that is asked for.
  var from: Int64 = 0
  /// What the bytes before were served with, an ETag or a date; the server then sends everything
  /// where it has something else by now.
  var validator: String?
  var redirects = 10
  /// How long nothing may arrive.
  var patience: Duration

  /// The answer behind all redirects.
  struct Response {
    let status: Int
    /// Of the body in bytes, where the server states it.
    let length: Int64?
    let etag, lastModified, contentRange, contentType: String?
  }

  /// How it ended.
  enum End: Equatable {
    /// The whole body arrived.
    case done
    /// The receiver had enough.
    case stopped
    case unreachable(Obstacle)
    case stalled
    /// The connection ended before the body did.
    case cutOff
    case tooManyRedirects
    /// A redirect to something other than `https:`, or `http:` where that was asked for.
    case forbiddenProtocol
    case untrusted(reason: String)
    case failed(reason: String)
  }

  /// Why a server is not reached.
  enum Obstacle { case noName, noProxyName, noConnection, refusedByProxy }

  /// Who is told: once of the response, then of its body, piece by piece.
  protocol Receiver: AnyObject {
    /// Whether the body is wanted.
    func respond(to response: Response) -> Bool
    /// Whether more is wanted.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool
  }

  /// Runs it to its end.
  func callAsFunction(_ receiver: any Receiver) -> End {
    let box = Box(receiver)
    var door = pi_http_receiver(
      context: Unmanaged.passUnretained(box).toOpaque(),
      respond: { context, response in
        guard let context, let response = response?.pointee else { return 0 }
        return Box.at(context).respond(to: Response(response)) ? 1 : 0
      },
      receive: { context, bytes, count in
        guard let context, let bytes else { return 0 }
        return Box.at(context).receive(UnsafeRawBufferPointer(start: bytes, count: count)) ? 1 : 0
      })
    let (seconds, attoseconds) = patience.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    var message = [CChar](repeating: 0, count: 256)
    let end = withExtendedLifetime(box) {
      url.withCString { url in
        // An absent text is a null pointer.
        withOptionalCString(validator) { validator in
          var request = pi_http_request(
            url: url, allows_plain: self.url.lowercased().hasPrefix("http:") ? 1 : 0, from: from,
            validator: validator, redirects: redirects, patience: milliseconds)
          return pi_http_get(&request, &door, &message, message.count)
        }
      }
    }
    let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return End(end, reason: String(decoding: bytes, as: UTF8.self))
  }

  private func withOptionalCString<R>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> R
  ) -> R {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
  }

  /// An object that C can hold.
  private final class Box {
    private let receiver: any Receiver

    init(_ receiver: any Receiver) { self.receiver = receiver }

    static func at(_ context: UnsafeMutableRawPointer) -> any Receiver {
      Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().receiver
    }
  }
}

extension HTTPGet.Response {
  fileprivate init(_ response: pi_http_response) {
    func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
    status = Int(response.status)
    length = response.length < 0 ? nil : response.length
    etag = text(response.etag)
    lastModified = text(response.last_modified)
    contentRange = text(response.content_range)
    contentType = text(response.content_type)
  }
}

extension HTTPGet.End {
  fileprivate init(_ end: pi_http_end, reason: String) {
    self =
      switch end {
      case PI_HTTP_DONE: .done
      case PI_HTTP_STOPPED: .stopped
      case PI_HTTP_NO_NAME: .unreachable(.noName)
      case PI_HTTP_NO_PROXY_NAME: .unreachable(.noProxyName)
      case PI_HTTP_NO_CONNECTION: .unreachable(.noConnection)
      case PI_HTTP_REFUSED_BY_PROXY: .unreachable(.refusedByProxy)
      case PI_HTTP_STALLED: .stalled
      case PI_HTTP_CUT_OFF: .cutOff
      case PI_HTTP_TOO_MANY_REDIRECTS: .tooManyRedirects
      case PI_HTTP_FORBIDDEN_PROTOCOL: .forbiddenProtocol
      case PI_HTTP_UNTRUSTED: .untrusted(reason: reason)
      default: .failed(reason: reason)
      }
  }
}
