import Foundation
import Synchronization

/// An HTTP server on 127.0.0.1 that answers as a test wants, badly too.
package final class LocalServer: Sendable {
  package struct Request: Sendable {
    /// What is asked for: a path, or a whole address where the server is taken for a proxy.
    package let target: String
    /// By names in small letters.
    package let headers: [String: String]
  }

  /// A part of an answer; after the last the connection is closed.
  package enum Step: Sendable {
    case send(Data)
    /// Sends nothing until the other side gives up.
    case stall
  }

  package let port: UInt16
  private let listener: Int32
  private let log = Mutex<[Request]>([])

  /// Every request so far, in order.
  package var requests: [Request] { log.withLock { $0 } }
  package var address: String { "http://127.0.0.1:\(port)" }

  /// Starts a server; `answer` is given a request and how many there were before it.
  package init(_ answer: @escaping @Sendable (Request, Int) -> [Step]) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isListening else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else {
          close(descriptor)
          return
        }
        Thread.detachNewThread { [self] in
          serve(connection, answer)
          close(connection)
        }
      }
    }
  }

  /// Ends the server, so that nobody answers at its port.
  ///
  /// The descriptor is closed by the thread that uses it: it may be another's right afterwards.
  package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve(_ connection: Int32, _ answer: (Request, Int) -> [Step]) {
    // A test that fails must not leave a thread behind for long.
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    guard let request = Self.read(connection) else { return }
    let before = log.withLock { log in
      log.append(request)
      return log.count - 1
    }
    for step in answer(request, before) {
      switch step {
      case .send(let data):
        guard Self.write(data, to: connection) else { return }
      case .stall:
        var byte: UInt8 = 0
        _ = recv(connection, &byte, 1, 0)
      }
    }
    shutdown(connection, Int32(SHUT_WR))
    // Closed before all was read, a connection would be reset, and what was sent might be lost.
    var byte: UInt8 = 0
    while recv(connection, &byte, 1, 0) > 0 {}
  }

  private static func read(_ connection: Int32) -> Request? {
    var head = Data()
    var byte: UInt8 = 0
    while !head.suffix(4).elementsEqual(Data("\r\n\r\n".utf8)) {
      guard head.count < 65_536, recv(connection, &byte, 1, 0) == 1 else { return nil }
      head.append(byte)
    }
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    let words = lines[0].split(separator: " ")
    return words.count == 3 ? Request(target: String(words[1]), headers: headers) : nil
  }

  private static func write(_ data: Data, to connection: Int32) -> Bool {
    data.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let step = send(
          connection, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
          Int32(MSG_NOSIGNAL))
        guard step > 0 else { return false }
        sent += step
      }
      return true
    }
  }
}

extension LocalServer.Step {
  /// The head of an answer, with these lines of headers.
  package static func head(_ status: Int, _ headers: [String] = []) -> Self {
    let lines = ["HTTP/1.1 \(status) -", "Connection: close"] + headers + ["", ""]
    return .send(Data(lines.joined(separator: "\r\n").utf8))
  }

  /// A whole answer with its length.
  package static func whole(status: Int = 200, _ body: Data, _ headers: [String] = []) -> [Self] {
    [head(status, ["Content-Length: \(body.count)"] + headers), .send(body)]
  }
}

extension LocalServer.Request {
  /// The first byte that is asked for, where a range is.
  package var from: Int? {
    guard let range = headers["range"], range.hasPrefix("bytes="), range.hasSuffix("-") else {
      return nil
    }
    return Int(range.dropFirst(6).dropLast())
  }
}
