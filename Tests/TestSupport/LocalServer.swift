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
  private let isStopped = Mutex(false)

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
          // A signal is no reason to end.
          if isStopped.withLock({ $0 }) { break }
          continue
        }
        Thread.detachNewThread { [self] in
          serve(connection, answer)
          close(connection)
        }
      }
      // Not by another thread: the number may be another's right afterwards.
      close(descriptor)
    }
  }

  /// Ends the server, so that nobody answers at its port.
  package func stop() {
    isStopped.withLock { isStopped in
      if !isStopped { shutdown(listener, Int32(SHUT_RDWR)) }
      isStopped = true
    }
  }

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
        _ = Self.byte(connection)
      }
    }
    shutdown(connection, Int32(SHUT_WR))
    // Closed before all was read, a connection would be reset, and what was sent might be lost.
    while Self.byte(connection) != nil {}
  }

  /// The next byte; `nil` at the end, or after a while.
  private static func byte(_ connection: Int32) -> UInt8? {
    var byte: UInt8 = 0
    while true {
      let count = recv(connection, &byte, 1, 0)
      if count < 0, errno == EINTR { continue }
      return count == 1 ? byte : nil
    }
  }

  private static func read(_ connection: Int32) -> Request? {
    var head = Data()
    while !head.suffix(4).elementsEqual(Data("\r\n\r\n".utf8)) {
      guard head.count < 65_536, let byte = byte(connection) else { return nil }
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
        if step < 0, errno == EINTR { continue }
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
