import Foundation

/// What arrives by one request, on its way into the partial file.
final class Arrival: HTTPGet.Receiver {
  /// What a request comes to.
  enum Outcome {
    case whole
    /// The server has another version than the one that the partial file is of.
    case otherVersion
    case interrupted(FetchError)
  }

  private let download: Download
  private let part: PartialFile
  private let progress: (Int64, Int64?) -> Void
  private let from: Int64
  private var total: Int64?
  private var outcome: Outcome?
  private var error: FetchError?
  /// How many bytes arrived.
  private(set) var count: Int64 = 0
  /// Whether they were put behind those of an earlier request.
  private(set) var isContinued = false

  private var file: Manifest.File { download.file }

  init(
    of download: Download, in part: PartialFile, _ progress: @escaping (Int64, Int64?) -> Void
  ) {
    (self.download, self.part, self.progress) = (download, part, progress)
    // Bytes that nothing vouches for are not gone on with.
    let origin = part.origin
    let isKnown =
      origin?.url == download.file.url
      && (origin?.validator != nil || download.file.digest != nil)
    from = isKnown ? part.length : 0
  }

  /// Runs the request.
  ///
  /// - Throws: ``FetchError`` where it is of no use to ask again at once.
  func get() throws(FetchError) -> Outcome {
    let get = HTTPGet(
      url: file.url, from: from, validator: from > 0 ? part.origin?.validator : nil,
      patience: download.patience)
    let end = get(self)
    if let error { throw error }
    if let outcome { return outcome }
    switch end {
    case .done where total.map { part.length >= $0 } ?? true, .stopped: return .whole
    case .done, .cutOff:
      return .interrupted(
        .cutOff(url: file.url, kept: part.length, of: total, part: part.path))
    case .stalled:
      return .interrupted(
        .stalled(
          url: file.url, patience: download.patience, kept: part.length, part: part.path))
    case .unreachable(let obstacle):
      throw .unreachable(url: file.url, reason: obstacle.reason, path: download.path)
    case .tooManyRedirects:
      throw .tooManyRedirects(url: file.url, limit: get.redirects)
    case .forbiddenProtocol:
      let allowed = file.url.lowercased().hasPrefix("http:") ? "http and https" : "https"
      throw .forbiddenRedirect(url: file.url, allowed: allowed)
    case .untrusted(let reason): throw .untrusted(url: file.url, reason: reason)
    case .failed(let reason): throw .failed(url: file.url, reason: reason)
    }
  }

  func respond(to response: HTTPGet.Response) -> Bool {
    switch response.status {
    case 200:
      total = response.length
    case 206 where from > 0:
      let range = ContentRange(response.contentRange)
      guard range?.start == from, isSameVersion(response) else {
        outcome = .otherVersion
        return false
      }
      total = range?.total ?? response.length.map { from + $0 }
      isContinued = true
    case 416 where from > 0:
      // The last byte may have been the last thing that happened.
      total = ContentRange(response.contentRange)?.total
      isContinued = true
      outcome = total == from ? .whole : .otherVersion
      return false
    default:
      error = .status(url: file.url, code: response.status, path: download.path)
      return false
    }
    return attempt { () throws(FetchError) in
      try check(response)
      if !isContinued {
        try part.restart(
          from: PartialFile.Origin(url: file.url, validator: response.validator))
      }
      progress(part.length, total)
    }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    attempt { () throws(FetchError) in
      let limit = min(file.size ?? download.limit, download.limit)
      guard Int64(bytes.count) <= limit - part.length else {
        try part.discard()
        throw .tooLarge(url: file.url, limit: limit)
      }
      try part.append(bytes)
      count += Int64(bytes.count)
      progress(part.length, total)
    }
  }

  /// Refuses what cannot be the file, before anything that is there is given up for it.
  private func check(_ response: HTTPGet.Response) throws(FetchError) {
    if response.contentType?.lowercased().hasPrefix("text/html") == true {
      throw .webPage(url: file.url, path: download.path)
    }
    guard let total else { return }
    if let size = file.size, size != total {
      throw .wrongSize(url: file.url, expected: size, found: total)
    }
    if total > download.limit { throw .tooLarge(url: file.url, limit: download.limit) }
  }

  /// Whether the response does not contradict what the partial file came with.
  private func isSameVersion(_ response: HTTPGet.Response) -> Bool {
    guard let known = part.origin?.validator, let told = response.validator else { return true }
    return known == told
  }

  private func attempt(_ body: () throws(FetchError) -> Void) -> Bool {
    do throws(FetchError) {
      try body()
      return true
    } catch {
      self.error = error
      return false
    }
  }
}

extension HTTPGet.Response {
  /// What the server knows this version by: a strong ETag, or else a date (RFC 9110, 13.1.5).
  fileprivate var validator: String? {
    let told = etag.flatMap { $0.hasPrefix("W/") ? nil : $0 } ?? lastModified
    return told.flatMap { $0.isEmpty || $0.utf8.count > 500 ? nil : $0 }
  }
}

/// The header `Content-Range: bytes START-END/TOTAL`, or `bytes */TOTAL` (RFC 9110, 14.4).
private struct ContentRange {
  let start: Int64?
  let total: Int64?

  init?(_ text: String?) {
    guard let match = text?.wholeMatch(of: /bytes (?:(\d+)-\d+|\*)\/(?:(\d+)|\*)/) else {
      return nil
    }
    start = match.1.flatMap { Int64($0) }
    total = match.2.flatMap { Int64($0) }
  }
}

extension HTTPGet.Obstacle {
  fileprivate var reason: String {
    switch self {
    case .noName: "its name is not known"
    case .noProxyName: "the name of the proxy is not known"
    case .refusedByProxy: "the proxy does not lead there"
    case .noConnection:
      Self.hasProxies ? "nobody answers there, or at the proxy" : "nobody answers there"
    }
  }

  /// Whether the environment names a proxy.
  private static var hasProxies: Bool {
    ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].contains {
      ProcessInfo.processInfo.environment[$0]?.isEmpty == false
    }
  }
}
