import CDBDomain
import Foundation
import GRDB

/// Reads what a report of a span of time needs, all in one look at the store.
struct SQLiteBlocks {
  private let database: Database
  private let since: EventTime
  private let until: EventTime
  private static let canary = "'\(RiskEngine.canaryName)'"
  /// Fills with what they are a part of.
  private static let fills = """
    fills f JOIN orders o ON o.id = f.order_id JOIN order_results r ON r.id = f.result_id
    WHERE o.account <> \(canary)
    """

  static func rows(since: EventTime, until: EventTime, _ database: Database) throws -> BlockRows {
    var rows = BlockRows(since: since, until: until)
    let reader = SQLiteBlocks(database, since, until)
    try reader.readOrderPath(into: &rows)
    try reader.readFills(into: &rows)
    try reader.readMarket(into: &rows)
    try reader.readControls(into: &rows)
    rows.tallies = try reader.tallies()
    return rows
  }

  private init(_ database: Database, _ since: EventTime, _ until: EventTime) {
    self.database = database
    self.since = since
    self.until = until
  }

  private var span: StatementArguments { ["since": since.nanoseconds, "until": until.nanoseconds] }

  private func times(_ query: String) throws -> [EventTime] {
    try Int64.fetchAll(database, sql: query, arguments: span).map(EventTime.init(nanoseconds:))
  }

  private func counts(_ query: String) throws -> [String: Int] {
    var result: [String: Int] = [:]
    for row in try Row.fetchAll(database, sql: query, arguments: span) { result[row[0]] = row[1] }
    return result
  }

  private func readOrderPath(into rows: inout BlockRows) throws {
    let within = "time_ns >= :since AND time_ns < :until"
    let reported = "r.reported_ns >= :since AND r.reported_ns < :until"
    let results = "order_results r JOIN orders o ON o.id = r.order_id WHERE o.account <> \(Self.canary)"
    rows.signals = try times(
      "SELECT time_ns FROM signals WHERE strategy <> \(Self.canary) AND \(within) ORDER BY 1")
    rows.signalsByStrategy = try counts(
      "SELECT strategy, count(*) FROM signals WHERE strategy <> \(Self.canary) AND \(within) GROUP BY 1")
    let decisions = try counts(
      """
      SELECT CASE WHEN approved THEN '' ELSE reason END, count(*) FROM decisions
      WHERE account <> \(Self.canary) AND \(within) GROUP BY 1
      """)
    rows.approved = decisions[""] ?? 0
    rows.refusals = decisions.filter { !$0.key.isEmpty }
    rows.orders = try times(
      "SELECT time_ns FROM orders WHERE account <> \(Self.canary) AND \(within) ORDER BY 1")
    rows.acceptances = try times(
      "SELECT r.reported_ns FROM \(results) AND r.status = 'accepted' AND \(reported) ORDER BY 1")
    rows.results = try counts("SELECT r.status, count(*) FROM \(results) AND \(reported) GROUP BY 1")
    rows.rejections = try counts(
      "SELECT r.reason, count(*) FROM \(results) AND r.status = 'rejected' AND \(reported) GROUP BY 1")
    rows.alerts = try counts("SELECT reason, count(*) FROM alerts WHERE \(within) GROUP BY 1")
  }

  private func readFills(into rows: inout BlockRows) throws {
    let first = since.advanced(by: -BlockRows.margin).nanoseconds
    let before = try Row.fetchCursor(
      database,
      sql: """
        SELECT o.instrument_id, o.side, count(*), sum(f.quantity), sum(f.notional), sum(f.fee)
        FROM \(Self.fills) AND r.reported_ns < ? GROUP BY 1, 2
        """, arguments: [first])
    while let row = try before.next() {
      let instrument = Self.instrument(row[0])
      let held = rows.opening.positions[instrument] ?? .zero
      let (quantity, notional) = (Quantity(mantissa: row[3]), Money(mantissa: row[4]))
      rows.opening.fills += row[2]
      rows.opening.fees = try rows.opening.fees + Money(mantissa: row[5])
      if row[1] == Side.buy.code {
        rows.opening.positions[instrument] = try held + quantity
        rows.opening.bought = try rows.opening.bought + notional
      } else {
        rows.opening.positions[instrument] = try held - quantity
        rows.opening.sold = try rows.opening.sold + notional
      }
    }
    let within = try Row.fetchCursor(
      database,
      sql: """
        SELECT r.reported_ns, o.instrument_id, o.side, f.price, f.quantity, f.notional, f.fee, o.time_ns,
          r.executed_ns
        FROM \(Self.fills) AND r.reported_ns >= ? AND r.reported_ns < ? ORDER BY r.reported_ns, f.result_id
        """, arguments: [first, until.nanoseconds])
    while let row = try within.next() {
      let (reported, ordered, executed): (Int64, Int64, Int64) = (row[0], row[7], row[8])
      rows.fills.append(
        BlockRows.Fill(
          time: EventTime(nanoseconds: reported), instrument: Self.instrument(row[1]),
          side: row[2] == Side.buy.code ? .buy : .sell, price: Price(mantissa: row[3]),
          quantity: Quantity(mantissa: row[4]), notional: Money(mantissa: row[5]),
          fee: Money(mantissa: row[6]),
          execution: max(0, executed &- ordered), report: max(0, reported &- executed)))
    }
  }

