/// A host and a port.
public struct RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// A name or an address; an IPv6 address without its brackets.
  public var host: String
  public var port: Int

  public init(host: String, port: Int = 6379) {
    self.host = host
    self.port = port
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Whether the host is an address and no name.
  var isNumeric: Bool { host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." } }
}

/// Where a Redis is, and of which form.
///
/// - `redis://host[:port][/database]`, `rediss://…` over TLS
/// - `redis+sentinel://host[:port],…/name[/database]`, `rediss+sentinel://…`: the master of that name, as the
///   sentinels (port 26379 unless told) know it
/// - `redis+cluster://host[:port],…`, `rediss+cluster://…`: some nodes of a cluster
///
/// Credentials do not belong into an address, which is printed: see ``RedisCredential``.
public struct RedisAddress: Sendable, Hashable, CustomStringConvertible {
  public enum Form: Sendable, Hashable {
    case single
    case sentinel(master: String)
    case cluster
  }

  public var form: Form
  public var isSecure: Bool
  /// At least one.
  public var endpoints: [RedisEndpoint]
  /// The number of the database, 0 to 65,535; 0 in a cluster.
  public var database: Int

  public init(form: Form = .single, isSecure: Bool = false, endpoints: [RedisEndpoint], database: Int = 0) {
    self.form = form
    self.isSecure = isSecure
    self.endpoints = endpoints
    self.database = database
  }

  /// - Throws: ``RedisError`` of the kind ``RedisError/Kind/invalidAddress``, with what is wrong.
  public init(_ text: String) throws(RedisError) {
    // What stands before an @ may be a password, so it is not repeated.
    let shown = text.lastIndex(of: "@").map { "…" + text[$0...] } ?? String(text.prefix(200))
    func invalid(_ problem: String) -> RedisError {
      RedisError(.invalidAddress, address: shown, detail: problem)
    }
    guard text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw invalid("spaces, control characters or letters outside ASCII")
    }
    guard let separator = text.firstRange(of: "://") else { throw invalid("no scheme such as redis://") }
    let scheme = text[..<separator.lowerBound].lowercased()
    let names = scheme.split(separator: "+", omittingEmptySubsequences: false)
    guard names[0] == "redis" || names[0] == "rediss", names.count <= 2 else {
      throw invalid("the scheme \(scheme) is none of redis, rediss, redis+sentinel and redis+cluster")
    }
    isSecure = names[0] == "rediss"
    let rest = text[separator.upperBound...]
    guard !rest.contains("@") else { throw invalid("credentials, which belong into the settings for them,") }
    guard !rest.contains("?"), !rest.contains("#") else { throw invalid("a query or a fragment") }
    var parts = rest.split(separator: "/", omittingEmptySubsequences: false)[...]
    let hosts = parts.removeFirst()
    if parts.last == "" { parts.removeLast() }
    var standardPort = 6379
    switch names.count == 2 ? names[1] : "" {
    case "": form = .single
    case "sentinel":
      guard let master = parts.popFirst(), !master.isEmpty else { throw invalid("no name of a master") }
      form = .sentinel(master: String(master))
      standardPort = 26_379
    case "cluster": form = .cluster
    default: throw invalid("the scheme \(scheme) is none of redis, rediss, redis+sentinel and redis+cluster")
    }
    database = 0
    if let number = parts.popFirst() {
      guard let value = UInt16(number) else { throw invalid("no number of a database from 0 to 65535") }
      database = Int(value)
    }
    guard parts.isEmpty else { throw invalid("more than a database behind the host") }
    guard form != .cluster || database == 0 else { throw invalid("a database, of which a cluster has one,") }
    endpoints = []
    for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
      guard let endpoint = Self.endpoint(host, standardPort) else {
        throw invalid("\"\(host)\", which is no host with a port from 1 to 65535,")
      }
      endpoints.append(endpoint)
    }
    guard form != .single || endpoints.count == 1 else { throw invalid("more than one host") }
  }

  private static func endpoint(_ text: Substring, _ standardPort: Int) -> RedisEndpoint? {
    var name = text
    var digits: Substring?
    if text.hasPrefix("[") {
      guard let bracket = text.firstIndex(of: "]") else { return nil }
      name = text[text.index(after: text.startIndex)..<bracket]
      let after = text[text.index(after: bracket)...]
      guard after.isEmpty || after.hasPrefix(":") else { return nil }
      digits = after.isEmpty ? nil : after.dropFirst()
    } else if let colon = text.firstIndex(of: ":") {
      name = text[..<colon]
      digits = text[text.index(after: colon)...]
    }
    guard !name.isEmpty else { return nil }
    guard let digits else { return RedisEndpoint(host: String(name), port: standardPort) }
    guard let port = UInt16(digits), port > 0 else { return nil }
    return RedisEndpoint(host: String(name), port: Int(port))
  }

  public var description: String {
    let scheme = isSecure ? "rediss" : "redis"
    let hosts = endpoints.map(\.description).joined(separator: ",")
    let database = database == 0 ? "" : "/\(database)"
    return switch form {
    case .single: "\(scheme)://\(hosts)\(database)"
    case .sentinel(let master): "\(scheme)+sentinel://\(hosts)/\(master)\(database)"
    case .cluster: "\(scheme)+cluster://\(hosts)"
    }
  }
}
