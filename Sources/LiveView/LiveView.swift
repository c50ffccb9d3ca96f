import FlyingFox
import FlyingSocks
import Foundation
import Imaging
import Synchronization

/// A page on this machine alone that shows a search while it runs: the picture, curves, the time left, and
/// buttons that end the search or keep the picture that is shown.
///
/// Nothing is copied or drawn while no browser looks. A search is announced by ``begin(_:iterations:from:)``,
/// shows its iterates, asks ``isStopRequested`` of each, and tells that it is over by ``end(_:)``; the README has
/// an example.
public final class LiveView: Sendable {
  /// What the page does with a picture that is to be kept; returns where it is, for people.
  public typealias Keep = @Sendable (Snapshot) throws -> String

  /// A picture as it was shown.
  public struct Snapshot: Sendable {
    /// Which of all that were shown, counted from 1.
    public let number: Int
    /// What the search is called that it is of.
    public let title: String
    /// Counted from 0.
    public let iteration: Int
    public let picture: Picture
  }

  /// Where the page is; what follows the port is the token without which nothing is shown.
  public let address: String

  private let server: HTTPServer
  private let search: ShownSearch

  /// Listens on 127.0.0.1, and only there.
  ///
  /// Port 0 takes one that is free. The button that ends the search is there where `canStop`.
  /// - Throws: ``LiveViewError`` where the port is not to be had.
  public init(port: UInt16, canStop: Bool = true, keep: @escaping Keep) async throws(LiveViewError)
  {
    search = ShownSearch()
    let token = Self.token()
    let site = Site(token: token, search: search, canStop: canStop, keep: keep)
    do {
      server = HTTPServer(
        address: try sockaddr_in.inet(ip4: "127.0.0.1", port: port), logger: .disabled,
        handler: ClosureHTTPHandler { await site.answer($0) })
      try await Self.start(server)
    } catch { throw LiveViewError(error, port: port) }
    guard case .ip4(_, let port) = await server.listeningAddress else {
      throw LiveViewError(SocketError.disconnected, port: port)
    }
    address = "http://127.0.0.1:\(port)/\(token)/"
  }

  /// Begins to show a search of so many iterations, of which the first ones may be done.
  public func begin(_ title: String, iterations: Int, from first: Int = 0) {
    search.begin(title, iterations: iterations, from: first)
  }

  /// Shows an iteration, counted from 0, with the numbers to be drawn as curves.
  ///
  /// The picture is asked for only where a browser looks, and not more than twice a second.
  public func show(
    iteration: Int, values: [(name: String, value: Double)], picture: () -> Picture
  ) {
    search.show(iteration: iteration, values: values, picture: picture)
  }

  /// Whether the button was pressed that ends the search.
  public var isStopRequested: Bool { search.isStopRequested }

  /// Tells the browsers that look how it ended, waits until they have heard of it, for some seconds at most, and
  /// closes the page.
  public func end(_ message: String) async {
    search.end(message)
    for _ in 0..<30 where search.isAwaited {
      try? await Task.sleep(for: .milliseconds(100))
    }
    await server.stop(timeout: 1)
  }

  private static func start(_ server: HTTPServer) async throws {
    let (failures, report) = AsyncStream.makeStream(of: (any Error).self)
    Task {
      do { try await server.run() } catch { report.yield(error) }
      report.finish()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.waitUntilListening() }
      group.addTask { for await error in failures { throw error } }
      try await group.next()
      group.cancelAll()
    }
  }

  /// 128 random bits.
  private static func token() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(random.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

/// Why a page cannot be shown.
public enum LiveViewError: Error, Equatable, Sendable, CustomStringConvertible {
  case portInUse(UInt16)
  case portForbidden(UInt16)
  case failed(String)

  init(_ error: any Error, port: UInt16) {
    switch error {
    case SocketError.failed(_, EADDRINUSE, _): self = .portInUse(port)
    case SocketError.failed(_, EACCES, _): self = .portForbidden(port)
    default: self = .failed(error.localizedDescription)
    }
  }

  public var description: String {
    switch self {
    case .portInUse(let port):
      "port \(port) is in use; choose another, or 0 for one that is free"
    case .portForbidden(let port):
      "port \(port) may not be listened on; choose one from 1024 on, or 0 for one that is free"
    case .failed(let reason): "no page can be shown: \(reason)"
    }
  }
}
