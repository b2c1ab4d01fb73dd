import CPQ

/// A row as it arrives. Valid within the call that it is handed to.
public struct PostgresRow {
  let result: OpaquePointer
  let index: Int32

  public var count: Int { Int(PQnfields(result)) }

  /// The server's number for the column's type.
  public func type(_ column: Int) -> UInt32 { PQftype(result, Int32(column)) }

  /// The server's text form of a value; nil for NULL.
  public func text(_ column: Int) -> String? {
    guard column >= 0, column < count, PQgetisnull(result, index, Int32(column)) == 0,
      let value = PQgetvalue(result, index, Int32(column))
    else { return nil }
    let length = Int(PQgetlength(result, index, Int32(column)))
    return String(decoding: UnsafeRawBufferPointer(start: value, count: length), as: UTF8.self)
  }
}

/// What a statement did.
public struct PostgresResult: Sendable {
  /// As text; nil is NULL.
  public var rows: [[String?]] = []
  /// How many rows were inserted, changed or deleted.
  public var changed = 0
}
