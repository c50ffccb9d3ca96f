import Fetching
import Foundation
import TestSupport
import Testing

/// Downloads from servers that serve well.
@Suite("Downloads")
struct DownloadTests {
  @Test(
    "a file is fetched and verified by each kind of digest",
    arguments: [
      ("sha256", Publisher.sha256), ("sha256-prefix", String(Publisher.sha256.prefix(8))),
      ("sha1", Publisher.sha1), ("git-blob-sha1", Publisher.gitBlobSHA1),
      ("md5", Publisher.md5),
    ])
  func fetched(kind: String, value: String) throws {
    try withServer({ _, _ in LocalServer.Step.whole(Publisher.body) }) { server, fetcher throws in
      var fetcher = fetcher
      fetcher.digest = (kind, value)
      let (result, error) = try fetcher()
      #expect(error == nil)
      #expect(result?.path == fetcher.path)
      #expect(result?.length == 200_000)
      #expect(result?.wasThere == false)
      #expect(try fetcher.isWhole())
      #expect(server.requests.map(\.target) == ["/net.caffemodel"])
      #expect(server.requests.first?.headers["range"] == nil)

      // One digit more or less, and it is another file.
      fetcher.digest = (kind, (value.hasPrefix("0") ? "1" : "0") + value.dropFirst())
      let before = server.requests.count
      let refused = try #require(try fetcher().error)
      #expect(refused.hasPrefix("\(fetcher.path): a file is there already, and not the"))
      #expect(try fetcher.isWhole())
      #expect(server.requests.count == before)
    }
  }

  @Test("a file that is there is verified and not fetched again")
  func there() throws {
    try withServer({ _, _ in LocalServer.Step.whole(Publisher.other) }) { server, fetcher throws in
      try Publisher.body.write(to: URL(filePath: fetcher.path))
      let (result, error) = try fetcher()
      #expect(error == nil)
      #expect(result?.wasThere == true)
      #expect(try fetcher.isWhole())
      #expect(server.requests.isEmpty)
    }
  }

  @Test("a file of that name that is another's stays")
  func occupied() throws {
    try withServer({ _, _ in LocalServer.Step.whole(Publisher.body) }) { server, fetcher throws in
      try Publisher.other.write(to: URL(filePath: fetcher.path))
      let (_, error) = try fetcher()
      #expect(
        error == """
          \(fetcher.path): a file is there already, and not the publisher's: \
          SHA-256 \(Publisher.otherSHA256), expected SHA-256 \(Publisher.sha256); \
          move it away or choose another --output
          """)
      #expect(fetcher.contents(of: fetcher.path) == Publisher.other)
      var sized = fetcher
      (sized.digest, sized.size) = (nil, 3)
      #expect(
        try sized().error == """
          \(fetcher.path): a file is there already, and not the publisher's: \
          200000 bytes, expected 3 bytes; move it away or choose another --output
          """)
      #expect(try fetcher.names() == [Publisher.name])
      #expect(server.requests.isEmpty)
    }
  }

  @Test("what has no length arrives as well")
  func chunked() throws {
    let chunks = [Publisher.half, Publisher.rest].map { chunk in
      Data("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Data("\r\n".utf8)
    }
    let end = Data("0\r\n\r\n".utf8)
    try withServer({ _, _ in
      [.head(200, ["Transfer-Encoding: chunked"])] + (chunks + [end]).map { .send($0) }
    }) { _, fetcher throws in
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
    }
    // Without the last chunk it is not whole.
    try withServer({ _, _ in
      [.head(200, ["Transfer-Encoding: chunked"])] + chunks.map { .send($0) }
    }) { _, fetcher throws in
      #expect(
        try fetcher().error == """
          \(fetcher.url): the connection ended too early; \
          200000 bytes are kept in \(fetcher.part); run this again to go on from there
          """)
    }
  }

  @Test("a file without a digest is taken on trust")
  func trust() throws {
    try withServer({ _, _ in LocalServer.Step.whole(Publisher.other) }) { _, fetcher throws in
      var fetcher = fetcher
      fetcher.digest = nil
      #expect(try fetcher().error == nil)
      #expect(fetcher.contents(of: fetcher.path) == Publisher.other)
      #expect(try fetcher().result?.wasThere == true)
    }
  }

  @Test("folders are made, and named where that fails")
  func folders() throws {
    try withServer({ _, _ in LocalServer.Step.whole(Publisher.body) }) { server, fetcher throws in
      var inner = Fetcher(fetcher.folder.appending(path: "a/b"), server)
      #expect(try inner().error == nil)
      #expect(try inner.isWhole())
      inner = Fetcher(URL(filePath: "/proc/weights"), server)
      #expect(
        try inner().error
          == "/proc/weights: no such folder can be made (No such file or directory); "
          + "choose another --output")
      #expect(server.requests.count == 1)
    }
  }

  @Test("the partial file is one process's at a time, and a plain file")
  func part() throws {
    try withServer({ _, _ in LocalServer.Step.whole(Publisher.body) }) { server, fetcher throws in
      let held = open(fetcher.part, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
      #expect(
        try fetcher().error
          == "\(fetcher.part): another fetch is at work on it; wait for its end")
      close(held)
      unlink(fetcher.part)

      let kept = fetcher.folder.appending(path: "kept")
      try Data("kept".utf8).write(to: kept)
      try FileManager.default.createSymbolicLink(
        atPath: fetcher.part, withDestinationPath: kept.path)
      #expect(
        try fetcher().error == """
          \(fetcher.part): cannot be written: it is a device or a pipe, which cannot be replaced \
          as a whole; give the path of a file
          """)
      #expect(try Data(contentsOf: kept) == Data("kept".utf8))
      unlink(fetcher.part)
      unlink(kept.path)

      #expect(server.requests.isEmpty)
      #expect(try fetcher().error == nil)
      #expect(try fetcher.isWhole())
    }
  }
}
