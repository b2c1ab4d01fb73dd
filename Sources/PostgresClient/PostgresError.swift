/// Why the server did not do what was asked. Names the place and the way out, never a password.
public struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The connection string cannot be used; nothing was tried.
    case invalidSettings
    /// No connection came about: nobody listens, the name is unknown, TLS fails, the server starts or ends.
    case cannotConnect
    /// The server does not let this user in, or has no such database.
    case notAdmitted
    /// The connection broke. Whether the last statement took effect is not known.
    case connectionLost
    /// A statement took longer than it may, and was ended.
    case timedOut
    /// Another session held a lock for longer than was waited.
    case locked
    /// Two sessions were in each other's way, and the server ended this one's transaction.
    case conflict
    /// The server, the session or the role writes nothing.
    case readOnly
    /// The server's disk, memory or number of connections is used up.
    case exhausted
    /// The role may not do this.
    case notPermitted
    /// The statement itself was refused.
    case refused
    /// The task was cancelled.
    case cancelled
  }

  public var kind: Kind
  /// `host:port/database`.
  public var place: String
  /// The server's or libpq's words.
  public var reason: String
  /// Five characters, where the server gave one; https://www.postgresql.org/docs/15/errcodes-appendix.html
  public var sqlState: String?

  public init(_ kind: Kind, place: String, reason: String, sqlState: String? = nil) {
    self.kind = kind
    self.place = place
    self.reason = reason
    self.sqlState = sqlState
  }

  /// Whether the connection cannot be used any more.
  public var endsConnection: Bool {
    switch kind {
    case .cannotConnect, .notAdmitted, .connectionLost, .cancelled: true
    default: sqlState?.hasPrefix("57P") == true || sqlState?.hasPrefix("08") == true
    }
  }

  public var description: String {
    let state = sqlState.map { " (\($0))" } ?? ""
    let way = wayOut.isEmpty ? "" : ": \(wayOut)"
    return "PostgreSQL at \(place): \(reason)\(state)\(way)"
  }

  private var wayOut: String {
    switch kind {
    case .invalidSettings: "write postgresql://user@host:5432/database, or host=… dbname=… user=…"
    case .cannotConnect: "start the server, or correct host, port and sslmode"
    case .notAdmitted: "correct user, password and database, or pg_hba.conf there"
    case .connectionLost: "it is connected again by itself; see the server's log for why"
    case .timedOut: "see what keeps the server busy (pg_stat_activity)"
    case .locked: "end the session that holds the lock (pg_locks, pg_stat_activity)"
    case .conflict: "it is tried again"
    case .readOnly: "connect to the primary (target_session_attrs=read-write) with a role that may write"
    case .exhausted: "make room at the server"
    case .notPermitted: "grant the role what it needs"
    case .refused, .cancelled: ""
    }
  }

  /// What a state of the server means here.
  static func kind(ofState state: String) -> Kind {
    switch state {
    case "57014": .timedOut
    case "55P03": .locked
    case "25006": .readOnly
    case "42501": .notPermitted
    case "40001", "40P01": .conflict
    case "57P01", "57P02": .connectionLost
    case "57P03": .cannotConnect
    case "3D000": .notAdmitted
    default:
      switch state.prefix(2) {
      case "08": .connectionLost
      case "28": .notAdmitted
      case "53": .exhausted
      default: .refused
      }
    }
  }
}
