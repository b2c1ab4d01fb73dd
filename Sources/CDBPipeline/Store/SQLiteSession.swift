import Foundation
import GRDB

/// A look at a SQLite store, or a transaction in it.
struct SQLiteSession: StoreWriter {
  let database: Database

  init(_ database: Database) { self.database = database }

  var dialect: StoreDialect { .sqlite }

  func each(_ query: String, _ arguments: [StoreValue], _ body: (StoreRow) throws -> Void) throws {
    let rows = try Row.fetchCursor(database, sql: query, arguments: Self.named(arguments))
    while let row = try rows.next() {
      try body(StoreRow(row.databaseValues.map { StoreValue($0) }))
    }
  }

  @discardableResult
  func execute(_ statement: String, _ arguments: [StoreValue]) throws -> Int {
    try database.execute(sql: statement, arguments: Self.named(arguments))
    return database.changesCount
  }

  /// Inserts the rows that are not there yet, and returns them.
  func insert(_ part: StoreBatch.Part) throws -> [[StoreValue]] {
    let columns = part.table.columns.map(\.name)
    let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO \(part.table.name) (\(columns.joined(separator: ", "))) VALUES (\(marks))
        ON CONFLICT DO NOTHING
        """)
    return try part.rows.filter { row in
      try statement.execute(arguments: StatementArguments(row.map(\.databaseValue)))
      return database.changesCount > 0
    }
  }

  /// `$1` is a name to SQLite.
  private static func named(_ arguments: [StoreValue]) -> StatementArguments {
    var named: [String: (any DatabaseValueConvertible)?] = [:]
    for (index, argument) in arguments.enumerated() { named["\(index + 1)"] = argument.databaseValue }
    return StatementArguments(named)
  }
}

extension StoreValue {
  init(_ value: DatabaseValue) {
    self =
      switch value.storage {
      case .null: .null
      case .int64(let number): .integer(number)
      case .double(let number): .real(number)
      case .string(let text): .text(text)
      case .blob(let data): .bytes(Array(data))
      }
  }

  var databaseValue: DatabaseValue {
    switch self {
    case .null: .null
    case .integer(let value): value.databaseValue
    case .real(let value): value.databaseValue
    case .text(let value): value.databaseValue
    case .bytes(let value): Data(value).databaseValue
    }
  }
}
