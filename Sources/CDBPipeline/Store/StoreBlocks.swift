import CDBDomain
import Foundation

/// Reads what a report of a span of time needs, all in one look at the store.
struct StoreBlocks {
  private let reader: any StoreReader
  private let since: EventTime
  private let until: EventTime
  private static let canary = "'\(RiskEngine.canaryName)'"
  /// Fills with what they are a part of.
  private static let fills = """
    fills f JOIN orders o ON o.id = f.order_id JOIN order_results r ON r.id = f.result_id
    WHERE o.account <> \(canary)
    """

  static func rows(since: EventTime, until: EventTime, _ source: any StoreReader) throws -> BlockRows {
    var rows = BlockRows(since: since, until: until)
    let reader = StoreBlocks(source, since, until)
    try reader.readOrderPath(into: &rows)
    try reader.readFills(into: &rows)
    try reader.readMarket(into: &rows)
    try reader.readControls(into: &rows)
    rows.tallies = try reader.tallies()
    return rows
  }

  private init(_ reader: any StoreReader, _ since: EventTime, _ until: EventTime) {
    self.reader = reader
    self.since = since
    self.until = until
  }

  /// `$1` and `$2`.
  private var span: [StoreValue] { [.integer(since.nanoseconds), .integer(until.nanoseconds)] }

  private func times(_ query: String) throws -> [EventTime] {
    try reader.integers(query, span).map(EventTime.init(nanoseconds:))
  }

  private func counts(_ query: String) throws -> [String: Int] {
    try reader.counts(query, span)
  }