  private func readMarket(into rows: inout BlockRows) throws {
    let ended = "end_ns >= :since AND end_ns < :until"
    let closes = try Row.fetchCursor(
      database,
      sql: """
        SELECT end_ns, instrument_id, close FROM market_summaries WHERE \(ended) ORDER BY end_ns, instrument_id
        """, arguments: span)
    while let row = try closes.next() {
      rows.closes.append(
        BlockRows.Close(
          time: EventTime(nanoseconds: row[0]), instrument: Self.instrument(row[1]),
          price: Price(mantissa: row[2])))
    }
    let before = try Row.fetchCursor(
      database,
      sql: """
        SELECT instrument_id, close, max(end_ns) FROM market_summaries WHERE end_ns < ? GROUP BY 1
        """, arguments: [since.nanoseconds])
    while let row = try before.next() {
      rows.opening.closes[Self.instrument(row[0])] = Price(mantissa: row[1])
    }
    if let sums = try Row.fetchOne(
      database,
      sql: """
        SELECT coalesce(sum(trades), 0), coalesce(sum(quotes), 0), coalesce(sum(book_updates), 0)
        FROM market_summaries WHERE \(ended)
        """, arguments: span)
    {
      (rows.trades, rows.quotes, rows.bookUpdates) = (sums[0], sums[1], sums[2])
    }
  }

  private func readControls(into rows: inout BlockRows) throws {
    let decoder = JSONDecoder()
    func controls(_ condition: String) throws -> [ControlRecord] {
      let rows = try Row.fetchCursor(
        database, sql: "SELECT time_ns, body FROM controls WHERE \(condition)", arguments: span)
      var found: [ControlRecord] = []
      while let row = try rows.next() {
        let body: String = row[1]
        found.append(
          ControlRecord(
            time: EventTime(nanoseconds: row[0]),
            control: try decoder.decode(Control.self, from: Data(body.utf8))))
      }
      return found
    }
    let within = "time_ns >= :since AND time_ns < :until ORDER BY origin"
    rows.gate = try controls("kind IN ('gate', 'stop', 'resume') AND \(within)")
    let past = "time_ns < :since ORDER BY origin DESC LIMIT 1"
    let answers = try controls("kind = 'answer' AND \(past)") + controls("kind = 'answer' AND \(within)")
    rows.answers = answers.compactMap { if case .answer(let answer) = $0.control { answer } else { nil } }
    rows.incidents = try controls("kind = 'incident' AND time_ns < :until ORDER BY origin").compactMap {
      if case .incident(let step) = $0.control { step } else { nil }
    }
    let newest = "time_ns < :until ORDER BY origin DESC LIMIT 1"
    if case .configure(let configuration)? = try controls("kind = 'configure' AND \(newest)").first?.control {
      rows.configuration = configuration
    }
  }

  /// The sink's own ledger against the rows, table by table.
  private func tallies() throws -> [BlockRows.Tally] {
    guard
      let text = try String.fetchOne(database, sql: "SELECT ledger FROM sink_position WHERE only = 1")
    else { return [] }
    let ledger = try JSONDecoder().decode(NodeLedger.self, from: Data(text.utf8))
    let kinds: [(EventKind, String)] = [
      (.signal, "signals"), (.decision, "decisions"), (.order, "orders"), (.cancel, "cancels"),
      (.result, "order_results"), (.summary, "market_summaries"), (.alert, "alerts"), (.control, "controls"),
    ]
    return try kinds.map { kind, table in
      BlockRows.Tally(
        table: table, counted: Int64(clamping: ledger.receivedByKind[kind]),
        rows: try Int64.fetchOne(database, sql: "SELECT count(*) FROM \(table)") ?? 0)
    }
  }

  private static func instrument(_ number: Int64) -> InstrumentID { InstrumentID(UInt16(clamping: number)) }
}
