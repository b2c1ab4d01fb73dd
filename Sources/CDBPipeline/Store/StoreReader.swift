import CDBDomain

/// In what two kinds of store speak differently. All else of their SQL is one text; its parameters are `$1`, `$2`, ….
public enum StoreDialect: Sendable {
  case sqlite
  case postgres

  /// A number or text inside JSON that a column holds as text.
  func json(_ column: String, _ path: [String], isNumber: Bool = false) -> String {
    switch self {
    case .sqlite: "json_extract(\(column), '$.\(path.joined(separator: "."))')"
    case .postgres:
      isNumber
        ? "CAST(CAST(\(column) AS json) #>> '{\(path.joined(separator: ","))}' AS BIGINT)"
        : "CAST(\(column) AS json) #>> '{\(path.joined(separator: ","))}'"
    }
  }

  /// Where the names of the migrations stand that a store has had.
  var migrations: String {
    switch self {
    case .sqlite: "grdb_migrations"
    case .postgres: "store_migrations"
    }
  }

  var tableCount: String {
    switch self {
    case .sqlite: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1"
    case .postgres: "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass($1)"
    }
  }
}

/// One look at a store: what it reads is of one instant.
public protocol StoreReader {
  var dialect: StoreDialect { get }

  /// Hands over the rows of a query, one after another.
  func each(_ query: String, _ arguments: [StoreValue], _ body: (StoreRow) throws -> Void) throws
}

extension StoreReader {
  func rows(_ query: String, _ arguments: [StoreValue] = []) throws -> [StoreRow] {
    var rows: [StoreRow] = []
    try each(query, arguments) { rows.append($0) }
    return rows
  }

  func first(_ query: String, _ arguments: [StoreValue] = []) throws -> StoreRow? {
    try rows(query, arguments).first
  }

  /// The first column of the first row; nil where there is none, or it is NULL.
  func value<Value: StoreReadable>(_ query: String, _ arguments: [StoreValue] = []) throws -> Value? {
    guard let row = try first(query, arguments) else { return nil }
    let value: Value? = try row[0]
    return value
  }

  func integers(_ query: String, _ arguments: [StoreValue] = []) throws -> [Int64] {
    try rows(query, arguments).map { try $0[0] }
  }

  /// Names, and how often each is there.
  func counts(_ query: String, _ arguments: [StoreValue] = []) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    try each(query, arguments) { counts[try $0[0]] = try $0[1] as Int }
    return counts
  }

  func hasTable(_ name: String) throws -> Bool {
    let count: Int64? = try value(dialect.tableCount, [.text(name)])
    return count ?? 0 > 0
  }

  func migrations() throws -> [String] {
    guard try hasTable(dialect.migrations) else { return [] }
    return try rows("SELECT identifier FROM \(dialect.migrations)").map { try $0[0] }
  }
}

/// A transaction that writes.
protocol StoreWriter: StoreReader {
  /// Returns how many rows were inserted, changed or deleted.
  @discardableResult
  func execute(_ statement: String, _ arguments: [StoreValue]) throws -> Int
}
