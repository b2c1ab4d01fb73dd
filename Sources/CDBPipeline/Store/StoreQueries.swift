import CDBDomain
import Foundation

/// What the store is asked for, beside its figures and its audit.
enum StoreQueries {
  /// Where the last commit left the sink; the beginning for an empty store.
  static func position(_ reader: any StoreReader) throws -> SinkPosition {
    // A store of a version before this one does not know its journal.
    let journal = try reader.migrations().contains("4 journal identity") ? "journal" : "0"
    guard
      let row = try reader.first(
        "SELECT sequence, origin, ledger, \(journal) FROM sink_position WHERE \"only\" = 1")
    else { return SinkPosition() }
    let ledger: String = try row[2]
    return SinkPosition(
      sequence: UInt64(bitPattern: try row[0]),
      ledger: try JSONDecoder().decode(NodeLedger.self, from: Data(ledger.utf8)),
      origin: UInt64(bitPattern: try row[1]), journal: UInt64(bitPattern: try row[3]))
  }

  /// Brings the position forward. A journal that is not known yet leaves the one that is.
  static let advance = """
    INSERT INTO sink_position ("only", sequence, origin, ledger, journal) VALUES (1, $1, $2, $3, $4)
    ON CONFLICT ("only") DO UPDATE
    SET sequence = excluded.sequence, origin = excluded.origin, ledger = excluded.ledger,
      journal = CASE WHEN excluded.journal = 0 THEN sink_position.journal ELSE excluded.journal END
    """

  static func values(_ position: SinkPosition, ledger: String) -> [StoreValue] {
    [.bits(position.sequence), .bits(position.origin), .text(ledger), .bits(position.journal)]
  }

  /// The probe of that number, or the newest, once its signal and decision are stored.
  static func probe(_ number: UInt64?, _ reader: any StoreReader) throws -> ProbeRecord? {
    let probe = reader.dialect.json("s.features", ["probe"], isNumber: true)
    var arguments: [StoreValue] = [.text(RiskEngine.canaryName)]
    if let number { arguments.append(.integer(Ratio(count: Int64(clamping: number)).mantissa)) }
    guard
      let row = try reader.first(
        """
        SELECT s.id, d.approved, d.reason, o.id, \(probe) FROM signals s JOIN decisions d ON d.signal_id = s.id
        LEFT JOIN orders o ON o.signal_id = s.id
        WHERE s.strategy = $1 \(number == nil ? "" : "AND \(probe) = $2")
        ORDER BY s.id DESC LIMIT 1
        """, arguments)
    else { return nil }
    let orderKey: Int64? = try row[3]
    let results = try reader.rows(
      "SELECT id, status, reason FROM order_results WHERE order_id = $1 ORDER BY id", [.optional(orderKey)])
    let fills: Int? = try reader.value(
      "SELECT count(*) FROM fills WHERE order_id = $1", [.optional(orderKey)])
    func text(_ key: Int64) -> String { EventID(storeKey: key)?.description ?? "\(key)" }
    return ProbeRecord(
      number: UInt64(clamping: (try row[4] as Int64) / Ratio.one.mantissa), signal: text(try row[0]),
      approved: try row[1], reason: try row[2], order: orderKey.map(text),
      results: try results.map { .init(id: text(try $0[0]), status: try $0[1], reason: try $0[2]) },
      fills: fills ?? 0)
  }

  static func restarts(_ reader: any StoreReader) throws -> [String: UInt64] {
    let reason = reader.dialect.json("body", ["answer", "_0", "reason"])
    // By the reason: one that took long is told as a stop.
    let restarts: [AnswerReason] = [.plannedRestart, .unplannedRestart, .restart]
    let rows = try reader.rows(
      "SELECT \(reason), count(*) FROM controls WHERE kind = 'answer' AND \(reason) IN ($1, $2, $3) GROUP BY 1",
      restarts.map { .text($0.rawValue) })
    var counts: [String: UInt64] = [:]
    for row in rows {
      if let reason: String = try row[0] { counts[reason] = try row[1] as UInt64 }
    }
    return counts
  }

