import Foundation
import Glibc
import Synchronization

/// A server on loopback that answers every request by a function of it, and keeps its connections.
final class HTTPServer: Sendable {
  struct Request: Sendable {
    let line: String
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]
  }

  struct Answer: Sendable {
    var status = 200
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    /// Closes the connection instead of answering.
    var isReset = false

    static func text(_ text: String, type: String = "text/plain; version=0.0.4") -> Answer {
      Answer(headers: ["Content-Type": type], body: Array(text.utf8))
    }

    static func status(_ status: Int, _ words: String = "", _ headers: [String: String] = [:]) -> Answer {
      Answer(status: status, headers: headers, body: Array(words.utf8))
    }
  }

  struct Failed: Error {}

  let port: UInt16
  private let descriptor: CInt
  private let open = Mutex<Set<CInt>>([])

  var url: String { "http://127.0.0.1:\(port)" }

  /// - Parameter port: 0 for any.
  init(port: UInt16 = 0, _ answer: @escaping @Sendable (Request) -> Answer) throws {
    (descriptor, self.port) = try Self.listen(on: port)
    Thread { [self] in serve(answer) }.start()
  }

  deinit { close(descriptor) }

  /// Closes everything.
  func stop() {
    shutdown(descriptor, CInt(SHUT_RDWR))
    open.withLock { for connection in $0 { shutdown(connection, CInt(SHUT_RDWR)) } }
  }

  private static func listen(on port: UInt16) throws -> (CInt, UInt16) {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var yes: CInt = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
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

  private func serve(_ answer: @escaping @Sendable (Request) -> Answer) {
    while true {
      let connection = accept(descriptor, nil, nil)
      guard connection >= 0 else { return }
      open.withLock { _ = $0.insert(connection) }
      Thread { [self] in
        defer {
          open.withLock { _ = $0.remove(connection) }
          close(connection)
        }
        var rest: [UInt8] = []
        while let request = Self.read(connection, &rest) {
          let answer = answer(request)
          if answer.isReset { return }
          var head = "HTTP/1.1 \(answer.status) Answer\r\nContent-Length: \(answer.body.count)\r\n"
          for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
          guard Self.send(Array((head + "\r\n").utf8) + answer.body, to: connection) else { return }
        }
      }.start()
    }
  }

  private static func send(_ bytes: [UInt8], to connection: CInt) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress?.advanced(by: sent), $0.count - sent, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  private static func read(_ connection: CInt, _ bytes: inout [UInt8]) -> Request? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      if let request = parse(&bytes) { return request }
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { return nil }
      bytes += chunk[..<count]
    }
  }

  /// Nil while the request is not complete.
  private static func parse(_ bytes: inout [UInt8]) -> Request? {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard bytes.count >= end.upperBound + length else { return nil }
    let body = Array(bytes[end.upperBound..<end.upperBound + length])
    bytes.removeFirst(end.upperBound + length)
    return Request(line: lines.first ?? "", headers: headers, body: body)
  }
}
