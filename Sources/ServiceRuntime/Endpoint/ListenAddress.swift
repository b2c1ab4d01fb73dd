/// A host and a port to listen on, or the ones that are listened on.
public struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
  /// A name or an address; an IPv6 address without brackets.
  public var host: String
  /// 0 asks the system for a free port.
  public var port: Int

  public init(host: String = "127.0.0.1", port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `127.0.0.1:8000`, `[::1]:8000`, and `:8000` or `8000` for the loopback address; nil otherwise.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else {
      guard let port = Self.port(text) else { return nil }
      self.init(port: port)
      return
    }
    var host = text[..<colon]
    guard let port = Self.port(String(text[text.index(after: colon)...])) else { return nil }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
      guard host.contains(":") else { return nil }
    } else if host.contains(":") {
      return nil
    }
    guard host.utf8.count <= 255, !host.contains(where: \.isWhitespace) else { return nil }
    self.init(host: host.isEmpty ? "127.0.0.1" : String(host), port: port)
  }

  private static func port(_ text: String) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return UInt16(text).map(Int.init)
  }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