  /// Decisions and links of either table.
  static func trail(_ reader: any StoreReader) throws -> [AuditRow] {
    let links =
      try reader.hasTable("audit")
      ? "audit" : "(SELECT CAST(NULL AS BIGINT) AS origin, NULL AS content, NULL AS hash WHERE false)"
    var trail: [AuditRow] = []
    try reader.each(
      """
      SELECT c.origin, c.time_ns, c.kind, c.body, a.content, a.hash FROM controls c
      LEFT JOIN \(links) a ON a.origin = c.origin WHERE c.kind IN (\(AuditChain.kinds)) OR a.origin IS NOT NULL
      UNION ALL
      SELECT a.origin, NULL, NULL, NULL, a.content, a.hash FROM \(links) a
      WHERE a.origin NOT IN (SELECT origin FROM controls)
      ORDER BY 1
      """, []
    ) { row in
      let body: String? = try row[3]
      trail.append(
        AuditRow(
          origin: UInt64(bitPattern: try row[0]),
          time: (try row[1] as Int64?).map(EventTime.init(nanoseconds:)), kind: try row[2], body: body,
          control: body.flatMap { try? JSONDecoder().decode(Control.self, from: Data($0.utf8)) },
          content: try row[4], hash: try row[5]))
    }
    return trail
  }

  static func lastActivity(_ reader: any StoreReader) throws -> LastActivity {
    func newest(_ query: String) throws -> EventTime? {
      let time: Int64? = try reader.value(query, [.text(RiskEngine.canaryName)])
      return time.map(EventTime.init(nanoseconds:))
    }
    func newest(_ results: [OrderStatus]) throws -> EventTime? {
      let codes = results.map { "'\($0.code)'" }.joined(separator: ", ")
      return try newest(
        """
        SELECT max(r.reported_ns) FROM order_results r JOIN orders o ON o.id = r.order_id
        WHERE o.account <> $1 AND r.status IN (\(codes))
        """)
    }
    var last = LastActivity()
    last.signal = try newest("SELECT max(time_ns) FROM signals WHERE strategy <> $1")
    last.order = try newest([.accepted])
    last.fill = try newest([.partiallyFilled, .filled])
    return last
  }

  /// Those that began after an instant, and the one that held then.
  static func answers(since: EventTime, limit: Int, _ reader: any StoreReader) throws -> [Answer] {
    // Those that began at the instant or before are one; a number of them more than asked for is never needed.
    let bodies = try reader.rows(
      "SELECT body FROM controls WHERE kind = 'answer' ORDER BY origin DESC LIMIT $1",
      [.integer(Int64(max(1, limit)))])
    var newestFirst: [Answer] = []
    for row in bodies {
      let body: String = try row[0]
      guard case .answer(let answer) = try JSONDecoder().decode(Control.self, from: Data(body.utf8)) else {
        continue
      }
      newestFirst.append(answer)
      if answer.since <= since || newestFirst.count >= limit { break }
    }
    return newestFirst.reversed()
  }

  /// The newest controls of these names, newest first.
  static func controls(
    _ names: [String], limit: Int, _ reader: any StoreReader
  ) throws -> [ControlRecord] {
    let marks = names.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    return try reader.rows(
      "SELECT time_ns, body FROM controls WHERE kind IN (\(marks)) ORDER BY origin DESC LIMIT \(limit)",
      names.map(StoreValue.text)
    ).map(record)
  }

  static func record(_ row: StoreRow) throws -> ControlRecord {
    let body: String = try row[1]
    return ControlRecord(
      time: EventTime(nanoseconds: try row[0]),
      control: try JSONDecoder().decode(Control.self, from: Data(body.utf8)))
  }
}
