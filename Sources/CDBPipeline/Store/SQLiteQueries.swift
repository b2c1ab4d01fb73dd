import CDBDomain
import Foundation
import GRDB

/// What the store is asked for, beside its figures and its audit.
enum SQLiteQueries {
  /// The probe of that number, or the newest, once its signal and decision are stored.
  static func probe(_ number: UInt64?, _ database: Database) throws -> ProbeRecord? {
    guard
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT s.id, d.approved, d.reason, o.id, json_extract(s.features, '$.probe') FROM signals s JOIN decisions d ON d.signal_id = s.id
          LEFT JOIN orders o ON o.signal_id = s.id
          WHERE s.strategy = :strategy AND (:probe IS NULL OR json_extract(s.features, '$.probe') = :probe)
          ORDER BY s.id DESC LIMIT 1
          """,
        arguments: [
          "strategy": RiskEngine.canaryName,
          "probe": number.map { Ratio(count: Int64(clamping: $0)).mantissa },
        ])
    else { return nil }
    let orderKey: Int64? = row[3]
    let results = try Row.fetchAll(
      database, sql: "SELECT id, status, reason FROM order_results WHERE order_id = ? ORDER BY id",
      arguments: [orderKey])
    let fills = try Int.fetchOne(
      database, sql: "SELECT count(*) FROM fills WHERE order_id = ?", arguments: [orderKey])
    func text(_ key: Int64) -> String { EventID(storeKey: key)?.description ?? "\(key)" }
    return ProbeRecord(
      number: UInt64(clamping: (row[4] as Int64) / Ratio.one.mantissa), signal: text(row[0]),
      approved: row[1], reason: row[2], order: orderKey.map(text),
      results: results.map { .init(id: text($0[0]), status: $0[1], reason: $0[2]) }, fills: fills ?? 0)
  }

  static func restarts(_ database: Database) throws -> [String: UInt64] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT json_extract(body, '$.answer._0.reason'), count(*) FROM controls
        WHERE kind = 'answer' AND json_extract(body, '$.answer._0.verdict') = ? GROUP BY 1
        """, arguments: [Verdict.restarting.rawValue])
    return Dictionary(
      rows.compactMap { row in (row[0] as String?).map { ($0, row[1]) } }, uniquingKeysWith: { $1 })
  }

  /// Decisions and links of either table.
  static func trail(_ database: Database) throws -> [AuditRow] {
    let hasChain = try database.tableExists("audit")
    let links = hasChain ? "audit" : "(SELECT NULL AS origin, NULL AS content, NULL AS hash WHERE false)"
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT c.origin, c.time_ns, c.kind, c.body, a.content, a.hash FROM controls c
        LEFT JOIN \(links) a ON a.origin = c.origin WHERE c.kind IN (\(AuditChain.kinds)) OR a.origin IS NOT NULL
        UNION ALL
        SELECT a.origin, NULL, NULL, NULL, a.content, a.hash FROM \(links) a
        WHERE a.origin NOT IN (SELECT origin FROM controls)
        ORDER BY 1
        """)
    var trail: [AuditRow] = []
    while let row = try rows.next() {
      let origin: Int64 = row[0]
      let body: String? = row[3]
      let (content, hash): (Data?, Data?) = (row[4], row[5])
      trail.append(
        AuditRow(
          origin: UInt64(bitPattern: origin), time: (row[1] as Int64?).map(EventTime.init(nanoseconds:)),
          kind: row[2], body: body,
          control: body.flatMap { try? JSONDecoder().decode(Control.self, from: Data($0.utf8)) },
          content: content.map(Array.init), hash: hash.map(Array.init)))
    }
    return trail
  }

  /// The newest journal record that the rows follow from.
  static func origin(_ database: Database) throws -> UInt64 {
    let origin = try Int64.fetchOne(database, sql: "SELECT origin FROM sink_position WHERE only = 1") ?? 0
    return UInt64(bitPattern: origin)
  }

  static func lastActivity(_ database: Database) throws -> LastActivity {
    func newest(_ query: String) throws -> EventTime? {
      try Int64.fetchOne(database, sql: query, arguments: ["canary": RiskEngine.canaryName]).map(
        EventTime.init(nanoseconds:))
    }
    func newest(_ results: [OrderStatus]) throws -> EventTime? {
      let codes = results.map { "'\($0.code)'" }.joined(separator: ", ")
      return try newest(
        """
        SELECT max(r.reported_ns) FROM order_results r JOIN orders o ON o.id = r.order_id
        WHERE o.account <> :canary AND r.status IN (\(codes))
        """)
    }
    var last = LastActivity()
    last.signal = try newest("SELECT max(time_ns) FROM signals WHERE strategy <> :canary")
    last.order = try newest([.accepted])
    last.fill = try newest([.partiallyFilled, .filled])
    return last
  }

  /// Those that began after an instant, and the one that held then.
  static func answers(since: EventTime, limit: Int, _ database: Database) throws -> [Answer] {
    var newestFirst: [Answer] = []
    let bodies = try String.fetchCursor(
      database, sql: "SELECT body FROM controls WHERE kind = 'answer' ORDER BY origin DESC")
    while let body = try bodies.next() {
      guard case .answer(let answer) = try JSONDecoder().decode(Control.self, from: Data(body.utf8)) else {
        continue
      }
      newestFirst.append(answer)
      if answer.since <= since || newestFirst.count >= limit { break }
    }
    return newestFirst.reversed()
  }

  /// The newest controls of these names, newest first.
  static func controls(_ names: [String], limit: Int, _ database: Database) throws -> [ControlRecord] {
    let marks = Array(repeating: "?", count: names.count).joined(separator: ", ")
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT time_ns, body FROM controls WHERE kind IN (\(marks)) ORDER BY origin DESC LIMIT \(limit)",
      arguments: StatementArguments(names))
    return try rows.map { row in
      let body: String = row[1]
      return ControlRecord(
        time: EventTime(nanoseconds: row[0]),
        control: try JSONDecoder().decode(Control.self, from: Data(body.utf8)))
    }
  }
}
