import Foundation
import Glibc
import Synchronization

/// A server on loopback that answers every request by a function of it, and closes the connection.
final class AnsweringServer: Sendable {
  struct Request: Sendable {
    let line: String
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]
  }

  struct Answer: Sendable {
    var status = 200
    var contentType = "text/plain"
    var body: [UInt8] = []
  }

  struct Failed: Error {}

  let port: UInt16
  private let descriptor: CInt
  private let received = Mutex<[Request]>([])

  var requests: [Request] { received.withLock { $0 } }

  /// - Parameter answer: nil leaves the request without one.
  init(_ answer: @escaping @Sendable (Request) -> Answer?) throws {
    (descriptor, port) = try Self.listen()
    Thread { [self] in serve(answer) }.start()
  }

  func stop() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  private static func listen(on port: UInt16 = 0) throws -> (CInt, UInt16) {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        let isOpen = bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, 64) == 0
        return isOpen ? getsockname(descriptor, pointer, &length) : -1
      }
    }
    guard status == 0 else {
      close(descriptor)
      throw Failed()
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  private func serve(_ answer: @escaping @Sendable (Request) -> Answer?) {
    while true {
      let connection = accept(descriptor, nil, nil)
      guard connection >= 0 else { return }
      Thread { [self] in
        defer { close(connection) }
        guard let request = Self.read(connection) else { return }
        received.withLock { $0.append(request) }
        guard let answer = answer(request) else {
          // Silent until the client has gone.
          var byte: UInt8 = 0
          _ = recv(connection, &byte, 1, 0)
          return
        }
        let head =
          "HTTP/1.1 \(answer.status) Answer\r\nContent-Type: \(answer.contentType)\r\n"
          + "Content-Length: \(answer.body.count)\r\nConnection: close\r\n\r\n"
        Self.send(Array(head.utf8) + answer.body, to: connection)
      }.start()
    }
  }

  private static func send(_ bytes: [UInt8], to connection: CInt) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private static func read(_ connection: CInt) -> Request? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      if let request = parse(bytes) { return request }
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { return nil }
      bytes += chunk[..<count]
    }
  }

  /// Nil while the request is not complete.
  private static func parse(_ bytes: [UInt8]) -> Request? {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard bytes.count >= end.upperBound + length else { return nil }
    return Request(
      line: lines.first ?? "", headers: headers, body: Array(bytes[end.upperBound...].prefix(length)))
  }
}
