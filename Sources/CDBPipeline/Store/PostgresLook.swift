import PostgresClient

/// A look at a PostgreSQL store, or a transaction in it: on the session's own thread.
struct PostgresLook: StoreWriter {
  let connection: PostgresConnection

  init(_ connection: PostgresConnection) { self.connection = connection }

  var dialect: StoreDialect { .postgres }

  func each(_ query: String, _ arguments: [StoreValue], _ body: (StoreRow) throws -> Void) throws {
    try connection.query(PostgresStatement(query, arguments.map(\.parameter))) { row in
      try body(StoreRow((0..<row.count).map { StoreValue(row, $0) }))
    }
  }

  @discardableResult
  func execute(_ statement: String, _ arguments: [StoreValue]) throws -> Int {
    try connection.run([PostgresStatement(statement, arguments.map(\.parameter))]).first?.changed ?? 0
  }
}

extension StoreValue {
  /// A value of the server's, by the number of its type.
  init(_ row: PostgresRow, _ column: Int) {
    guard let text = row.text(column) else {
      self = .null
      return
    }
    switch row.type(column) {
    // int8, int2, int4; numeric is what a sum of them is.
    case 20, 21, 23, 1700: self = Int64(text).map(StoreValue.integer) ?? .text(text)
    case 16: self = .integer(text == "t" ? 1 : 0)
    case 700, 701: self = Double(text).map(StoreValue.real) ?? .text(text)
    case 17: self = StoreValue.hexadecimal(text)
    default: self = .text(text)
    }
  }

  /// The server's form of bytes, `\x…`.
  static func hexadecimal(_ text: String) -> StoreValue {
    let digits = Array(text.utf8.dropFirst(2))
    guard text.hasPrefix("\\x"), digits.count.isMultiple(of: 2) else { return .text(text) }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
        return .text(text)
      }
      bytes.append(byte)
    }
    return .bytes(bytes)
  }

  var parameter: PostgresParameter {
    switch self {
    case .null: .null
    case .integer(let value): .integer(value)
    case .real(let value): .real(value)
    case .text(let value): .text(value)
    case .bytes(let value): .bytes(value)
    }
  }
}
