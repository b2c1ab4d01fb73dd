import CDBDomain

/// The schema of the store, whatever keeps it, and how older ones become it.
///
/// Keys are integers: an event's id packed as ``CDBDomain/EventID/storeKey``. Prices, quantities and money
/// are mantissas at the scales in `instruments` (money at 8), so that a comparison is exact.
enum StoreSchema {
  enum Step: Sendable {
    case table(StoreTable)
    /// The same words in every dialect; `{integer}` is its type.
    case statement(String)
    /// Links the decisions that an earlier version has written.
    case chain
  }

  /// In their order; what a name did never changes.
  static let migrations: [(name: String, steps: [Step])] = [
    (
      "1 order path",
      [instruments, controls, signals, decisions, orders, results, fills, summaries, alerts].map(Step.table)
        + [
          .statement("CREATE INDEX order_results_by_order ON order_results (order_id)"), .table(position),
        ]
    ),
    ("2 cancels", [.table(cancels)]),
    ("3 audit chain", [.table(audit), .chain]),
    (
      "4 journal identity",
      [.statement("ALTER TABLE sink_position ADD COLUMN journal {integer} NOT NULL DEFAULT 0")]
    ),
  ]

  /// The tables that events make rows in, each behind those that it refers to, and in the order of a digest.
  static let digested = [
    instruments, controls, signals, decisions, orders, cancels, results, fills, summaries, alerts,
  ]

  /// All that two stores with the same history have in common.
  static let compared = digested + [audit]

  static func run(_ steps: [Step], in writer: any StoreWriter) throws {
    for step in steps {
      switch step {
      case .table(let table): try writer.execute(table.definition(in: writer.dialect), [])
      case .statement(let text):
        try writer.execute(
          text.replacing("{integer}", with: writer.dialect.type(.integer)), [])
      case .chain: try AuditChain.build(in: writer)
      }
    }
  }

  /// Refuses a store that a newer version has made its own, and one that is none where it must be one.
  static func admit(_ reader: any StoreReader, at place: String, mustExist: Bool = false) throws {
    if mustExist, try !reader.hasTable("sink_position") { throw StoreRefusal.missing(place: place) }
    let unknown = Set(try reader.migrations()).subtracting(migrations.map(\.name))
    guard unknown.isEmpty else { throw StoreRefusal.newer(place: place, migrations: unknown.sorted()) }
  }

  static let instruments = StoreTable(
    "instruments",
    [
      .init("id", .integer, "PRIMARY KEY"), .init("symbol", .text, "NOT NULL UNIQUE"), .init("base", .text),
      .init("quote", .text), .init("price_scale", .integer), .init("quantity_scale", .integer),
    ])

  static let controls = StoreTable(
    "controls", key: ["origin"],
    [
      .init("origin", .integer, "PRIMARY KEY"), .init("time_ns", .integer), .init("kind", .text),
      .init("body", .text),
    ])

  static let signals = StoreTable(
    "signals",
    event + [
      instrument, .init("side", .text), .init("strategy", .text), .init("strength", .integer),
      .init("reference_price", .integer), .init("features", .text),
    ])

  static let decisions = StoreTable(
    "decisions",
    event + [
      signal, .init("account", .text), .init("approved", .integer), .init("reason", .text),
      .init("layers", .text),
    ])

  static let orders = StoreTable(
    "orders",
    event + [
      signal, .init("account", .text), instrument, .init("side", .text), .init("type", .text),
      .init("quantity", .integer), .init("limit_price", .integer, ""), .init("stop_price", .integer, ""),
      .init("reference_price", .integer),
    ])

  static let cancels = StoreTable(
    "cancels", event + [order, .init("account", .text), instrument, .init("reason", .text)])

  static let results = StoreTable(
    "order_results",
    [
      .init("id", .integer, "PRIMARY KEY"), order, .init("origin", .integer), .init("status", .text),
      .init("reason", .text), .init("executed_ns", .integer), .init("reported_ns", .integer),
    ])

  static let fills = StoreTable(
    "fills", key: ["result_id"], constraints: ["UNIQUE (order_id, number)"],
    [
      .init("result_id", .integer, "PRIMARY KEY REFERENCES order_results"), order, .init("number", .integer),
      .init("price", .integer), .init("quantity", .integer), .init("notional", .integer),
      .init("fee", .integer), .init("liquidity", .text), .init("bid", .integer), .init("ask", .integer),
    ])

  static let summaries = StoreTable(
    "market_summaries", key: ["instrument_id", "start_ns"],
    constraints: ["PRIMARY KEY (instrument_id, start_ns)"], isClustered: true,
    [instrument]
      + [
        "start_ns", "end_ns", "open", "high", "low", "close", "volume", "trades", "quotes", "book_updates",
      ].map { .init($0, .integer) })

  static let alerts = StoreTable(
    "alerts",
    [
      .init("id", .integer, "PRIMARY KEY"), .init("time_ns", .integer), .init("level", .text),
      .init("reason", .text), .init("message", .text), .init("context", .text),
    ])

  static let audit = StoreTable(
    "audit", key: ["origin"], isClustered: true,
    [.init("origin", .integer, "PRIMARY KEY"), .init("content", .bytes), .init("hash", .bytes)])

  private static let position = StoreTable(
    "sink_position", key: ["\"only\""],
    [
      .init("\"only\"", .integer, "PRIMARY KEY CHECK (\"only\" = 1)"), .init("sequence", .integer),
      .init("origin", .integer), .init("ledger", .text),
    ])

  private static let event: [StoreTable.Column] = [
    .init("id", .integer, "PRIMARY KEY"), .init("time_ns", .integer), .init("origin", .integer),
  ]
  private static let instrument = StoreTable.Column(
    "instrument_id", .integer, "NOT NULL REFERENCES instruments")
  private static let signal = StoreTable.Column(
    "signal_id", .integer, "NOT NULL UNIQUE REFERENCES signals")
  private static let order = StoreTable.Column("order_id", .integer, "NOT NULL REFERENCES orders")
}

/// Why a store is not written or read although it is there.
public enum StoreRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// A newer version has made it its own.
  case newer(place: String, migrations: [String])
  /// Its rows follow from another journal.
  case otherJournal(place: String)
  /// There is none.
  case missing(place: String)
  /// It lacks what this process has written into it: another one was put in its place, or an older backup.
  case setBack(place: String)
  /// Another process writes into it.
  case inUse(place: String)
  /// Somebody else's tables are there.
  case occupied(place: String, reason: String)

  public var description: String {
    switch self {
    case .newer(let place, let migrations):
      "the store \(place) belongs to a newer version of cdb (\(migrations.joined(separator: ", "))): use that version, or "
        + "name another store"
    case .otherJournal(let place):
      "the store \(place) is another installation's: its rows follow from another journal than this data directory's; "
        + "name another store (store.url), or the data directory that it belongs to (data_dir)"
    case .setBack(let place):
      "the store \(place) lacks rows that were committed to it: put it back, or restart cdb, which builds it again from "
        + "the journal"
    case .missing(let place): "there is no store of cdb at \(place)"
    case .inUse(let place):
      "another process writes into the store \(place): stop it, or name another store"
    case .occupied(let place, let reason):
      "the store \(place) has tables that are not cdb's (\(reason)): give cdb a database or a schema of its own"
    }
  }
}
