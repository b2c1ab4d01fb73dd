/// A table of the store as both kinds of it have it.
public struct StoreTable: Sendable {
  public enum Kind: Sendable {
    /// 64 bits with a sign.
    case integer
    case text
    case bytes
  }

  public struct Column: Sendable {
    public var name: String
    public var kind: Kind
    var constraint: String

    init(_ name: String, _ kind: Kind, _ constraint: String = "NOT NULL") {
      self.name = name
      self.kind = kind
      self.constraint = constraint
    }
  }

  public var name: String
  public var columns: [Column]
  /// What a row is found by, all of them numbers.
  public var key: [String]
  private var constraints: [String]
  /// SQLite then keeps the rows in the key's own tree.
  private var isClustered: Bool

  init(
    _ name: String, key: [String] = ["id"], constraints: [String] = [], isClustered: Bool = false,
    _ columns: [Column]
  ) {
    self.name = name
    self.columns = columns
    self.key = key
    self.constraints = constraints
    self.isClustered = isClustered
  }

  /// The order of the keys.
  var order: String { key.joined(separator: ", ") }

  func definition(in dialect: StoreDialect) -> String {
    let columns = columns.map { "\($0.name) \(dialect.type($0.kind)) \($0.constraint)" }
    let clustered = isClustered && dialect == .sqlite ? " WITHOUT ROWID" : ""
    return "CREATE TABLE \(name) (\((columns + constraints).joined(separator: ", ")))\(clustered)"
  }
}

extension StoreDialect {
  func type(_ kind: StoreTable.Kind) -> String {
    switch (kind, self) {
    case (.integer, .sqlite): "INTEGER"
    case (.integer, .postgres): "BIGINT"
    case (.text, _): "TEXT"
    case (.bytes, .sqlite): "BLOB"
    case (.bytes, .postgres): "BYTEA"
    }
  }
}
