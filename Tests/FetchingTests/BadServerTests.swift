import Fetching
import Foundation
import TestSupport
import Testing

/// Servers that send something other than the file: each ends in one line, and nothing is lost.
@Suite("Bad servers")
struct BadServerTests {
  typealias Step = LocalServer.Step

  private func wrong(_ fetcher: Fetcher, _ found: String) -> String {
    """
    \(fetcher.url): what came is not the publisher's file: SHA-256 \(found), \
    expected SHA-256 \(Publisher.sha256) (stated in the test); nothing of it is kept; \
    try again later
    """
  }

  @Test("a wrong file of the right length")
  func wrongFile() throws {
    try withServer({ _, _ in Step.whole(Publisher.other) }) { server, fetcher throws in
      #expect(try fetcher().error == wrong(fetcher, Publisher.otherSHA256))
      #expect(try fetcher.names() == [])
      #expect(server.requests.count == 1)
    }
  }

  @Test("a length shorter than what is sent")
  func short() throws {
    try withServer({ _, _ in
      [.head(200, ["Content-Length: 100000"]), .send(Publisher.body)]
    }) { _, fetcher throws in
      #expect(try fetcher().error == wrong(fetcher, Publisher.halfSHA256))
      #expect(try fetcher.names() == [])
    }
  }

  @Test("a length other than the publisher states, told before anything is given up")
  func otherLength() throws {
    try withServer({ _, _ in Step.whole(Publisher.half) }) { _, fetcher throws in
      var fetcher = fetcher
      fetcher.size = 200_000
      try Publisher.half.write(to: URL(filePath: fetcher.part))
      #expect(
        try fetcher().error == """
          \(fetcher.url): the server has 100000 bytes, the publisher states 200000; try again later
          """)
      #expect(try fetcher.names() == ["net.caffemodel.part"])
      #expect(fetcher.contents(of: fetcher.part) == Publisher.half)
    }
  }

  @Test("more than the file has, without a length", arguments: [100_000, nil])
  func more(size: Int?) throws {
    try withServer({ _, _ in [.head(200), .send(Publisher.body)] }) { _, fetcher throws in
      var fetcher = fetcher
      (fetcher.size, fetcher.limit) = (size, 150_000)
      #expect(
        try fetcher().error == """
          \(fetcher.url): more than \(size ?? 150_000) bytes, which cannot be the file; \
          try again later
          """)
      #expect(try fetcher.names() == [])
    }
  }

  @Test("more than any file has, by its own account")
  func tooMuch() throws {
    let head = Step.head(200, ["Content-Length: 9000000000000"])
    try withServer({ _, _ in [head, .send(Publisher.half)] }) { _, fetcher throws in
      #expect(
        try fetcher().error == """
          \(fetcher.url): more than 1048576 bytes, which cannot be the file; try again later
          """)
      #expect(try fetcher.names() == [])
    }
  }

  @Test(
    "statuses",
    arguments: [
      (
        403,
        """
         (it does not let the file be fetched); fetch the file in a browser and put it at PATH
        """
      ),
      (
        404,
        " (there is no such file any more); look for it at the publisher's and put it at PATH"
      ),
      (418, "; try again later"),
      (429, " (too many requests); try again later"),
      (500, " (the server is at fault); try again later"),
    ])
  func status(code: Int, meaning: String) throws {
    try withServer({ _, _ in Step.whole(status: code, Data("an explanation".utf8)) }) {
      server, fetcher throws in
      try Publisher.half.write(to: URL(filePath: fetcher.part))
      #expect(
        try fetcher().error == "\(fetcher.url): the server answered \(code)"
          + meaning.replacingOccurrences(of: "PATH", with: fetcher.path))
      #expect(try fetcher.names() == ["net.caffemodel.part"])
      #expect(fetcher.contents(of: fetcher.part) == Publisher.half)
      #expect(server.requests.count == 1)
    }
  }

  @Test("a web page, by its type or by its first letters", arguments: [true, false])
  func webPage(isTyped: Bool) throws {
    let page = Data("\n <!DOCTYPE html><title>Log in</title>".utf8)
    let type = isTyped ? ["Content-Type: text/html; charset=utf-8"] : []
    for digest in [("sha256", Publisher.sha256), nil] {
      try withServer({ _, _ in Step.whole(page, type) }) { _, fetcher throws in
        var fetcher = fetcher
        fetcher.digest = digest
        #expect(
          try fetcher().error == """
            \(fetcher.url): a web page came instead of the file, of a login or a proxy on the way \
            perhaps; fetch the file in a browser and put it at \(fetcher.path)
            """)
        #expect(try fetcher.names() == [])
      }
    }
  }

  @Test("a redirect is followed, and a cookie is not kept")
  func redirected() throws {
    try withServer({ request, count in
      count == 0
        ? [.head(302, ["Location: /elsewhere/x.bin", "Set-Cookie: a=b; Path=/"])]
        : Step.whole(Publisher.body)
    }) { server, fetcher throws in
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
      #expect(server.requests.map(\.target) == ["/net.caffemodel", "/elsewhere/x.bin"])
      #expect(server.requests.dropFirst().first?.headers["cookie"] == nil)
    }
  }

  @Test("a circle of redirects")
  func circle() throws {
    try withServer({ _, _ in [.head(301, ["Location: /again"])] }) { server, fetcher throws in
      #expect(
        try fetcher().error
          == "\(fetcher.url): redirected more than 10 times; try again later")
      #expect(try fetcher.names() == [])
      #expect(server.requests.count == 11)
    }
  }

  @Test(
    "a redirect to what is not the web",
    arguments: ["file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"])
  func forbidden(location: String) throws {
    try withServer({ _, _ in [.head(302, ["Location: \(location)"])] }) { _, fetcher throws in
      #expect(
        try fetcher().error == """
          \(fetcher.url): redirected to something other than http and https, which is not followed
          """)
      #expect(try fetcher.names() == [])
    }
  }

  @Test("a redirect to nowhere")
  func nowhere() throws {
    try withServer({ _, _ in [.head(302)] }) { _, fetcher throws in
      #expect(try fetcher().error == "\(fetcher.url): the server answered 302; try again later")
    }
  }

  @Test("nobody answers, and there is no such name")
  func unreachable() throws {
    try withServer({ _, _ in [] }) { server, fetcher throws in
      server.stop()
      let remedy =
        "fetch it where there is a network, put it at \(fetcher.path) "
        + "and run this again to verify it"
      let error = try #require(try fetcher().error)
      #expect(error.hasPrefix("\(fetcher.url): cannot be reached (nobody answers there"))
      #expect(error.hasSuffix("; \(remedy)"))
      #expect(try fetcher.names() == [])
    }
  }

  @Test("what is no HTTP")
  func noHTTP() throws {
    try withServer({ _, _ in [.send(Data("220 ready for mail\r\n".utf8))] }) { _, fetcher throws in
      let error = try #require(try fetcher().error)
      #expect(error == "\(fetcher.url): could not be fetched (Received HTTP/0.9 when not allowed)")
      #expect(try fetcher.names() == [])
    }
  }

  @Test("nothing, at length")
  func nothing() throws {
    try withServer({ _, _ in Step.whole(Data()) }) { _, fetcher throws in
      #expect(
        try fetcher().error
          == "\(fetcher.url): the connection ended too early; nothing was kept; try again later")
      #expect(try fetcher.names() == [])
    }
  }
}
