import CPQ

/// Where a server is, and how one gets in. Prints without its password.
public struct PostgresSettings: Sendable, CustomStringConvertible, CustomReflectable {
  /// libpq's keywords (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
  private var keywords: [String: String]
  private let password: (@Sendable () throws -> String?)?
  /// Of one statement, milliseconds.
  public var statementTimeout = 30_000
  /// For one lock, milliseconds.
  public var lockTimeout = 5_000
  /// Every statement of a session that only reads is refused if it writes.
  public var isReadOnly = false
  /// What the server lists the session as.
  public var applicationName = "cdb"

  /// - Parameters:
  ///   - text: `postgresql://user@host:port/database?sslmode=verify-full`, or keywords, `host=… dbname=…`.
  ///   - password: asked for at each connection, so that another one takes effect; nil where `text`, `PGPASSWORD` or
  ///     `~/.pgpass` has it.
  /// - Throws: ``PostgresError`` of the kind ``PostgresError/Kind/invalidSettings``, without any part of `text`.
  public init(_ text: String, password: (@Sendable () throws -> String?)? = nil) throws(PostgresError) {
    // libpq's own words may repeat the text, and with it a password.
    let invalid = PostgresError(
      .invalidSettings, place: "?", reason: "the connection string cannot be read")
    guard !text.isEmpty, !text.utf8.contains(0) else { throw invalid }
    var message: UnsafeMutablePointer<CChar>?
    let options = PQconninfoParse(text, &message)
    if let message { PQfreemem(message) }
    guard let options else { throw invalid }
    defer { PQconninfoFree(options) }
    var keywords: [String: String] = [:]
    var option = options
    while let name = option.pointee.keyword {
      if let value = option.pointee.val { keywords[String(cString: name)] = String(cString: value) }
      option += 1
    }
    self.keywords = keywords
    self.password = password
  }

  /// `host:port/database`.
  public var place: String {
    let host = keywords["host"] ?? keywords["hostaddr"] ?? keywords["service"] ?? "localhost"
    return "\(host):\(keywords["port"] ?? "5432")/\(keywords["dbname"] ?? keywords["user"] ?? "")"
  }

  public var description: String { place }
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }

  /// Seconds until a connection must stand.
  var connectTimeout: Int {
    guard let text = keywords["connect_timeout"], let seconds = Int(text), seconds > 0 else { return 10 }
    return max(seconds, 2)
  }

  /// What libpq is given.
  func parameters() throws(PostgresError) -> [(name: String, value: String)] {
    var all = [
      "application_name": applicationName, "keepalives_idle": "30", "keepalives_interval": "5",
      "keepalives_count": "3", "tcp_user_timeout": "15000",
    ].merging(keywords) { $1 }
    all["client_encoding"] = "UTF8"
    if let password {
      do {
        if let value = try password() { all["password"] = value }
      } catch {
        throw PostgresError(.notAdmitted, place: place, reason: "no password: \(error)")
      }
    }
    return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// What a session begins with. What the connection string's `options` set is left as it is.
  var setup: [String] {
    let options = keywords["options"] ?? ""
    var statements: [String] = []
    for (name, value) in [("statement_timeout", statementTimeout), ("lock_timeout", lockTimeout)]
    where !options.contains(name) {
      statements.append("SET \(name) = \(value)")
    }
    // A commit is on the server's disk when it is answered.
    statements.append(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    statements.append("SET bytea_output = 'hex'")
    if isReadOnly { statements.append("SET default_transaction_read_only = on") }
    return statements
  }
}
