import ArgumentParser
import Dispatch
import Foundation
import Imaging
import LiveView
import Synchronization
import Terminal

/// Whether a search is shown in a browser while it runs.
struct LiveOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Show the search in a browser of this machine while it runs, at the address that is printed; 0 takes \
      a port that is free.
      """)
  var serve: UInt16?

  /// Shows the page and prints where it is, if one is asked for; pictures that are kept go beside `path`,
  /// under a name of their own.
  ///
  /// - Throws: ``LiveViewError``.
  func view(besides path: String, canStop: Bool) throws -> LiveView? {
    guard let serve else { return nil }
    let view = try waiting {
      try await LiveView(port: serve, canStop: canStop) { snapshot in
        let free = Self.freePath(
          "\(PathParts(path).stem)-\(snapshot.iteration)")
        try snapshot.picture.write(to: free)
        return free
      }
    }
    StandardError.write("preimage: watch it at \(view.address)\n")
    return view
  }

  /// The path of a PNG file that is not there yet.
  private static func freePath(_ stem: String) -> String {
    let paths = (1...).lazy.map { $0 == 1 ? "\(stem).png" : "\(stem)-\($0).png" }
    return paths.first { !FileManager.default.fileExists(atPath: $0) } ?? stem
  }
}

extension LiveView {
  /// Ends it from where nothing may be awaited.
  func close(_ message: String) { try? waiting { await self.end(message) } }
}

/// Does what is to be awaited on other threads, and waits for it; not for use in a task.
private func waiting<Result: Sendable>(
  for body: @escaping @Sendable () async throws -> Result
) throws -> Result {
  let result = Mutex<Swift.Result<Result, any Error>?>(nil)
  let done = DispatchSemaphore(value: 0)
  Task {
    let outcome: Swift.Result<Result, any Error>
    do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    result.withLock { $0 = outcome }
    done.signal()
  }
  done.wait()
  guard let outcome = result.withLock({ $0 }) else { throw CancellationError() }
  return try outcome.get()
}
