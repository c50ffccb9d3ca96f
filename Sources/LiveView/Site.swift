import FlyingFox
import Foundation

/// What is answered to whom.
///
/// Only a request to this machine by its name or number is, which another site's name that was made to point here
/// does not give; only one with the token, which other sites do not know; and what another site's page sends is
/// refused whatever it has.
package struct Site: Sendable {
  private let token: String
  private let search: ShownSearch
  private let canStop: Bool
  private let keep: LiveView.Keep

  package init(
    token: String, search: ShownSearch, canStop: Bool, keep: @escaping LiveView.Keep
  ) {
    (self.token, self.search) = (token, search)
    (self.canStop, self.keep) = (canStop, keep)
  }

  package func answer(_ request: HTTPRequest) async -> HTTPResponse {
    guard let host = request.headers[.host], Self.isLocal(host) else {
      return Self.text("ask for 127.0.0.1 or localhost", .forbidden)
    }
    let origin = request.headers[HTTPHeader("Origin")]
    guard origin == nil || origin == "http://\(host)" else {
      return Self.text("not for pages of other sites", .forbidden)
    }
    // As it was sent: links lead elsewhere from an address without its last slash.
    let parts = request.target.path().split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, Self.isSame(String(parts[1]), token) else {
      return Self.text("give the whole address that the program printed", .forbidden)
    }
    switch (request.method, String(parts[2])) {
    case (.GET, ""): return page { try LivePage.html(of: search.look(), canStop: canStop) }
    case (.GET, "moment"): return page { try LivePage.moment(search.look()).text }
    case (.GET, "view.js"): return Self.response(LivePage.script, "text/javascript")
    case (.POST, "stop") where canStop:
      search.stop()
      return Self.text("The search ends after this iteration.")
    case (.POST, "keep"): return kept(request.query["snapshot"].flatMap { Int($0) })
    default: return Self.text("there is no such page", .notFound)
    }
  }

  private func kept(_ number: Int?) -> HTTPResponse {
    guard let number, let snapshot = search.snapshot(number) else {
      return Self.text("This picture is gone; keep one that is shown.", .notFound)
    }
    do {
      return Self.text("Iteration \(snapshot.iteration) is kept as \(try keep(snapshot)).")
    } catch {
      return Self.text("It could not be kept: \(error)", .internalServerError)
    }
  }

  private func page(_ make: () throws -> String) -> HTTPResponse {
    do { return Self.response(try make(), "text/html") } catch {
      return Self.text("\(error)", .internalServerError)
    }
  }

  private static func text(_ text: String, _ status: HTTPStatusCode = .ok) -> HTTPResponse {
    response(text + "\n", "text/plain", status)
  }

  private static func response(
    _ text: String, _ type: String, _ status: HTTPStatusCode = .ok
  ) -> HTTPResponse {
    HTTPResponse(
      statusCode: status,
      headers: HTTPHeaders([
        .contentType: "\(type); charset=utf-8",
        HTTPHeader("Cache-Control"): "no-store",
        HTTPHeader("Referrer-Policy"): "no-referrer",
        HTTPHeader("X-Content-Type-Options"): "nosniff",
        HTTPHeader("Content-Security-Policy"):
          "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; "
          + "style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      ]), body: Data(text.utf8))
  }

  /// Whether this is what a browser calls this machine; the port does not matter, for it was reached.
  private static func isLocal(_ host: String) -> Bool {
    let parts = host.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count <= 2 && ["127.0.0.1", "localhost"].contains(parts[0].lowercased())
  }

  /// Takes as long whatever differs, so that nothing is learnt from the time.
  private static func isSame(_ one: String, _ other: String) -> Bool {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
