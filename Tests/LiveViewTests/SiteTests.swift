import FlyingFox
import Foundation
import Imaging
import LiveView
import Testing

/// What is answered to whom.
@Suite("Site")
struct SiteTests {
  private static let token = "0123456789abcdef"

  private static func site(
    _ search: ShownSearch = ShownSearch(), canStop: Bool = true,
    keep: @escaping LiveView.Keep = { "\($0.title).png" }
  ) -> Site {
    Site(token: token, search: search, canStop: canStop, keep: keep)
  }

  private static func request(
    _ line: String, host: String? = "127.0.0.1:8000", origin: String? = nil
  ) -> HTTPRequest {
    let parts = line.split(separator: " ").map(String.init)
    let target = parts[1].split(separator: "?").map(String.init)
    var headers: [HTTPHeader: String] = [:]
    headers[.host] = host
    headers[HTTPHeader("Origin")] = origin
    return HTTPRequest(
      method: HTTPMethod(parts[0]), version: .http11, path: target[0],
      query: target.dropFirst().map {
        let pair = $0.split(separator: "=").map(String.init)
        return .init(name: pair[0], value: pair.last ?? "")
      }, headers: headers, body: Data())
  }

  @Test(
    "the page and what belongs to it are shown to those with the token",
    arguments: [
      "GET /0123456789abcdef/", "GET /0123456789abcdef/moment", "GET /0123456789abcdef/view.js",
    ])
  func shown(line: String) async {
    for host in ["127.0.0.1:8000", "localhost:8000", "LocalHost"] {
      #expect(await Self.site().answer(Self.request(line, host: host)).statusCode == .ok)
    }
  }

  @Test(
    "others are refused, and change nothing",
    arguments: [
      // The host of another site that points here.
      ("POST /0123456789abcdef/stop", "evil.example:8000", nil),
      ("POST /0123456789abcdef/stop", "127.0.0.1.evil.example", nil),
      ("POST /0123456789abcdef/stop", "[::1]:8000", nil), ("POST /0123456789abcdef/stop", nil, nil),
      ("POST /0123456789abcdef/stop", "127.0.0.1:8000", "http://evil.example"),
      ("POST /0123456789abcdef/stop", "127.0.0.1:8000", "http://127.0.0.1:9000"),
      ("POST /0123456789abcdef/stop", "127.0.0.1:8000", "null"),
      ("POST /0123456789abcdee/stop", "127.0.0.1:8000", nil),
      ("POST /0123456789abcde/stop", "127.0.0.1:8000", nil),
      ("POST //stop", "127.0.0.1:8000", nil), ("POST /stop", "127.0.0.1:8000", nil),
      ("POST /", "127.0.0.1:8000", nil),
    ] as [(String, String?, String?)])
  func refused(line: String, host: String?, origin: String?) async {
    let search = ShownSearch()
    let request = Self.request(line, host: host, origin: origin)
    let answer = await Self.site(search).answer(request)
    #expect(answer.statusCode == .forbidden)
    #expect(!search.isStopRequested)
  }

  @Test("only a button ends the search, and only where there is one")
  func stop() async {
    let search = ShownSearch()
    let line = "/\(Self.token)/stop"
    #expect(await Self.site(search).answer(Self.request("GET \(line)")).statusCode == .notFound)
    let fixed = Self.site(search, canStop: false)
    #expect(await fixed.answer(Self.request("POST \(line)")).statusCode == .notFound)
    #expect(!search.isStopRequested)
    let own = Self.request("POST \(line)", origin: "http://127.0.0.1:8000")
    #expect(await Self.site(search).answer(own).statusCode == .ok)
    #expect(search.isStopRequested)
  }

  @Test("the picture that was shown is kept, not the one after it")
  func keep() async throws {
    let search = ShownSearch()
    let site = Self.site(search) { "\($0.title) \($0.iteration).png" }
    search.begin("a", iterations: 9, from: 0)
    _ = search.look()
    search.show(iteration: 3, values: []) { ShownSearchTests.picture }
    let number = try #require(search.look().snapshot).number
    search.show(iteration: 4, values: []) { ShownSearchTests.picture }
    let answer = await site.answer(Self.request("POST /\(Self.token)/keep?snapshot=\(number)"))
    #expect(try await Self.body(answer) == "Iteration 3 is kept as a 3.png.\n")
    for gone in ["keep?snapshot=99", "keep?snapshot=x", "keep"] {
      let answer = await site.answer(Self.request("POST /\(Self.token)/\(gone)"))
      #expect(answer.statusCode == .notFound)
    }
    struct Full: Error, CustomStringConvertible { let description = "the disk is full" }
    let failing = Self.site(search) { _ in throw Full() }
    let failed = await failing.answer(Self.request("POST /\(Self.token)/keep?snapshot=\(number)"))
    #expect(failed.statusCode == .internalServerError)
    #expect(try await Self.body(failed) == "It could not be kept: the disk is full\n")
  }

  @Test("a title is text, and nothing is loaded from elsewhere")
  func escaped() async throws {
    let search = ShownSearch()
    search.begin("<script>", iterations: 9, from: 0)
    let answer = await Self.site(search).answer(Self.request("GET /\(Self.token)/"))
    let page = try await Self.body(answer)
    #expect(page.contains("&lt;script&gt;") && !page.contains("<script>"))
    let policy = answer.headers[HTTPHeader("Content-Security-Policy")] ?? ""
    #expect(policy.hasPrefix("default-src 'none'"))
  }

  private static func body(_ answer: HTTPResponse) async throws -> String {
    String(decoding: try await answer.bodyData, as: UTF8.self)
  }
}
