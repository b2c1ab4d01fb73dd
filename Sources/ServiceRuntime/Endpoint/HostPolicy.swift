/// Which names a request may be addressed to, and come from. A pure value.
///
/// Rules: RFC 9112 section 3.2 for `Host`, RFC 6454 section 7 for `Origin`.
struct HostPolicy: Sendable {
  private let anyPort: Set<String>
  private let exact: Set<String>

  init(allowedHosts: [String]) {
    var anyPort: Set<String> = []
    var exact: Set<String> = []
    for entry in allowedHosts.map({ $0.lowercased() }) {
      guard let (_, port) = Self.split(entry) else { continue }
      if port == nil { anyPort.insert(entry) } else { exact.insert(entry) }
    }
    self.anyPort = anyPort
    self.exact = exact
  }

  func allows(host: String) -> Bool {
    let host = host.lowercased()
    guard let (name, _) = Self.split(host) else { return false }
    return anyPort.contains(name) || exact.contains(host)
  }

  /// An `Origin` is `scheme://host[:port]`; `null` and everything else is refused.
  func allows(origin: String) -> Bool {
    for scheme in ["http://", "https://"] where origin.lowercased().hasPrefix(scheme) {
      return allows(host: String(origin.dropFirst(scheme.count)))
    }
    return false
  }

  /// The name, with brackets if it is an IPv6 address, and the port if there is one.
  private static func split(_ authority: String) -> (name: String, port: Substring?)? {
    guard !authority.isEmpty, authority.utf8.count <= 262 else { return nil }
    var end = authority.endIndex
    var port: Substring?
    let searchFrom = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : authority.startIndex
    guard let searchFrom else { return nil }
    if let colon = authority[searchFrom...].firstIndex(of: ":") {
      end = colon
      let digits = authority[authority.index(after: colon)...]
      guard UInt16(digits) != nil, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
      port = digits
    }
    let name = String(authority[..<end])
    let isName = name.utf8.allSatisfy {
      (97...122).contains($0) || (48...57).contains($0) || "-._[]:".utf8.contains($0)
    }
    return isName && !name.isEmpty ? (name, port) : nil
  }
}
