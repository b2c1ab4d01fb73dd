/// Where a WebSocket server is: the parts of a `ws://` or `wss://` URL (RFC 6455 section 3).
public struct WebSocketEndpoint: Sendable, Hashable {
  public var isSecure: Bool
  /// A name or an address; an IPv6 address without its brackets.
  public var host: String
  public var port: Int
  /// Path and query, from the first `/` on.
  public var target: String

  public init(isSecure: Bool, host: String, port: Int, target: String = "/") {
    self.isSecure = isSecure
    self.host = host
    self.port = port
    self.target = target
  }

  /// - Throws: ``WebSocketError/invalidURL(_:)``, with what is wrong.
  public init(url: String) throws(WebSocketError) {
    func invalid(_ problem: String) -> WebSocketError { .invalidURL("\(problem) in \(url)") }
    guard url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw invalid("spaces, control characters or letters outside ASCII")
    }
    let rest: Substring
    if url.lowercased().hasPrefix("ws://") {
      (isSecure, rest) = (false, url.dropFirst(5))
    } else if url.lowercased().hasPrefix("wss://") {
      (isSecure, rest) = (true, url.dropFirst(6))
    } else {
      throw invalid("neither ws:// nor wss://")
    }
    guard !rest.contains("#") else { throw invalid("a fragment, which no WebSocket has,") }
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let authority = rest[..<end]
    guard !authority.contains("@") else { throw invalid("credentials") }
    target = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]

    var name = authority
    var digits: Substring?
    if authority.hasPrefix("[") {
      guard let bracket = authority.firstIndex(of: "]") else { throw invalid("an open bracket") }
      name = authority[authority.index(after: authority.startIndex)..<bracket]
      let after = authority[authority.index(after: bracket)...]
      guard after.isEmpty || after.hasPrefix(":") else { throw invalid("something behind the address") }
      digits = after.isEmpty ? nil : after.dropFirst()
    } else if let colon = authority.firstIndex(of: ":") {
      name = authority[..<colon]
      digits = authority[authority.index(after: colon)...]
    }
    guard !name.isEmpty else { throw invalid("no host") }
    host = String(name)
    guard let digits else {
      port = isSecure ? 443 : 80
      return
    }
    guard let number = UInt16(digits), number > 0 else { throw invalid("no port from 1 to 65535") }
    port = Int(number)
  }

  /// The value of the request's `Host` field: the port only where it is not the scheme's own.
  var hostField: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }

  /// Whether the host is an address, which TLS cannot name to the server.
  var isAddress: Bool {
    host.contains(":") || host.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
  }
}