  private func readOrderPath(into rows: inout BlockRows) throws {
    let within = "time_ns >= $1 AND time_ns < $2"
    let reported = "r.reported_ns >= $1 AND r.reported_ns < $2"
    let results = "order_results r JOIN orders o ON o.id = r.order_id WHERE o.account <> \(Self.canary)"
    rows.signals = try times(
      "SELECT time_ns FROM signals WHERE strategy <> \(Self.canary) AND \(within) ORDER BY 1")
    rows.signalsByStrategy = try counts(
      "SELECT strategy, count(*) FROM signals WHERE strategy <> \(Self.canary) AND \(within) GROUP BY 1")
    let decisions = try counts(
      """
      SELECT CASE WHEN approved <> 0 THEN '' ELSE reason END, count(*) FROM decisions
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
    try reader.each(
      """
      SELECT o.instrument_id, o.side, count(*), sum(f.quantity), sum(f.notional), sum(f.fee)
      FROM \(Self.fills) AND r.reported_ns < $1 GROUP BY 1, 2
      """, [.integer(first)]
    ) { row in
      let instrument = Self.instrument(try row[0])
      let side: String = try row[1]
      let held = rows.opening.positions[instrument] ?? .zero
      let (quantity, notional) = (Quantity(mantissa: try row[3]), Money(mantissa: try row[4]))
      rows.opening.fills += try row[2] as Int
      rows.opening.fees = try rows.opening.fees + Money(mantissa: try row[5])
      if side == Side.buy.code {
        rows.opening.positions[instrument] = try held + quantity
        rows.opening.bought = try rows.opening.bought + notional
      } else {
        rows.opening.positions[instrument] = try held - quantity
        rows.opening.sold = try rows.opening.sold + notional
      }
    }
    try reader.each(
      """
      SELECT r.reported_ns, o.instrument_id, o.side, f.price, f.quantity, f.notional, f.fee, o.time_ns,
        r.executed_ns
      FROM \(Self.fills) AND r.reported_ns >= $1 AND r.reported_ns < $2 ORDER BY r.reported_ns, f.result_id
      """, [.integer(first), .integer(until.nanoseconds)]
    ) { row in
      let (reported, ordered, executed): (Int64, Int64, Int64) = (try row[0], try row[7], try row[8])
      let side: String = try row[2]
      rows.fills.append(
        BlockRows.Fill(
          time: EventTime(nanoseconds: reported), instrument: Self.instrument(try row[1]),
          side: side == Side.buy.code ? .buy : .sell, price: Price(mantissa: try row[3]),
          quantity: Quantity(mantissa: try row[4]), notional: Money(mantissa: try row[5]),
          fee: Money(mantissa: try row[6]),
          execution: max(0, executed &- ordered), report: max(0, reported &- executed)))
    }
  }

  private func readMarket(into rows: inout BlockRows) throws {
    let ended = "end_ns >= $1 AND end_ns < $2"
    try reader.each(
      "SELECT end_ns, instrument_id, close FROM market_summaries WHERE \(ended) ORDER BY end_ns, instrument_id",
      span
    ) { row in
      rows.closes.append(
        BlockRows.Close(
          time: EventTime(nanoseconds: try row[0]), instrument: Self.instrument(try row[1]),
          price: Price(mantissa: try row[2])))
    }
    try reader.each(
      """
      SELECT m.instrument_id, m.close FROM market_summaries m JOIN
        (SELECT instrument_id, max(end_ns) AS end_ns FROM market_summaries WHERE end_ns < $1
         GROUP BY instrument_id) newest
        ON newest.instrument_id = m.instrument_id AND newest.end_ns = m.end_ns
      ORDER BY m.instrument_id, m.start_ns
      """, [.integer(since.nanoseconds)]
    ) { row in
      rows.opening.closes[Self.instrument(try row[0])] = Price(mantissa: try row[1])
    }
    let sums = try reader.first(
      """
      SELECT coalesce(sum(trades), 0), coalesce(sum(quotes), 0), coalesce(sum(book_updates), 0)
      FROM market_summaries WHERE \(ended)
      """, span)
    if let sums { (rows.trades, rows.quotes, rows.bookUpdates) = (try sums[0], try sums[1], try sums[2]) }
  }

  private func readControls(into rows: inout BlockRows) throws {
    func controls(_ condition: String) throws -> [ControlRecord] {
      try reader.rows("SELECT time_ns, body FROM controls WHERE \(condition)", span).map(StoreQueries.record)
    }
    let within = "time_ns >= $1 AND time_ns < $2 ORDER BY origin"
    rows.gate = try controls("kind IN ('gate', 'stop', 'resume') AND \(within)")
    let past = "time_ns < $1 ORDER BY origin DESC LIMIT 1"
    let answers = try controls("kind = 'answer' AND \(past)") + controls("kind = 'answer' AND \(within)")
    rows.answers = answers.compactMap { if case .answer(let answer) = $0.control { answer } else { nil } }
    rows.incidents = try controls("kind = 'incident' AND time_ns < $2 ORDER BY origin").compactMap {
      if case .incident(let step) = $0.control { step } else { nil }
    }
    let newest = "time_ns < $2 ORDER BY origin DESC LIMIT 1"
    if case .configure(let configuration)? = try controls("kind = 'configure' AND \(newest)").first?.control {
      rows.configuration = configuration
    }
  }

  /// The sink's own ledger against the rows, table by table.
  private func tallies() throws -> [BlockRows.Tally] {
    guard
      let text: String = try reader.value("SELECT ledger FROM sink_position WHERE \"only\" = 1")
    else { return [] }
    let ledger = try JSONDecoder().decode(NodeLedger.self, from: Data(text.utf8))
    let kinds: [(EventKind, String)] = [
      (.signal, "signals"), (.decision, "decisions"), (.order, "orders"), (.cancel, "cancels"),
      (.result, "order_results"), (.summary, "market_summaries"), (.alert, "alerts"), (.control, "controls"),
    ]
    return try kinds.map { kind, table in
      BlockRows.Tally(
        table: table, counted: Int64(clamping: ledger.receivedByKind[kind]),
        rows: try reader.value("SELECT count(*) FROM \(table)") ?? 0)
    }
  }

  private static func instrument(_ number: Int64) -> InstrumentID { InstrumentID(UInt16(clamping: number)) }
}
