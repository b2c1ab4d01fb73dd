import Foundation
import Glibc
import Synchronization

/// A server on loopback that answers every request by a function of it, and keeps its connections.
public final class HTTPServer: Sendable {
  public struct Request: Sendable {
    /// The first line.
    public let line: String
    /// Names in lower case.
    public let headers: [String: String]
    public let body: [UInt8]
    /// The first line and the headers, in bytes.
    public let headBytes: Int
  }

  public struct Answer: Sendable {
    public var status: Int
    public var headers: [String: String]
    public var body: [UInt8]
    /// Closes the connection instead of answering.
    public var isReset: Bool
    /// Says nothing until the client has gone.
    public var isSilent = false

    public init(
      status: Int = 200, headers: [String: String] = [:], body: [UInt8] = [], isReset: Bool = false
    ) {
      self.status = status
      self.headers = headers
      self.body = body
      self.isReset = isReset
    }

    public static func body(_ body: [UInt8], type: String) -> Answer {
      Answer(headers: ["Content-Type": type], body: body)
    }

    public static func text(_ text: String, type: String = "text/plain; version=0.0.4") -> Answer {
      Answer(headers: ["Content-Type": type], body: Array(text.utf8))
    }

    public static func status(_ status: Int, _ words: String = "", _ headers: [String: String] = [:])
      -> Answer
    {
      Answer(status: status, headers: headers, body: Array(words.utf8))
    }

    public static let silence: Answer = {
      var answer = Answer()
      answer.isSilent = true
      return answer
    }()
  }

  public struct Failed: Error {}

  public let port: UInt16
  private let descriptor: CInt
  private let open = Mutex<Set<CInt>>([])

  public var url: String { "http://127.0.0.1:\(port)" }

  /// - Parameter port: 0 for any.
  public init(port: UInt16 = 0, _ answer: @escaping @Sendable (Request) -> Answer) throws {
    (descriptor, self.port) = try Self.listen(on: port)
    Thread { [self] in serve(answer) }.start()
  }

  deinit { close(descriptor) }

  /// Closes everything.
  public func stop() {
    shutdown(descriptor, CInt(SHUT_RDWR))
    open.withLock { for connection in $0 { shutdown(connection, CInt(SHUT_RDWR)) } }
  }

  private static func listen(on port: UInt16) throws -> (CInt, UInt16) {
    // Not for the programs that a test starts: they would keep the port.
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
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
      _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
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
          if answer.isSilent {
            var byte: UInt8 = 0
            _ = recv(connection, &byte, 1, 0)
            return
          }
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
    return Request(line: lines.first ?? "", headers: headers, body: body, headBytes: end.upperBound)
  }
}

/// What a server was asked, in the order of the asking.
public final class ReceivedRequests: Sendable {
  private let requests = Mutex<[HTTPServer.Request]>([])

  public init() {}

  public var all: [HTTPServer.Request] { requests.withLock { $0 } }

  public func append(_ request: HTTPServer.Request) { requests.withLock { $0.append(request) } }
}
