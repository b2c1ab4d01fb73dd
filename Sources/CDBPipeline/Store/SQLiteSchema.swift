import GRDB

/// The schema of the store, and how older ones become it.
///
/// Keys are integers: an event's id packed as ``CDBDomain/EventID/storeKey``. Prices, quantities and money
/// are mantissas at the scales in `instruments` (money at 8), so that a comparison is exact.
enum SQLiteSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 order path") { database in
      for statement in orderPath { try database.execute(sql: statement) }
    }
    migrator.registerMigration("2 cancels") { database in
      try database.execute(sql: cancels)
    }
    migrator.registerMigration("3 audit chain") { database in
      try database.execute(sql: AuditChain.schema)
      try AuditChain.build(in: database)
    }
    return migrator
  }

  /// The tables that events make rows in, with the order that a digest reads them in.
  static let digested: [(table: String, key: String)] = [
    ("instruments", "id"), ("controls", "origin"), ("signals", "id"), ("decisions", "id"), ("orders", "id"),
    ("cancels", "id"), ("order_results", "id"), ("fills", "result_id"),
    ("market_summaries", "instrument_id, start_ns"),
    ("alerts", "id"),
  ]

  private static let cancels = """
    CREATE TABLE cancels (
      id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, origin INTEGER NOT NULL,
      order_id INTEGER NOT NULL REFERENCES orders, account TEXT NOT NULL,
      instrument_id INTEGER NOT NULL REFERENCES instruments, reason TEXT NOT NULL)
    """

  private static let orderPath = [
    """
    CREATE TABLE instruments (
      id INTEGER PRIMARY KEY, symbol TEXT NOT NULL UNIQUE, base TEXT NOT NULL, quote TEXT NOT NULL,
      price_scale INTEGER NOT NULL, quantity_scale INTEGER NOT NULL)
    """,
    """
    CREATE TABLE controls (
      origin INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)
    """,
    """
    CREATE TABLE signals (
      id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, origin INTEGER NOT NULL,
      instrument_id INTEGER NOT NULL REFERENCES instruments, side TEXT NOT NULL, strategy TEXT NOT NULL,
      strength INTEGER NOT NULL, reference_price INTEGER NOT NULL, features TEXT NOT NULL)
    """,
    """
    CREATE TABLE decisions (
      id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, origin INTEGER NOT NULL,
      signal_id INTEGER NOT NULL UNIQUE REFERENCES signals, account TEXT NOT NULL, approved INTEGER NOT NULL,
      reason TEXT NOT NULL, layers TEXT NOT NULL)
    """,
    """
    CREATE TABLE orders (
      id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, origin INTEGER NOT NULL,
      signal_id INTEGER NOT NULL UNIQUE REFERENCES signals, account TEXT NOT NULL,
      instrument_id INTEGER NOT NULL REFERENCES instruments, side TEXT NOT NULL, type TEXT NOT NULL,
      quantity INTEGER NOT NULL, limit_price INTEGER, stop_price INTEGER, reference_price INTEGER NOT NULL)
    """,
    """
    CREATE TABLE order_results (
      id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, origin INTEGER NOT NULL,
      status TEXT NOT NULL, reason TEXT NOT NULL, executed_ns INTEGER NOT NULL, reported_ns INTEGER NOT NULL)
    """,
    """
    CREATE TABLE fills (
      result_id INTEGER PRIMARY KEY REFERENCES order_results, order_id INTEGER NOT NULL REFERENCES orders,
      number INTEGER NOT NULL, price INTEGER NOT NULL, quantity INTEGER NOT NULL, notional INTEGER NOT NULL,
      fee INTEGER NOT NULL, liquidity TEXT NOT NULL, bid INTEGER NOT NULL, ask INTEGER NOT NULL,
      UNIQUE (order_id, number))
    """,
    """
    CREATE TABLE market_summaries (
      instrument_id INTEGER NOT NULL REFERENCES instruments, start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,
      open INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL, close INTEGER NOT NULL,
      volume INTEGER NOT NULL, trades INTEGER NOT NULL, quotes INTEGER NOT NULL, book_updates INTEGER NOT NULL,
      PRIMARY KEY (instrument_id, start_ns)) WITHOUT ROWID
    """,
    """
    CREATE TABLE alerts (
      id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, level TEXT NOT NULL, reason TEXT NOT NULL,
      message TEXT NOT NULL, context TEXT NOT NULL)
    """,
    "CREATE INDEX order_results_by_order ON order_results (order_id)",
    """
    CREATE TABLE sink_position (
      only INTEGER PRIMARY KEY CHECK (only = 1), sequence INTEGER NOT NULL, origin INTEGER NOT NULL,
      ledger TEXT NOT NULL)
    """,
  ]
}
