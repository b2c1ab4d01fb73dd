import Dispatch
import Foundation
import Glibc

/// One HTTP/1.1 request over a bare socket, on loopback unless told otherwise: every header is the test's own, `Host` too.
struct HTTP: Sendable {
  var status: Int
  /// Names in lower case.
  var headers: [String: String]
  var body: String

  static func get(
    _ port: UInt16, _ path: String, headers: [String: String] = [:], timeout: Duration = .seconds(20),
    host: String = "127.0.0.1"
  ) async throws -> HTTP {
    try await send(port, "GET", path, headers: headers, body: "", timeout: timeout, host: host)
  }

  static func post(
    _ port: UInt16, _ path: String, _ body: String, headers: [String: String] = [:],
    timeout: Duration = .seconds(20)
  ) async throws -> HTTP {
    let length = ["Content-Length": "\(body.utf8.count)", "Content-Type": "application/json"]
    return try await send(
      port, "POST", path, headers: length.merging(headers) { $1 }, body: body, timeout: timeout)
  }

  private static func send(
    _ port: UInt16, _ method: String, _ path: String, headers: [String: String], body: String,
    timeout: Duration, host: String = "127.0.0.1"
  ) async throws -> HTTP {
    var fields = ["Host": "\(host):\(port)", "Connection": "close"]
    fields.merge(headers) { $1 }
    let request =
      "\(method) \(path) HTTP/1.1\r\n" + fields.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n" + body
    // Blocking calls are made off the cooperative threads.
    let answer: [UInt8] = try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          with: Result { try exchange(host, port, request, seconds: Int(timeout.seconds.rounded(.up))) })
      }
    }
    return try HTTP(answer)
  }

  func json<T: Decodable>(as type: T.Type) throws -> T {
    try JSONDecoder().decode(type, from: Data(body.utf8))
  }

  struct Malformed: PassingFault, CustomStringConvertible {
    var answer: String
    var description: String { "not an HTTP answer: \(answer.prefix(200))" }
  }

  private init(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { throw Malformed(answer: text) }
    let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
    guard let code = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Malformed(answer: text)
    }
    status = code
    headers = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    let rest = String(text[end.upperBound...])
    body = headers["transfer-encoding"] == "chunked" ? Self.unchunked(rest) : rest
  }

  private static func unchunked(_ text: String) -> String {
    var rest = Substring(text).utf8
    var body: [UInt8] = []
    while let end = rest.firstIndex(of: UInt8(ascii: "\r")),
      let size = Int(String(Substring(rest[..<end])), radix: 16), size > 0
    {
      let chunk = rest[end...].dropFirst(2)
      body += chunk.prefix(size)
      rest = chunk.dropFirst(size + 2)
    }
    return String(decoding: body, as: UTF8.self)
  }

  private static func exchange(_ host: String, _ port: UInt16, _ request: String, seconds: Int) throws
    -> [UInt8]
  {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SocketError("socket") }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = sockaddr_in(host, port)
    guard address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 else {
      throw SocketError("connect")
    }
    let bytes = Array(request.utf8)
    guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw SocketError("send")
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SocketError("recv") }
      if count == 0 { return answer }
      answer += buffer[..<count]
    }
  }
}
