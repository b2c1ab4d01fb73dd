import Testing

@testable import CDBDomain

@Suite("Market summaries")
struct SummaryBuilderTests {
  let minute: Int64 = 60 * second

  func trade(_ price: Int64, _ quantity: Int64 = 1) -> Trade {
    Trade(
      instrument: btc, aggressor: .buy, exchangeTime: nil, tradeID: 1, price: Price(mantissa: price),
      quantity: Quantity(mantissa: quantity))
  }

  @Test("an interval is aligned to the epoch and closes at its end, not before")
  func alignment() throws {
    var builder = SummaryBuilder(instrument: btc, interval: minute)
    builder.trade(trade(10), at: at(125 * second))
    #expect(builder.close(before: at(180 * second - 1)) == nil)
    let closed = builder.close(before: at(180 * second))
    let summary = try #require(closed)
    #expect(summary.start == at(120 * second) && summary.end == at(180 * second))
    #expect(builder.close(before: .distantFuture) == nil)
  }

  @Test("open, high, low and close are the first, the largest, the smallest and the last price")
  func prices() throws {
    var builder = SummaryBuilder(instrument: btc, interval: minute)
    for (second_, price) in [(1, 10), (2, 14), (3, 7), (4, 9)] as [(Int64, Int64)] {
      builder.trade(trade(price, 5), at: at(second_ * second))
    }
    builder.quote(
      Quote(
        instrument: btc, updateID: 1, bid: Price(mantissa: 11), bidQuantity: .zero, ask: Price(mantissa: 13),
        askQuantity: .zero), at: at(5 * second))
    builder.bookUpdate(at: at(6 * second))
    let closed = builder.close(before: at(minute))
    let summary = try #require(closed)
    let prices = [summary.open, summary.high, summary.low, summary.close].map(\.mantissa)
    #expect(prices == [10, 14, 7, 12])
    #expect(summary.volume.mantissa == 20)
    #expect(summary.trades == 4 && summary.quotes == 1 && summary.bookUpdates == 1)
  }

  @Test("an interval in which nothing had a price has no summary")
  func nothing() {
    var builder = SummaryBuilder(instrument: btc, interval: minute)
    builder.bookUpdate(at: at(second))
    #expect(builder.close(before: .distantFuture) == nil)
  }

  @Test(
    "volume holds at the end of its range, and an impossible interval is no trap",
    arguments: [0, -5, Int64.max])
  func extremes(interval: Int64) throws {
    var builder = SummaryBuilder(instrument: btc, interval: interval)
    builder.trade(trade(1, .max), at: at(.max))
    builder.trade(trade(1, .max), at: at(.max))
    let closed = builder.close(before: .distantFuture)
    let summary = try #require(closed)
    #expect(summary.volume.mantissa == .max)
  }

  @Test("restored at any point it continues the same", arguments: 1...10 as ClosedRange<UInt64>)
  func restored(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let split = random.integer(0...199)
    var whole = SummaryBuilder(instrument: btc, interval: minute)
    var restored = whole
    var time: Int64 = 0
    for step in 0..<200 as Range<Int64> {
      if step == split { restored = try Fixture.restored(restored) }
      time += random.integer(0...10 * second)
      let trade = trade(random.integer(1...100))
      let (first, second) = (whole.close(before: at(time)), restored.close(before: at(time)))
      #expect(first == second)
      whole.trade(trade, at: at(time))
      restored.trade(trade, at: at(time))
    }
    #expect(whole == restored)
  }
}
