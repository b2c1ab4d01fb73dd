/// A piece of a PromQL text.
struct PromQLToken: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case identifier(String)
    /// A number or a duration, as it is written.
    case number(String)
    /// A string's value, escapes resolved.
    case string(String)
    /// A variable of a dashboard, by its name: `$x`, `${x}`, `${x:regex}` or `[[x]]`.
    case variable(String)
    /// An operator or a bracket.
    case mark(String)
    case end
  }

  var kind: Kind
  /// The offset of its first byte.
  var offset: Int
}

/// Why a PromQL text cannot be read, and where.
struct PromQLError: Error, Hashable, CustomStringConvertible {
  var reason: String
  /// The offset of the byte at which it was seen.
  var offset: Int
  var description: String { reason }
}

/// Whose PromQL it is.
enum PromQLDialect: Sendable, Hashable {
  /// As Prometheus reads it.
  case prometheus
  /// With the variables of Grafana, which are replaced before Prometheus sees the text.
  case grafana
}

/// What a text may ask for at most; beyond that it is refused before it costs anything.
enum PromQLLimits {
  static let bytes = 65_536
  static let tokens = 8_192
  /// How deep an expression may be nested by brackets and calls.
  static let depth = 128
  /// How many operators and subqueries it may have: chains of them make a tree as deep.
  static let links = 512
}
