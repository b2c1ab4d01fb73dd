extension HTTPRequest {
  /// Refuses what would let a value smuggle in another header or another request: control characters
  /// in the target or a field, and names that are no tokens (RFC 9110 section 5.6.2).
  func validate() throws(HTTPTransportError) {
    guard Self.isToken(method) else { throw .invalidRequest("the method is not a token") }
    guard !url.isEmpty, url.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
      throw .invalidRequest("the URL has spaces or control characters, or is empty")
    }
    for (name, value) in headers {
      guard Self.isToken(name) else { throw .invalidRequest("a header's name is not a token") }
      guard value.utf8.allSatisfy({ ($0 >= 32 && $0 != 127) || $0 == 9 }) else {
        throw .invalidRequest("the header \(name) has control characters")
      }
    }
    if case .url(let url, let except) = proxy {
      guard !url.isEmpty, (url + except).utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
        throw .invalidRequest("the proxy has control characters, or is empty")
      }
    }
    if let unixSocketPath, unixSocketPath.isEmpty || unixSocketPath.utf8.contains(0) {
      throw .invalidRequest("the socket's path is empty or has a NUL")
    }
  }

  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
          || "!#$%&'*+-.^_`|~".utf8.contains($0)
      }
  }
}
