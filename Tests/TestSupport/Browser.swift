import Foundation

/// Headless Chromium, driven over a pair of pipes by the DevTools protocol
/// (https://chromedevtools.github.io/devtools-protocol).
package final class Browser {
  /// The program, where it is installed.
  package static let program = ["chromium", "chromium-browser", "google-chrome"]
    .map { "/usr/bin/\($0)" }.first(where: FileManager.default.isExecutableFile)

  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  private let process = Process()
  private let commands: FileHandle
  private let messages: FileHandle
  private var unread = Data()
  private var count = 0
  private var session: String?
  /// What was thrown in a page or written to its console as an error.
  package private(set) var errors: [String] = []

  /// Starts it with an empty profile in `folder`, for a minute at most.
  package init(_ program: String, in folder: URL) throws {
    let pipes = ["commands", "messages"].map { folder.appending(path: $0).path }
    for pipe in pipes where mkfifo(pipe, 0o600) != 0 {
      throw Failure(description: "no pipe \(pipe)")
    }
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c",
      """
      exec timeout -k 5 60 "$0" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --no-first-run --remote-debugging-pipe --user-data-dir="$1" \
        3<"$2" 4>"$3" >/dev/null 2>&1
      """, program, folder.appending(path: "profile").path, pipes[0], pipes[1],
    ]
    try process.run()
    commands = try FileHandle(forWritingTo: URL(filePath: pipes[0]))
    messages = try FileHandle(forReadingFrom: URL(filePath: pipes[1]))
    let target = try send("Target.createTarget", ["url": "about:blank"])
    session =
      try send(
        "Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])[
        "sessionId"] as? String
    for domain in ["Page", "Runtime", "Log"] { try send("\(domain).enable") }
  }

  /// Ends it, and waits until it is gone.
  package func close() {
    session = nil
    _ = try? send("Browser.close")
    while (try? receive()) != nil {}
  }

  /// Opens a page in a window of this width, and waits until all of it is there.
  package func open(_ page: URL, width: Int) throws {
    try send(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false])
    try send("Page.navigate", ["url": page.absoluteString])
    while try receive()["method"] as? String != "Page.loadEventFired" {}
  }

  /// The value of an expression in the page.
  package func value(of expression: String) throws -> Any {
    let answer = try send(
      "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
    guard let result = answer["result"] as? [String: Any], answer["exceptionDetails"] == nil else {
      throw Failure(description: "\(expression): \(answer)")
    }
    return result["value"] ?? NSNull()
  }

  /// Waits until an expression holds.
  ///
  /// - Throws: where it does not within a minute.
  package func wait(for expression: String) throws {
    let holds = try value(
      of: """
        new Promise((done) => {
          let tries = 0;
          const look = () => (\(expression)) ? done(true)
            : ++tries < 1200 ? setTimeout(look, 50) : done(false);
          look();
        })
        """)
    guard holds as? Bool == true else { throw Failure(description: "never so: \(expression)") }
  }

  /// Presses and releases a key of what has the focus.
  package func press(_ key: String, code: Int, text: String? = nil) throws {
    var event: [String: Any] = ["type": "keyDown", "key": key, "windowsVirtualKeyCode": code]
    event["text"] = text
    try send("Input.dispatchKeyEvent", event)
    event["type"] = "keyUp"
    event["text"] = nil
    try send("Input.dispatchKeyEvent", event)
  }

  /// The whole page as PNG.
  package func screenshot() throws -> Data {
    let answer = try send("Page.captureScreenshot", ["captureBeyondViewport": true])
    return Data(base64Encoded: answer["data"] as? String ?? "") ?? Data()
  }

  @discardableResult
  private func send(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    count += 1
    var command: [String: Any] = ["id": count, "method": method, "params": parameters]
    command["sessionId"] = session
    try commands.write(contentsOf: JSONSerialization.data(withJSONObject: command) + [0])
    while true {
      let message = try receive()
      guard message["id"] as? Int == count else { continue }
      guard let result = message["result"] as? [String: Any] else {
        throw Failure(description: "\(method): \(message)")
      }
      return result
    }
  }

  private func receive() throws -> [String: Any] {
    while !unread.contains(0) {
      let more = messages.availableData
      if more.isEmpty { throw Failure(description: "the browser is gone") }
      unread.append(more)
    }
    let text = unread.prefix { $0 != 0 }
    unread = Data(unread.dropFirst(text.count + 1))
    let message = try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any] ?? [:]
    let parameters = message["params"] as? [String: Any] ?? [:]
    switch message["method"] as? String {
    case "Runtime.exceptionThrown": errors.append("\(parameters)")
    case "Runtime.consoleAPICalled" where parameters["type"] as? String == "error":
      errors.append("\(parameters)")
    case "Log.entryAdded": errors.append("\(parameters)")
    default: break
    }
    return message
  }
}
