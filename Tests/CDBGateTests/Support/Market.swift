import CDBDomain
import CDBPipeline

@testable import CDBGate

/// Rows of a block as a random market and a random trader make them.
struct RandomRows {
  static let start = EventTime(nanoseconds: 1_795_507_200_000_000_000)
  static let cash = Money(mantissa: 10_000_00000000)
  var rows: BlockRows
  let instruments: InstrumentCatalogue

  /// - Parameter hours: how long it lasts, with a close a minute and a fill every ten minutes or so.
  init(seed: UInt64, hours: Int, fills: Bool = true) throws {
    instruments = try InstrumentCatalogue(["BTCUSDT", "ETHUSDT"].map(Instrument.binanceSpot))
    var random = Generator(state: seed)
    let minute: Int64 = 60_000_000_000
    rows = BlockRows(since: Self.start, until: Self.start.advanced(by: Int64(hours) * 60 * minute))
    var prices: [InstrumentID: Int64] = [InstrumentID(0): 60_000_00, InstrumentID(1): 3_000_00]
    var held: [InstrumentID: Int64] = [:]
    rows.opening.closes = prices.mapValues { Price(mantissa: $0) }
    for step in 1...hours * 60 {
      let time = Self.start.advanced(by: Int64(step) * minute - 1)
      for id in instruments.ids {
        let price = max(100, (prices[id] ?? 0) + Int64.random(in: -900...905, using: &random))
        prices[id] = price
        rows.closes.append(BlockRows.Close(time: time, instrument: id, price: Price(mantissa: price)))
        guard fills, Int.random(in: 0..<10, using: &random) == 0 else { continue }
        let side: Side = (held[id] ?? 0) > 0 && Bool.random(using: &random) ? .sell : .buy
        let quantity = side == .sell ? held[id] ?? 0 : Int64.random(in: 1...400, using: &random) * 1_000
        held[id, default: 0] += side == .buy ? quantity : -quantity
        let notional = try instruments[id].notional(
          Price(mantissa: price), Quantity(mantissa: quantity), rounding: .up)
        rows.fills.append(
          BlockRows.Fill(
            time: time.advanced(by: Int64.random(in: 1..<minute / 2, using: &random)), instrument: id,
            side: side, price: Price(mantissa: price), quantity: Quantity(mantissa: quantity),
            notional: notional, fee: Money(mantissa: notional.mantissa / 1_000),
            execution: Int64.random(in: 1_000_000...90_000_000, using: &random),
            report: Int64.random(in: 1_000_000...9_000_000, using: &random)))
      }
    }
    rows.fills.removeAll { $0.time >= rows.until }
    rows.fills.sort { $0.time < $1.time }
    rows.acceptances = rows.fills.map(\.time)
    rows.orders = rows.acceptances
    rows.signals = rows.acceptances
    rows.signalsByStrategy = ["momentum": rows.signals.count]
    rows.approved = rows.signals.count
    rows.results = ["accepted": rows.fills.count, "filled": rows.fills.count]
    rows.configuration = PipelineConfiguration(profile: "default", instruments: instruments)
  }

  /// The books that a process would note after that many fills.
  func books(after count: Int) throws -> BlockFigures.Books {
    var cash = Self.cash
    var fees = Money.zero
    var held: [InstrumentID: Int64] = [:]
    for fill in rows.fills.prefix(count) {
      let amount = fill.side == .buy ? try Money.zero - fill.notional : fill.notional
      cash = try cash + amount - fill.fee
      fees = try fees + fill.fee
      held[fill.instrument, default: 0] +=
        fill.side == .buy ? fill.quantity.mantissa : -fill.quantity.mantissa
    }
    return BlockFigures.Books(
      account: "paper", fills: count, startingCash: Self.cash, cash: cash, fees: fees, equity: cash,
      positions: instruments.ids.map {
        .init(symbol: instruments[$0].symbol, quantity: Quantity(mantissa: held[$0] ?? 0))
      })
  }

  /// A block of these rows that has ended, whose process noted what is so.
  ///
  /// - Parameter change: of what it noted at that many nanoseconds from the start.
  func block(
    lessons: [String] = [], todos: [String] = [], reason: String? = nil,
    _ change: (Int64, inout BlockFigures) -> Void = { _, _ in }
  ) throws -> Block {
    var drive = BlockDrive()
    drive.now = rows.since
    let plan = BlockPlan(duration: rows.until.nanoseconds - rows.since.nanoseconds)
    let fills = rows.fills
    func figures(_ time: EventTime) throws -> BlockFigures {
      var books = try books(after: fills.count { $0.time < time })
      for (id, position) in zip(instruments.ids, books.positions) {
        let close = rows.closes.last { $0.instrument == id && $0.time <= time }?.price
        guard let mark = close ?? rows.opening.closes[id] else { continue }
        books.equity = try books.equity + instruments[id].notional(mark, position.quantity, rounding: .down)
      }
      var figures = BlockFigures(
        books: books,
        stages: StageName.allCases.map {
          .init(
            stage: $0, received: 1_000 + Int64(time.nanoseconds - rows.since.nanoseconds) / 1_000_000_000,
            emitted: 900, absorbed: 100, dropped: 0)
        }, barrier: 7, gate: .open)
      change(time.nanoseconds - rows.since.nanoseconds, &figures)
      return figures
    }
    try drive.give(
      .start(actor: BlockDrive.person, plan, gate: drive.gate, incidents: []), figures: try figures(drive.now)
    )
    for after in plan.checkpoints {
      drive.now = rows.since.advanced(by: after)
      if reason == nil || after < plan.duration { try drive.give(.tick, figures: try figures(drive.now)) }
    }
    if let reason {
      drive.now = rows.since.advanced(by: plan.duration - 1)
      try drive.give(.finish(actor: BlockDrive.person, reason: reason), figures: try figures(drive.now))
    }
    if !(lessons + todos).isEmpty {
      try drive.give(.learned(actor: BlockDrive.person, BlockLessons(lessons: lessons, todos: todos)))
    }
    guard let block = drive.machine.block else { throw BlockRefusal.noBlock }
    return block
  }
}
