import Engine
import Foundation
import Imaging
import TestSupport
import Testing

/// Runs that are shown in a browser.
@Suite("Shown runs")
struct ServeTests {
  /// It would take an hour.
  private static let endless =
    "denoise in.png -o out.png --iterations 1000000 --depth 2 --channels 8 --threads 1 --quiet --serve"

  /// A run that ends only when it is told to, and where it is shown.
  private static func serve(
    _ command: String = "\(endless) 0", in folder: URL,
    _ body: (_ port: UInt16, _ path: String, PreimageProcess.Running) throws -> Void
  ) throws -> PreimageProcess {
    try RunTests.picture(3, side: 64).write(to: folder.appending(path: "in.png").path)
    let words = command.split(separator: " ").map(String.init)
    return try PreimageProcess(words, in: folder) { running in
      let place = /http:\/\/127\.0\.0\.1:([0-9]+)(\/[0-9a-f]{32}\/)/
      let text = try running.errors(matching: place)
      let match = try #require(text.firstMatch(of: place), "\(text)")
      try body(try #require(UInt16(match.1)), String(match.2), running)
    }
  }

  private static func host(_ port: UInt16) -> [String] { ["Host: 127.0.0.1:\(port)"] }

  @Test("a run is ended from the page, writes its picture, and can be gone on with")
  func stop() throws {
    try withTemporaryFolder { folder in
      let run = try Self.serve(in: folder) { port, path, running in
        // Others are refused, and the run goes on.
        for (line, headers) in [
          ("POST \(path)stop", ["Host: evil.example"]),
          ("POST \(path)stop", Self.host(port) + ["Origin: http://evil.example"]),
          ("POST /00000000000000000000000000000000/stop", Self.host(port)),
        ] { #expect(try LocalClient.ask(line, headers, port: port)?.status == 403) }
        #expect(running.isRunning)
        // Only this machine is listened to, and only at its first address.
        #expect(throws: POSIXError(.ECONNREFUSED)) {
          try LocalClient.ask("GET \(path)", [], address: "127.0.0.2", port: port)
        }
        let page = try #require(try LocalClient.ask("GET \(path)", Self.host(port), port: port))
        #expect(page.status == 200 && page.body.contains("Keep this picture"))
        let answer = try LocalClient.ask("POST \(path)stop", Self.host(port), port: port)
        #expect(answer?.body == "The search ends after this iteration.\n")
      }
      #expect(run.status == 0)
      #expect(run.errors.contains("preimage: ended in the browser after "))
      #expect(run.errors.hasSuffix("give the same command with --resume to go on\n"))
      _ = try Picture(contentsOf: folder.appending(path: "out.png").path)
      // It need not be shown again.
      let more = try RunTests.run(
        Self.endless.replacing("--serve", with: "--resume --time-limit 0.001"), in: folder)
      #expect(more.errors.hasPrefix("preimage: going on after iteration "))
    }
  }

  @Test("browsers that go away leave the run as it is, and Ctrl-C ends it as ever")
  func goneAway() throws {
    try withTemporaryFolder { folder in
      let run = try Self.serve(in: folder) { port, path, running in
        for _ in 0..<20 {
          try LocalClient.leave("GET \(path) HTTP/1.1\r\n", Self.host(port), port: port)
          try LocalClient.leave("GET \(path)mom", [], port: port)
          try LocalClient.leave("\u{0}\u{1}\r\n", ["nonsense"], port: port)
        }
        let answer = try LocalClient.ask("GET \(path)moment", Self.host(port), port: port)
        #expect(answer?.status == 200)
        #expect(running.isRunning)
        running.signal(SIGINT)
      }
      #expect(run.status == 128 + SIGINT)
    }
  }

  @Test("a port that is in use is told, and nothing is touched")
  func portInUse() throws {
    try withTemporaryFolder { folder in
      let server = try LocalServer { _, _ in [] }
      defer { server.stop() }
      try RunTests.picture(1).write(to: folder.appending(path: "in.png").path)
      let words = "\(Self.endless) \(server.port)".split(separator: " ").map(String.init)
      let run = try PreimageProcess(words, in: folder)
      #expect(run.status == 1)
      #expect(
        run.errors
          == "preimage: port \(server.port) is in use; choose another, or 0 for one that is free\n")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(files.filter { !$0.hasPrefix(".") } == ["in.png"])
    }
  }

  @Test(
    "Chromium shows the picture and the curves, and works the buttons from the keyboard",
    .enabled(if: Browser.program != nil, "no Chromium here"))
  func browser() throws {
    try withTemporaryFolder { folder in
      let run = try Self.serve(in: folder) { port, path, running in
        let browser = try Browser(try #require(Browser.program), in: folder)
        defer { browser.close() }
        try browser.open(
          try #require(URL(string: "http://127.0.0.1:\(port)\(path)")), width: 400)
        try browser.wait(for: "document.querySelector('#moment img')?.naturalWidth === 64")
        try browser.wait(for: "document.querySelectorAll('#moment svg[role=img]').length === 1")
        let first = try #require(try browser.value(of: "moment().dataset.snapshot") as? String)
        try browser.wait(for: "Number(moment().dataset.snapshot) > \(first)")
        #expect(
          try browser.value(of: "document.documentElement.scrollWidth <= innerWidth") as? Bool
            == true)
        _ = try browser.value(of: "document.querySelectorAll('button')[0].focus()")
        try browser.press("Enter", code: 13, text: "\r")
        try browser.wait(for: "said.textContent.includes(' is kept as ')")
        let said = try #require(try browser.value(of: "said.textContent") as? String)
        let match = try #require(
          said.firstMatch(of: /Iteration ([0-9]+) is kept as (out-[0-9]+\.png)\./))
        let kept = try Picture(contentsOf: folder.appending(path: String(match.2)).path)
        #expect(kept.width == 64)
        try browser.press("Tab", code: 9)
        try browser.press("Enter", code: 13, text: "\r")
        try browser.wait(for: "document.querySelectorAll('button:disabled').length === 2")
        let end = try #require(try browser.value(of: "moment().dataset.end") as? String)
        #expect(end.hasPrefix("out.png is written, after "))
        #expect(browser.errors.isEmpty, "\(browser.errors)")
      }
      #expect(run.status == 0)
      _ = try Picture(contentsOf: folder.appending(path: "out.png").path)
    }
  }

  @Test("searches of many pictures are shown too, and their pictures kept in their folder")
  func compared() throws {
    try withTemporaryFolder { folder in
      let command =
        "compare --network textures --class dots --priors pixels,tv --iterations 200000 --threads 1 "
        + "-o all --serve 0"
      _ = try Self.serve(command, in: folder) { port, path, running in
        var number: Substring = "0"
        while number == "0", running.isRunning {
          let moment = try LocalClient.ask("GET \(path)moment", Self.host(port), port: port)
          number = moment?.body.firstMatch(of: /data-snapshot="([0-9]+)"/)?.1 ?? "0"
        }
        let kept = try LocalClient.ask(
          "POST \(path)keep?snapshot=\(number)", Self.host(port), port: port)
        #expect(kept?.status == 200)
        let stopped = try LocalClient.ask("POST \(path)stop", Self.host(port), port: port)
        #expect(stopped?.status == 404)
        running.signal(SIGKILL)
      }
      let files = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "all").path)
      #expect(files.contains { $0.hasPrefix("kept-") && $0.hasSuffix(".png") })
    }
  }
}
