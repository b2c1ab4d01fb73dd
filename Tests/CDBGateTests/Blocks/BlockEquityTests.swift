import CDBDomain
import CDBPipeline
import Testing

@testable import CDBGate

@Suite("Equity over a block")
struct BlockEquityTests {
  @Test(
    "at every point it is cash and positions at their marks, and the drawdown is from the peak",
    arguments: 0..<20)
  func property(seed: UInt64) throws {
    let market = try RandomRows(seed: seed, hours: 12)
    let equity = try BlockEquity(
      market.rows, startingCash: RandomRows.cash, instruments: market.instruments)
    var peak = Money(mantissa: .min)
    for point in equity.points {
      let isLast = point.time == market.rows.until
      // Computed anew from nothing for each point, the slow way.
      let booked = market.rows.fills.count { isLast || $0.time < point.time }
      let books = try market.books(after: booked)
      var total = books.cash
      for (index, position) in books.positions.enumerated() {
        let id = InstrumentID(UInt16(index))
        let close = market.rows.closes.last { $0.instrument == id && $0.time <= point.time }?.price
        let mark = try #require(close ?? market.rows.opening.closes[id])
        total = try total + market.instruments[id].notional(mark, position.quantity, rounding: .down)
      }
      #expect(point.equity == total, "at \(point.time)")
      peak = max(peak, total)
      #expect(point.drawdown == (total < peak ? try Ratio(lost: peak, now: total) : .zero))
      #expect((Ratio.zero...Ratio.one).contains(point.drawdown))
    }
    let all = try market.books(after: market.rows.fills.count)
    #expect(equity.cash == all.cash && equity.fees == all.fees)
    let first = try #require(equity.points.first), last = try #require(equity.points.last)
    #expect(equity.profit == (try last.equity - first.equity))
    #expect(equity.points.map(\.time) == equity.points.map(\.time).sorted())
  }

