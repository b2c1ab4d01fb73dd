import CDBDomain

/// Two stores held against each other, row by row: by id, and by what stands behind the id.
public struct StoreComparison: Sendable, Codable {
  /// A row that is not the same in both.
  public struct Difference: Sendable, Codable, Hashable {
    public enum Kind: String, Sendable, Codable {
      case missingInFirst = "missing_in_first"
      case missingInSecond = "missing_in_second"
      case differs
    }

    public var kind: Kind
    /// An event's id where it has one; otherwise the numbers that the row is found by.
    public var id: String
    /// The columns that differ; none where the row is missing.
    public var columns: [String]
  }

  public struct Table: Sendable, Codable, Hashable {
    public var name: String
    /// Rows of the first and of the second.
    public var firstRows = 0
    public var secondRows = 0
    public var missingInFirst = 0
    public var missingInSecond = 0
    public var differing = 0
    /// The first of them, in the order of the ids.
    public var differences: [Difference] = []

    public var isSame: Bool { missingInFirst == 0 && missingInSecond == 0 && differing == 0 }
  }

  public struct Side: Sendable, Codable, Hashable {
    public var place: String
    public var digest: String
    /// The newest journal record that its rows follow from.
    public var origin: UInt64
  }

  public var first: Side
  public var second: Side
  public var tables: [Table]

  public var isSame: Bool { first.digest == second.digest && tables.allSatisfy(\.isSame) }

  /// Reads both in pages, so that their size does not matter. Of stores that somebody writes meanwhile, each page is of
  /// another instant.
  ///
  /// - Parameter limit: how many differences of a table are kept; all are counted.
  public init(_ first: any StoreContents, _ second: any StoreContents, limit: Int = 20) async throws {
    self.first = try await Self.side(first)
    self.second = try await Self.side(second)
    tables = []
    for table in StoreSchema.compared {
      tables.append(try await Self.compare(table, first, second, limit: limit))
    }
  }

  private static func side(_ store: any StoreContents) async throws -> Side {
    Side(
      place: store.place, digest: try await store.digest(), origin: try await store.position().origin)
  }

  private static func compare(
    _ table: StoreTable, _ first: any StoreContents, _ second: any StoreContents, limit: Int
  ) async throws -> Table {
    var outcome = Table(name: table.name)
    var firstRows = StorePages(store: first, table: table)
    var secondRows = StorePages(store: second, table: table)
    var left = try await firstRows.next()
    var right = try await secondRows.next()
    func note(_ kind: Difference.Kind, _ row: StorePages.Keyed, _ columns: [String] = []) {
      guard outcome.differences.count < limit else { return }
      outcome.differences.append(
        Difference(kind: kind, id: name(row.key, in: table), columns: columns))
    }
    while true {
      let order: Int
      switch (left, right) {
      case (nil, nil): return outcome
      case (_?, nil): order = -1
      case (nil, _?): order = 1
      case (let a?, let b?):
        order = a.key == b.key ? 0 : a.key.lexicographicallyPrecedes(b.key) ? -1 : 1
      }
      if order <= 0 { outcome.firstRows += 1 }
      if order >= 0 { outcome.secondRows += 1 }
      if order < 0, let row = left {
        outcome.missingInSecond += 1
        note(.missingInSecond, row)
      } else if order > 0, let row = right {
        outcome.missingInFirst += 1
        note(.missingInFirst, row)
      } else if let a = left, let b = right, a.values != b.values {
        outcome.differing += 1
        let columns = table.columns.indices.filter { a.values[$0] != b.values[$0] }
        note(.differs, a, columns.map { table.columns[$0].name })
      }
      if order <= 0 { left = try await firstRows.next() }
      if order >= 0 { right = try await secondRows.next() }
    }
  }

  /// Tables of events are found by the events' ids.
  private static func name(_ key: [Int64], in table: StoreTable) -> String {
    if table.name != StoreSchema.instruments.name, ["id", "result_id"].contains(table.key[0]),
      let id = EventID(storeKey: key[0])
    {
      return id.description
    }
    return key.map { "\($0)" }.joined(separator: " ")
  }
}

/// A table's rows in the order of their keys, some at a time.
private struct StorePages {
  struct Keyed {
    var key: [Int64]
    var values: [StoreValue]
  }

  static let size = 1_000

  let store: any StoreContents
  let table: StoreTable
  private var page: [Keyed] = []
  private var last: [Int64]?
  private var isAtEnd = false

  init(store: any StoreContents, table: StoreTable) {
    self.store = store
    self.table = table
  }

  mutating func next() async throws -> Keyed? {
    if page.isEmpty, !isAtEnd {
      page = try await read().reversed()
      isAtEnd = page.count < Self.size
    }
    guard let row = page.popLast() else { return nil }
    last = row.key
    return row
  }

  private func read() async throws -> [Keyed] {
    let (table, last) = (table, last)
    return try await store.read { reader in
      // A store of an earlier version does not have every table.
      guard try reader.hasTable(table.name) else { return [] }
      let key = table.key.joined(separator: ", ")
      let marks = table.key.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
      let behind = last == nil ? "" : "WHERE (\(key)) > (\(marks))"
      let names = table.columns.map(\.name)
      let places = table.key.compactMap { names.firstIndex(of: $0) }
      return try reader.rows(
        "SELECT \(names.joined(separator: ", ")) FROM \(table.name) \(behind) ORDER BY \(key) LIMIT \(StorePages.size)",
        (last ?? []).map(StoreValue.integer)
      ).map { row in Keyed(key: try places.map { try row[$0] }, values: row.values) }
    }
  }
}
