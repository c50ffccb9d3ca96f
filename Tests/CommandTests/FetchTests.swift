import Foundation
import TestSupport
import Testing

/// `networks fetch` as a user runs it, against servers on this machine.
@Suite("networks fetch")
struct FetchTests {
  private static let body = Data((0..<200_000).map { UInt8(truncatingIfNeeded: ($0 * $0) >> 3) })
  /// Of Python's hashlib.
  private static let digest = "344f3568ad4278541f01319d4af330241a1d292e170336f3bb2be1cfb5af24c0"

  /// Writes a manifest with one network `toynet`.
  private static func prepare(_ folder: URL, url: String, digest: String? = digest) throws {
    let stated = digest.map {
      """
      {"kind": "sha256-prefix", "value": "\($0.prefix(8))", "stated": "the test"}
      """
    }
    try """
    {"networks": [{"name": "toynet", "citation": "Nobody, 2026", "files": [
      {"name": "toy.caffemodel", "format": "caffemodel", "url": "\(url)", "size": null,
       "digest": \(stated ?? "null"), "licence": "free", "note": "a toy"}]}]}
    """.write(to: folder.appending(path: "m.json"), atomically: true, encoding: .utf8)
  }

  /// Runs the command with no proxies but those given.
  private static func fetch(
    _ arguments: String, in folder: URL, _ environment: [String: String] = [:]
  ) throws -> PreimageProcess {
    var all = ProcessInfo.processInfo.environment
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
      (all[name], all[name.uppercased()]) = (nil, nil)
    }
    all.merge(environment) { $1 }
    return try PreimageProcess(
      ["networks", "fetch"] + arguments.split(separator: " ").map(String.init), in: folder,
      environment: all)
  }

  @Test("the command tells where the file is and how to use it")
  func told() throws {
    let server = try LocalServer { _, _ in LocalServer.Step.whole(Self.body) }
    defer { server.stop() }
    try withTemporaryFolder { folder in
      try Self.prepare(folder, url: "\(server.address)/toy")
      func told(_ how: String, _ path: String) -> String {
        """
        \(path)
          \(how), 200000 bytes; SHA-256 beginning with 344f3568, as stated in the test
          use it:  --network toynet --weights \(path)
          licence: free
          cite:    Nobody, 2026
          note:    a toy

        """
      }
      var run = try Self.fetch("ToyNet --manifest m.json -o w", in: folder)
      #expect(run.status == 0)
      #expect(run.output == told("fetched", "w/toy.caffemodel"))
      #expect(run.errors.hasPrefix("fetch: 0.2/0.2 MB  "))
      #expect(try Data(contentsOf: folder.appending(path: "w/toy.caffemodel")) == Self.body)

      run = try Self.fetch("toynet --manifest m.json -o w", in: folder)
      #expect(run.status == 0)
      #expect(run.output == told("already there", "w/toy.caffemodel"))
      #expect(run.errors.isEmpty)
      #expect(server.requests.count == 1)

      // Into the folder of the user, by either name of it.
      let data = folder.appending(path: "data").path
      for (environment, place) in [
        (["XDG_DATA_HOME": data, "PREIMAGE_WEIGHTS": ""], "\(data)/preimage/weights"),
        (["PREIMAGE_WEIGHTS": "\(data)/own"], "\(data)/own"),
        (
          ["HOME": data, "PREIMAGE_WEIGHTS": "", "XDG_DATA_HOME": ""],
          "\(data)/.local/share/preimage/weights"
        ),
      ] {
        run = try Self.fetch("toynet --manifest m.json -q", in: folder, environment)
        #expect(run.output == told("fetched", "\(place)/toy.caffemodel"))
        #expect(run.errors.isEmpty)
      }
    }
  }

  @Test("what is taken on trust is told to be")
  func trust() throws {
    let server = try LocalServer { _, _ in LocalServer.Step.whole(Data("weights".utf8)) }
    defer { server.stop() }
    try withTemporaryFolder { folder throws in
      try Self.prepare(folder, url: server.address, digest: nil)
      let run = try Self.fetch("toynet --manifest m.json -q -o it's", in: folder)
      #expect(
        run.output.contains(
          """
            fetched, 7 bytes; taken on trust: the publisher states no digest
            use it:  --network toynet --weights 'it'\\''s/toy.caffemodel'
          """))
    }
  }

  @Test("proxies are honoured")
  func proxies() throws {
    let proxy = try LocalServer { request, _ in
      request.target.hasSuffix(":443") ? [.head(403)] : LocalServer.Step.whole(Self.body)
    }
    let server = try LocalServer { _, _ in LocalServer.Step.whole(Self.body) }
    defer {
      proxy.stop()
      server.stop()
    }
    try withTemporaryFolder { folder in
      try Self.prepare(folder, url: "http://publisher.invalid/toy")
      let proxied = ["http_proxy": proxy.address, "https_proxy": proxy.address]
      var run = try Self.fetch("toynet --manifest m.json -o a", in: folder, proxied)
      #expect(run.status == 0)
      #expect(proxy.requests.map(\.target) == ["http://publisher.invalid/toy"])

      // Not for the servers that need none.
      try Self.prepare(folder, url: "\(server.address)/toy")
      run = try Self.fetch(
        "toynet --manifest m.json -o b", in: folder,
        proxied.merging(["no_proxy": "127.0.0.1"]) { $1 })
      #expect(run.status == 0)
      #expect(server.requests.map(\.target) == ["/toy"])
      #expect(proxy.requests.count == 1)

      // A tunnel that the proxy does not make.
      try Self.prepare(folder, url: "https://publisher.invalid/toy")
      run = try Self.fetch("toynet --manifest m.json -o c", in: folder, proxied)
      #expect(run.status == 1)
      #expect(proxy.requests.map(\.target).last == "publisher.invalid:443")
      #expect(
        run.errors == """
          preimage: https://publisher.invalid/toy: cannot be reached (the proxy does not lead \
          there); fetch it where there is a network, put it at c/toy.caffemodel and run this \
          again to verify it

          """)
    }
  }

  @Test("without a network the command says what to put where")
  func offline() throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder, url: "http://publisher.invalid/toy")
      var run = try Self.fetch("toynet --manifest m.json -o w", in: folder)
      #expect(run.status == 1)
      #expect(run.output.isEmpty)
      #expect(
        run.errors == """
          preimage: http://publisher.invalid/toy: cannot be reached (its name is not known); \
          fetch it where there is a network, put it at w/toy.caffemodel and run this again to \
          verify it

          """)
      // As it says.
      try Self.body.write(to: folder.appending(path: "w/toy.caffemodel"))
      run = try Self.fetch("toynet --manifest m.json -o w", in: folder)
      #expect(run.status == 0)
      #expect(run.output.contains("already there, 200000 bytes; SHA-256 beginning with 344f3568"))
    }
  }

  @Test("a run that is killed leaves what the next goes on with")
  func killed() throws {
    let server = try LocalServer { request, _ in
      guard let from = request.from else {
        let head = LocalServer.Step.head(200, ["Content-Length: 200000", "ETag: \"one\""])
        return [head, .send(Self.body.prefix(100_000)), .stall]
      }
      return LocalServer.Step.whole(
        status: 206, Self.body.suffix(from: from),
        ["Content-Range: bytes \(from)-199999/200000", "ETag: \"one\""])
    }
    defer { server.stop() }
    try withTemporaryFolder { folder in
      try Self.prepare(folder, url: "\(server.address)/toy")
      let part = folder.appending(path: "toy.caffemodel.part").path
      let process = Process()
      process.executableURL = try PreimageProcess.products().appending(path: "preimage")
      process.arguments = ["networks", "fetch", "toynet", "--manifest", "m.json", "-q", "-o", "."]
      process.currentDirectoryURL = folder
      process.environment = ["no_proxy": "127.0.0.1"]
      try process.run()
      func arrived() -> Int { FileManager.default.contents(atPath: part)?.count ?? 0 }
      for _ in 0..<1000 where arrived() < 100_000 { Thread.sleep(forTimeInterval: 0.01) }
      #expect(arrived() == 100_000)
      // Not by SIGINT, which threads of a test runner block and their children inherit.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          == ["m.json", "toy.caffemodel.part", "toy.caffemodel.part.from"])

      let run = try Self.fetch("toynet --manifest m.json -q -o .", in: folder)
      #expect(run.status == 0)
      #expect(server.requests.map(\.from) == [nil, 100_000])
      #expect(try Data(contentsOf: folder.appending(path: "toy.caffemodel")) == Self.body)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          == ["m.json", "toy.caffemodel"])
    }
  }
}
