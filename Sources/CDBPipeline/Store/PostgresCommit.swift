import CDBDomain
import PostgresClient

/// A commit as the server gets it: every statement of the transaction at once, one a table, the rows as arrays. Decisions
/// take one way more, since their links follow from what is there.
struct PostgresCommit {
  let batch: StoreBatch
  let position: SinkPosition
  /// The position's ledger as the store has it.
  let ledger: String

  /// Returns how many of the events were not there before.
  func run(on connection: PostgresConnection) throws -> Int {
    var parts = batch.filled
    var statements = [Self.begin]
    var links: [[StoreValue]] = []
    var new = 0
    if !batch.decisions.isEmpty,
      let index = parts.firstIndex(where: { $0.table.name == StoreSchema.controls.name })
    {
      let controls = parts.remove(at: index)
      let results = try connection.run([
        Self.begin, Self.insert(controls.table, controls.rows, returning: "origin"), linked,
        PostgresStatement(AuditChain.newest, isPrepared: true),
      ])
      statements = []
      links = Self.links(batch, results)
      new = results[1].changed
    }
    let first = statements.count
    statements += parts.map { Self.insert($0.table, $0.rows) }
    if !links.isEmpty { statements.append(Self.insert(StoreSchema.audit, links)) }
    statements.append(
      PostgresStatement(
        StoreQueries.advance, StoreQueries.values(position, ledger: ledger).map(\.parameter),
        isPrepared: true))
    statements.append(Self.commit)
    let results = try connection.run(statements)
    for (part, result) in zip(parts, results[first...]) where part.isEvents { new += result.changed }
    return new
  }

  private static let begin = PostgresStatement("BEGIN", isPrepared: true)
  private static let commit = PostgresStatement("COMMIT", isPrepared: true)

  /// Which of the decisions have a link already.
  private var linked: PostgresStatement {
    PostgresStatement(
      "SELECT origin FROM audit WHERE origin = ANY($1)",
      [.integers(batch.decisions.map { Int64(bitPattern: $0.origin) })], isPrepared: true)
  }

  /// The links of those decisions that were new and have none.
  private static func links(_ batch: StoreBatch, _ results: [PostgresResult]) -> [[StoreValue]] {
    func origins(_ result: PostgresResult) -> [StoreValue] {
      result.rows.compactMap { $0.first.flatMap { $0 }.flatMap { Int64($0) }.map(StoreValue.integer) }
    }
    let known = Set(origins(results[2]))
    let fresh = batch.decisions(among: origins(results[1])).filter { !known.contains(.bits($0.origin)) }
    var newest: [UInt8]?
    if let text = results[3].rows.first?.first.flatMap({ $0 }),
      case .bytes(let bytes) = StoreValue.hexadecimal(text)
    {
      newest = bytes
    }
    return AuditChain.rows(fresh, after: newest)
  }

  static func insert(
    _ table: StoreTable, _ rows: [[StoreValue]], returning column: String? = nil
  ) -> PostgresStatement {
    let names = table.columns.map(\.name).joined(separator: ", ")
    let marks = table.columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    let returning = column.map { " RETURNING \($0)" } ?? ""
    return PostgresStatement(
      "INSERT INTO \(table.name) (\(names)) SELECT * FROM unnest(\(marks)) ON CONFLICT DO NOTHING\(returning)",
      table.columns.indices.map { column in
        switch table.columns[column].kind {
        case .integer:
          .integers(rows.map { if case .integer(let value) = $0[column] { value } else { nil } })
        case .text: .texts(rows.map { if case .text(let value) = $0[column] { value } else { nil } })
        case .bytes: .blobs(rows.map { if case .bytes(let value) = $0[column] { value } else { nil } })
        }
      }, isPrepared: true)
  }
}
