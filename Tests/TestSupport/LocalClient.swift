import Foundation

/// Requests to an HTTP server on this machine, as a test wants them, badly too.
package enum LocalClient {
  package struct Answer: Sendable {
    package let status: Int
    package let body: String
  }

  /// The answer to `METHOD PATH` with these lines of headers, or `nil` where there is no whole one.
  ///
  /// - Throws: `POSIXError` where nobody listens.
  package static func ask(
    _ request: String, _ headers: [String], address: String = "127.0.0.1", port: UInt16
  ) throws -> Answer? {
    let connection = try connect(to: address, port)
    defer { close(connection) }
    send("\(request) HTTP/1.1\r\n", headers + ["Connection: close"], to: connection)
    var answer = Data()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      answer.append(contentsOf: buffer[..<count])
    }
    guard let end = answer.range(of: Data("\r\n\r\n".utf8)),
      let status = String(decoding: answer.prefix(12), as: UTF8.self).split(separator: " ").last
        .flatMap({ Int($0) })
    else { return nil }
    return Answer(
      status: status, body: String(decoding: answer[end.upperBound...], as: UTF8.self))
  }

  /// Sends a request, or less than one, and goes away without reading the answer.
  package static func leave(_ text: String, _ headers: [String], port: UInt16) throws {
    let connection = try connect(to: "127.0.0.1", port)
    send(text, headers, to: connection)
    // What is closed so is reset: the other side's writing fails.
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    close(connection)
  }

  private static func send(_ text: String, _ headers: [String], to connection: Int32) {
    let data = Data((text + (headers + ["", ""]).joined(separator: "\r\n")).utf8)
    _ = data.withUnsafeBytes {
      Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  private static func connect(to host: String, _ port: UInt16) throws -> Int32 {
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr(host)
    address.sin_port = port.bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(connection, $0, length) == 0
      }
    }
    guard isConnected else {
      let code = POSIXErrorCode(rawValue: errno) ?? .EIO
      close(connection)
      throw POSIXError(code)
    }
    return connection
  }
}