  @Test("what the process said at its looks is in the curve as it was, and the drawdown is of it too")
  func looks() throws {
    var rows = BlockRows(since: RandomRows.start, until: RandomRows.start.advanced(by: 100))
    rows.opening.positions = [InstrumentID(0): Quantity(mantissa: 1_0000_0000)]
    rows.opening.closes = [InstrumentID(0): Price(mantissa: 10_000_00)]
    rows.closes = [20, 60].map {
      BlockRows.Close(
        time: RandomRows.start.advanced(by: $0), instrument: InstrumentID(0),
        price: Price(mantissa: 10_000_00))
    }
    let instruments = try InstrumentCatalogue([Instrument.binanceSpot("BTCUSDT")])
    func look(_ after: Int64, _ equity: Int64) -> BlockEquity.Look {
      BlockEquity.Look(
        time: RandomRows.start.advanced(by: after), equity: Money(mantissa: equity * 100_000_000))
    }
    let computed = try BlockEquity(rows, startingCash: .zero, instruments: instruments)
    #expect(computed.maximumDrawdown == .zero && computed.profit == .zero)
    // The first and the last a little outside the span, one at a close, and one between two of them.
    let equity = try BlockEquity(
      rows, startingCash: .zero,
      looks: [look(-3, 9_990), look(20, 10_000), look(40, 9_500), look(104, 9_800)],
      instruments: instruments)
    #expect(equity.points.map { $0.time.nanoseconds - rows.since.nanoseconds } == [0, 20, 40, 60, 100])
    #expect(
      equity.points.map { $0.equity.mantissa / 100_000_000 } == [9_990, 10_000, 9_500, 10_000, 9_800])
    #expect(MoneyText.percent(equity.maximumDrawdown) == "5.00 %")
    #expect(equity.profit == Money(mantissa: -190 * 100_000_000))
    // The last one is of before the end by the rows, and newer than every close.
    let early = try BlockEquity(
      rows, startingCash: .zero, looks: [look(0, 9_990), look(99, 9_800)], instruments: instruments)
    #expect(early.points.last?.equity == Money(mantissa: 9_800 * 100_000_000))
    #expect(early.profit == equity.profit)
    // It knows the fills of its own instant, at a close too; one behind it makes it old.
    func fill(_ after: Int64) -> BlockRows {
      var filled = rows
      filled.fills = [
        BlockRows.Fill(
          time: RandomRows.start.advanced(by: after), instrument: InstrumentID(0), side: .sell,
          price: Price(mantissa: 10_000_00), quantity: Quantity(mantissa: 1_0000_0000),
          notional: Money(mantissa: 10_000 * 100_000_000), fee: .zero)
      ]
      return filled
    }
    for (at, filled, end) in [(60, 60, 9_800), (60, 61, 10_000), (70, 70, 9_800), (70, 80, 10_000)]
      as [(Int64, Int64, Int64)]
    {
      let sold = try BlockEquity(
        fill(filled), startingCash: .zero, looks: [look(0, 9_990), look(at, 9_800)], instruments: instruments)
      #expect(sold.points.last?.equity == Money(mantissa: end * 100_000_000), "\(at) \(filled)")
      #expect(sold.cash == Money(mantissa: 10_000 * 100_000_000))
    }
    // One that is older than a close says nothing of the end.
    let old = try BlockEquity(
      rows, startingCash: .zero, looks: [look(0, 9_990), look(50, 9_800)], instruments: instruments)
    #expect(old.points.last?.equity == Money(mantissa: 10_000 * 100_000_000))
  }

  @Test("what was done before the block is what it begins with")
  func opening() throws {
    var rows = BlockRows(since: RandomRows.start, until: RandomRows.start.advanced(by: 10))
    rows.opening.bought = Money(mantissa: 600_00000000)
    rows.opening.fees = Money(mantissa: 1_00000000)
    rows.opening.positions = [InstrumentID(0): Quantity(mantissa: 1_000_000)]
    rows.opening.closes = [InstrumentID(0): Price(mantissa: 61_000_00)]
    let instruments = try InstrumentCatalogue([Instrument.binanceSpot("BTCUSDT")])
    let equity = try BlockEquity(rows, startingCash: RandomRows.cash, instruments: instruments)
    #expect(equity.points.first?.equity == Money(mantissa: 10_009_00000000))
    #expect(equity.profit == .zero && equity.fees == .zero && equity.maximumDrawdown == .zero)
  }

  @Test("without a close a position is worth what was paid for it")
  func noClose() throws {
    var rows = BlockRows(since: RandomRows.start, until: RandomRows.start.advanced(by: 10))
    rows.fills = [
      BlockRows.Fill(
        time: RandomRows.start.advanced(by: 5), instrument: InstrumentID(0), side: .buy,
        price: Price(mantissa: 60_000_00), quantity: Quantity(mantissa: 1_000_000),
        notional: Money(mantissa: 600_00000000), fee: Money(mantissa: 60000000))
    ]
    let instruments = try InstrumentCatalogue([Instrument.binanceSpot("BTCUSDT")])
    let equity = try BlockEquity(rows, startingCash: RandomRows.cash, instruments: instruments)
    #expect(equity.profit == Money(mantissa: -60000000))
  }

  @Test("a fill of an instrument that nobody knows, and an amount that does not fit, are errors")
  func overflow() throws {
    let instruments = try InstrumentCatalogue([Instrument.binanceSpot("BTCUSDT")])
    var rows = BlockRows(since: RandomRows.start, until: RandomRows.start.advanced(by: 10))
    rows.opening.positions = [InstrumentID(9): Quantity(mantissa: 1)]
    rows.opening.closes = [InstrumentID(9): Price(mantissa: 1)]
    #expect(throws: ArithmeticOverflow.self) {
      try BlockEquity(rows, startingCash: RandomRows.cash, instruments: instruments)
    }
    rows.opening.positions = [:]
    rows.opening.sold = Money(mantissa: .max)
    #expect(throws: ArithmeticOverflow.self) {
      try BlockEquity(rows, startingCash: RandomRows.cash, instruments: instruments)
    }
  }

  @Test("Sharpe: nil with less than a day of hours, or where nothing varies; else mean by deviation")
  func sharpe() throws {
    let short = try RandomRows(seed: 1, hours: 23)
    #expect(
      try BlockEquity(short.rows, startingCash: RandomRows.cash, instruments: short.instruments).sharpe == nil
    )
    let still = try RandomRows(seed: 1, hours: 48, fills: false)
    #expect(
      try BlockEquity(still.rows, startingCash: RandomRows.cash, instruments: still.instruments).sharpe == nil
    )
    // One bitcoin, and a price that gains a hundredth and loses a two-hundredth in turn.
    var rows = BlockRows(since: RandomRows.start, until: RandomRows.start.advanced(by: 24 * BlockDrive.hour))
    rows.opening.positions = [InstrumentID(0): Quantity(mantissa: 1_0000_0000)]
    rows.opening.closes = [InstrumentID(0): Price(mantissa: 10_000_00)]
    var price = 10_000_00.0
    var prices = [price]
    for hour in 1...24 {
      price = (price * (hour.isMultiple(of: 2) ? 0.995 : 1.01)).rounded()
      prices.append(price)
      rows.closes.append(
        BlockRows.Close(
          time: RandomRows.start.advanced(by: Int64(hour) * BlockDrive.hour), instrument: InstrumentID(0),
          price: Price(mantissa: Int64(price))))
    }
    let instruments = try InstrumentCatalogue([Instrument.binanceSpot("BTCUSDT")])
    let returns = zip(prices, prices.dropFirst()).map { $1 / $0 - 1 }
    let mean = returns.reduce(0, +) / 24
    let deviation = (returns.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 23).squareRoot()
    let equity = try BlockEquity(rows, startingCash: .zero, instruments: instruments)
    let sharpe = try #require(equity.sharpe)
    #expect(abs(sharpe - mean / deviation * 8_760.0.squareRoot()) < 1e-6)
  }
}
