import CDBDomain
import CDBPipeline
import Foundation
import PostgresClient
import PostgresTesting

/// db_writer's rows a second into PostgreSQL, against COPY of the same rows into the same tables, in turns.
struct StoreBenchmark {
  struct Result {
    var rows: Int
    var commitRate: Double
    var copyRate: Double
    var ratio: Double { commitRate / copyRate }
  }

  static let rowsPerCommit = 1_000

  let rounds: Int
  /// Orders; each is a signal, a decision, an order, two results and a fill.
  let orders: Int

  func run() async throws -> Result {
    let server = try await PostgresServer(["fsync=on", "shared_buffers=128MB"])
    do {
      var results: [Result] = []
      for _ in 0..<rounds { results.append(try await round(server)) }
      await server.remove()
      return results.sorted { $0.ratio < $1.ratio }[results.count / 2]
    } catch {
      await server.remove()
      throw error
    }
  }

  private func round(_ server: PostgresServer) async throws -> Result {
    let database = try await server.database()
    let store = try await PostgresStore(try PostgresSettings(server.url(database)))
    let clock = ContinuousClock()
    let configuration = PipelineConfiguration(
      profile: "demo", instruments: try InstrumentCatalogue(["BTCUSDT"].map(Instrument.binanceSpot)))
    let batches = try Self.batches(orders)
    let events = batches.map(\.count).reduce(0, +)
    let start = clock.now
    var done = 0
    for batch in batches {
      done += batch.count
      _ = try await store.commit(
        batch, position: SinkPosition(sequence: UInt64(done), origin: UInt64(done)),
        configuration: configuration)
    }
    let committing = (clock.now - start) / .seconds(1)
    let rows = try await store.totals().rows.filter { $0.key != "instruments" }.values.reduce(0, +)
    store.close()
    precondition(rows == events + orders, "\(rows) rows of \(events) events")

    // The same rows, a thousand a transaction, from files at the server into empty tables of the same schema.
    let tables = ["signals", "decisions", "orders", "order_results", "fills"]
    let copying = try await copy(tables, server, database)
    return Result(
      rows: rows, commitRate: Double(rows) / committing, copyRate: Double(rows) / copying)
  }

  private func copy(_ tables: [String], _ server: PostgresServer, _ database: String) async throws -> Double {
    let session = PostgresSession(try PostgresSettings(server.url(database)))
    defer { session.close() }
    let share = Self.rowsPerCommit / 6
    let pieces = (orders + share - 1) / share
    let folder = server.directory + "/copy-" + database
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
    let orders = orders
    return try await session.run { connection in
      func run(_ sql: String) throws { try connection.run([PostgresStatement(sql)]) }
      for table in tables {
        let per = table == "order_results" ? share * 2 : share
        let key = table == "fills" ? "result_id" : "id"
        for piece in 0..<pieces {
          try run(
            "COPY (SELECT * FROM \(table) ORDER BY \(key) OFFSET \(piece * per) LIMIT \(per)) TO '\(folder)/\(table).\(piece)'"
          )
        }
      }
      try run("TRUNCATE signals, decisions, orders, order_results, fills, cancels")
      let clock = ContinuousClock()
      let start = clock.now
      for piece in 0..<pieces {
        try connection.run(
          [PostgresStatement("BEGIN")]
            + tables.map { PostgresStatement("COPY \($0) FROM '\(folder)/\($0).\(piece)'") }
            + [PostgresStatement("COMMIT")])
      }
      let took = (clock.now - start) / .seconds(1)
      var copied = 0
      try connection.query(PostgresStatement("SELECT count(*) FROM fills")) {
        copied = Int($0.text(0) ?? "") ?? 0
      }
      precondition(copied == orders)
      return took
    }
  }

  /// Lives of orders, as many events a batch as make a thousand rows.
  private static func batches(_ orders: Int) throws -> [[Envelope]] {
    let share = rowsPerCommit / 6
    return stride(from: 0, to: orders, by: share).map { first in
      (first..<min(first + share, orders)).flatMap { life(UInt64($0) + 1) }
    }
  }

  private static func life(_ number: UInt64) -> [Envelope] {
    func id(_ producer: StageName, _ sequence: UInt64) -> EventID {
      EventID(producer: producer, partition: 0, sequence: sequence)
    }
    let instrument = InstrumentID(0)
    let time = EventTime(nanoseconds: Int64(number) * 1_000_000)
    let price = Price(mantissa: 6_000_000 + Int64(number % 1_000))
    let signal = Signal(
      id: id(.core, number), instrument: instrument, side: .buy, strategy: "momentum", strength: .one,
      referencePrice: price, features: ["change": Ratio(basisPoints: 5), "window": Ratio(basisPoints: 30)])
    let order = Order(
      id: id(.risk, number * 2), signalID: signal.id, account: "paper", instrument: instrument, side: .buy,
      type: .market, quantity: Quantity(mantissa: 1_000), referencePrice: price, layers: [])
    let fill = Fill(
      number: 1, price: price, quantity: Quantity(mantissa: 1_000), notional: Money(mantissa: 60_000),
      fee: Money(mantissa: 60), liquidity: .taker, bid: price, ask: price)
    func result(_ sequence: UInt64, _ status: OrderStatus, _ fill: Fill?) -> Event {
      .result(
        OrderResult(
          id: id(.execution, sequence), orderID: order.id, account: "paper", instrument: instrument,
          side: .buy,
          status: status, executedAt: time, reportedAt: time, fill: fill, reason: .none))
    }
    let events: [Event] = [
      .signal(signal),
      .decision(
        RiskDecision(
          id: id(.risk, number * 2 - 1), signalID: signal.id, account: "paper", instrument: instrument,
          side: .buy,
          approved: true, reason: .none, layers: [])),
      .order(order), result(number * 2 - 1, .accepted, nil), result(number * 2, .filled, fill),
    ]
    return events.map { Envelope(time: time, origin: number, event: $0) }
  }
}
