import Fetching
import Foundation
import TestSupport
import Testing

/// Downloads that end too early, and go on.
@Suite("Interrupted downloads")
struct ResumptionTests {
  typealias Step = LocalServer.Step

  /// The first half of the file, as of a server that breaks off.
  private static let broken: [Step] = [
    .head(200, ["Content-Length: 200000"] + Publisher.served), .send(Publisher.half),
  ]

  /// The second half, as it was asked for.
  private static func continued(_ headers: [String] = Publisher.served) -> [Step] {
    Step.whole(status: 206, Publisher.rest, ["Content-Range: bytes 100000-199999/200000"] + headers)
  }

  /// What the first run ends with.
  private static func line(_ fetcher: Fetcher) -> String {
    """
    \(fetcher.url): the connection ended too early; \
    100000 of 200000 bytes are kept in \(fetcher.part); run this again to go on from there
    """
  }

  @Test("the next run goes on where the last ended")
  func resumed() throws {
    try withServer({ request, _ in request.from == nil ? Self.broken : Self.continued() }) {
      server, fetcher throws in
      #expect(try fetcher().error == Self.line(fetcher))
      #expect(try fetcher.names() == ["net.caffemodel.part", "net.caffemodel.part.from"])
      #expect(fetcher.contents(of: fetcher.part) == Publisher.half)
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
      #expect(server.requests.map(\.from) == [nil, 100_000])
      #expect(server.requests.dropFirst().first?.headers["if-range"] == Publisher.etag)
    }
  }

  @Test("a run goes on by itself, while something arrives")
  func attempts() throws {
    // A quarter at a time.
    let quarters: @Sendable (LocalServer.Request, Int) -> [Step] = { request, _ in
      let from = request.from ?? 0
      let length = "Content-Length: \(200_000 - from)"
      let range = "Content-Range: bytes \(from)-199999/200000"
      return [
        .head(from == 0 ? 200 : 206, [length] + (from == 0 ? [] : [range])),
        .send(Publisher.body[from..<from + 50_000]),
      ]
    }
    try withServer(quarters) { server, fetcher throws in
      var fetcher = fetcher
      fetcher.attempts = 3
      #expect(
        try fetcher().error == """
          \(fetcher.url): the connection ended too early; \
          150000 of 200000 bytes are kept in \(fetcher.part); run this again to go on from there
          """)
      fetcher.attempts = 5
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
      #expect(server.requests.map(\.from) == [nil, 50_000, 100_000, 150_000])
    }
    // Where nothing arrives, asking again at once is of no use.
    try withServer({ _, _ in [.head(200, ["Content-Length: 200000"])] }) { server, fetcher throws in
      var fetcher = fetcher
      fetcher.attempts = 5
      #expect(
        try fetcher().error == """
          \(fetcher.url): the connection ended too early; nothing was kept; try again later
          """)
      #expect(try fetcher.names() == [])
      #expect(server.requests.count == 1)
    }
  }

  @Test("a server that falls silent is left", arguments: [true, false])
  func stalled(inBody: Bool) throws {
    try withServer({ request, _ in
      guard request.from == nil else { return Self.continued() }
      return inBody ? Self.broken + [.stall] : [.stall]
    }) { server, fetcher throws in
      var fetcher = fetcher
      fetcher.patience = .seconds(1)
      let kept =
        inBody
        ? "100000 bytes are kept in \(fetcher.part); run this again to go on from there"
        : "nothing was kept; try again later"
      #expect(try fetcher().error == "\(fetcher.url): nothing arrived for 1s; \(kept)")
      #expect(
        try fetcher.names() == (inBody ? ["net.caffemodel.part", "net.caffemodel.part.from"] : []))
      guard inBody else { return }
      fetcher.patience = .seconds(10)
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
    }
  }

  @Test("a server that knows no ranges sends all of it again")
  func ignored() throws {
    try withServer({ _, count in
      count == 0 ? Self.broken : Step.whole(Publisher.body, Publisher.served)
    }) { server, fetcher throws in
      #expect(try fetcher().error == Self.line(fetcher))
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
      #expect(server.requests.map(\.from) == [nil, 100_000])
    }
  }

  /// What a server may answer to the second request, after the first was broken off, with a file
  /// that has changed or that it does not handle well.
  static let changes: [(name: String, answer: [Step])] = [
    ("all of the new file", Step.whole(Publisher.body, ["ETag: \"two\""])),
    (
      "a part with another ETag",
      Step.whole(
        status: 206, Publisher.other.suffix(100_000),
        ["Content-Range: bytes 100000-199999/200000", "ETag: \"two\""])
    ),
    (
      "a part of the other file without an ETag",
      Step.whole(
        status: 206, Publisher.other.suffix(100_000), ["Content-Range: bytes 100000-199999/200000"])
    ),
    (
      "a part from elsewhere",
      Step.whole(
        status: 206, Publisher.half, ["Content-Range: bytes 0-99999/200000"] + Publisher.served)
    ),
    ("a part from nowhere", Step.whole(status: 206, Publisher.rest, Publisher.served)),
    ("no such range", Step.whole(status: 416, Data(), ["Content-Range: bytes */99999"])),
    ("no such range, without a length", Step.whole(status: 416, Data())),
  ]

  @Test("a file that has changed meanwhile is fetched from its start", arguments: changes.indices)
  func changed(index: Int) throws {
    let change = Self.changes[index]
    try withServer({ request, count in
      switch count {
      case 0: Self.broken
      case 1: change.answer
      default: Step.whole(Publisher.body, ["ETag: \"two\""])
      }
    }) { server, fetcher throws in
      #expect(try fetcher().error == Self.line(fetcher))
      #expect(try fetcher().error == nil, "\(change.name)")
      #expect(try fetcher.isWhole())
      #expect(server.requests.map(\.from) == [nil, 100_000] + (index == 0 ? [] : [nil]))
    }
  }

  @Test("without a digest, another ETag or date alone tells that a file has changed")
  func untold() throws {
    for header in ["ETag", "Last-Modified"] {
      try withServer({ request, count in
        let served = ["\(header): \(count == 0 ? "\"one\"" : "\"two\"")"]
        guard let from = request.from else {
          return count == 0
            ? [
              .head(200, ["Content-Length: 200000"] + served),
              .send(Publisher.other.prefix(100_000)),
            ]
            : Step.whole(Publisher.body, served)
        }
        let range = "Content-Range: bytes \(from)-199999/200000"
        return Step.whole(status: 206, Publisher.rest, [range] + served)
      }) { server, fetcher throws in
        var fetcher = fetcher
        fetcher.digest = nil
        #expect(try fetcher().error == Self.line(fetcher))
        #expect(try fetcher().error == nil)
        #expect(try fetcher.isWhole())
        #expect(server.requests.map(\.from) == [nil, 100_000, nil])
        #expect(server.requests.dropFirst().first?.headers["if-range"] == "\"one\"")
      }
    }
  }

  @Test("a server that contradicts itself again and again is left")
  func contradictions() throws {
    try withServer({ request, count in
      request.from == nil && count != 2
        ? Self.broken : Step.whole(status: 416, Data(), ["Content-Range: bytes */5"])
    }) { server, fetcher throws in
      #expect(try fetcher().error == Self.line(fetcher))
      #expect(
        try fetcher().error
          == "\(fetcher.url): the server answered 416; try again later")
      #expect(try fetcher.names() == [])
      #expect(server.requests.map(\.from) == [nil, 100_000, nil])
    }
  }

  @Test("what nothing vouches for is not gone on with")
  func unknown() throws {
    try withServer({ _, count in
      count == 0
        ? [.head(200, ["Content-Length: 200000", "ETag: W/\"weak\""]), .send(Publisher.half)]
        : Step.whole(Publisher.body)
    }) { server, fetcher throws in
      var fetcher = fetcher
      fetcher.digest = nil
      #expect(try fetcher().error == Self.line(fetcher))
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
      #expect(server.requests.map(\.from) == [nil, nil])
    }
  }

  @Test("what came from another address is not gone on with")
  func elsewhere() throws {
    try withServer({ _, count in count == 0 ? Self.broken : Step.whole(Publisher.body) }) {
      server, fetcher throws in
      var fetcher = fetcher
      #expect(try fetcher().error == Self.line(fetcher))
      fetcher.url = "\(server.address)/mirror/net"
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
      #expect(server.requests.map(\.from) == [nil, nil])
    }
  }

  @Test("a run that ended before its last step takes that step")
  func lastStep() throws {
    try withServer({ _, _ in
      Step.whole(status: 416, Data(), ["Content-Range: bytes */200000"])
    }) { server, fetcher throws in
      func prepare() throws {
        try Publisher.body.write(to: URL(filePath: fetcher.part))
        try Data("\(fetcher.url)\n\(Publisher.etag)\n".utf8)
          .write(to: URL(filePath: "\(fetcher.part).from"))
      }
      try prepare()
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
      #expect(server.requests.isEmpty)

      // Without a digest the server knows.
      unlink(fetcher.path)
      try prepare()
      var trusting = fetcher
      trusting.digest = nil
      #expect(try trusting().error == nil)
      #expect(try fetcher.isWhole())
      #expect(server.requests.map(\.from) == [200_000])
    }
  }
}
