import Testing

@testable import CDBDomain

@Suite("Order book")
struct OrderBookTests {
  /// What a book is, without regard to speed.
  struct Model {
    var bids: [Int64: Int64] = [:]
    var asks: [Int64: Int64] = [:]

    mutating func apply(_ update: BookUpdate) {
      if update.isSnapshot { self = Model() }
      for level in update.bids { Self.set(level, &bids) }
      for level in update.asks { Self.set(level, &asks) }
    }

    private static func set(_ level: BookLevel, _ side: inout [Int64: Int64]) {
      side[level.price.mantissa] = level.quantity.mantissa > 0 ? level.quantity.mantissa : nil
    }

    static func levels(_ side: [Int64: Int64]) -> [BookLevel] {
      side.sorted { $0.key < $1.key }
        .map { BookLevel(price: Price(mantissa: $0.key), quantity: Quantity(mantissa: $0.value)) }
    }
  }

  static func randomUpdate(_ number: Int64, _ random: inout SplitMix64) -> BookUpdate {
    func levels(_ prices: ClosedRange<Int64>) -> [BookLevel] {
      (0..<random.integer(0...12)).map { _ in
        // A third of the levels remove; a negative quantity is nobody's order.
        BookLevel(
          price: Price(mantissa: random.integer(prices)),
          quantity: Quantity(mantissa: max(-1, random.integer(-20...40))))
      }
    }
    return BookUpdate(
      instrument: btc, isSnapshot: random.integer(0...19) == 0, exchangeTime: nil, firstUpdateID: number,
      lastUpdateID: number, bids: levels(900...1_000), asks: levels(1_001...1_100))
  }

  @Test(
    "after any updates the book is what a dictionary of levels says", arguments: 1...20 as ClosedRange<UInt64>
  )
  func model(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var book = OrderBook()
    var model = Model()
    for number in 1...200 as ClosedRange<Int64> {
      let update = Self.randomUpdate(number, &random)
      book.apply(update)
      model.apply(update)
      #expect(book.bids == Model.levels(model.bids))
      #expect(book.asks == Model.levels(model.asks).reversed())
      #expect(book.bestBid?.price.mantissa == model.bids.keys.max())
      #expect(book.bestAsk?.price.mantissa == model.asks.keys.min())
      #expect(book.lastUpdateID == number)
    }
    #expect(try Fixture.restored(book) == book)
  }

  @Test("a price that a snapshot names twice is liquidity once, and the last word counts")
  func duplicates() throws {
    var book = OrderBook()
    let bids = [
      try Fixture.level("10", "1"), try Fixture.level("9", "1"), try Fixture.level("10", "3"),
      try Fixture.level("9", "0"),
    ]
    book.apply(
      BookUpdate(
        instrument: btc, isSnapshot: true, exchangeTime: nil, firstUpdateID: 1, lastUpdateID: 1, bids: bids,
        asks: []))
    #expect(book.bids == [try Fixture.level("10", "3")])
  }

  @Test("the depth is bounded, and the best levels stay")
  func depth() {
    let count = Int64(OrderBook.maximumLevels) + 100
    func levels(_ sign: Int64) -> [BookLevel] {
      (1...count).map {
        BookLevel(price: Price(mantissa: 1_000_000 + sign * $0), quantity: Quantity(mantissa: 1))
      }
    }
    var book = OrderBook()
    book.apply(
      BookUpdate(
        instrument: btc, isSnapshot: true, exchangeTime: nil, firstUpdateID: 1, lastUpdateID: 1,
        bids: levels(-1), asks: levels(1)))
    #expect(book.bids.count == OrderBook.maximumLevels && book.asks.count == OrderBook.maximumLevels)
    #expect(book.bestBid?.price.mantissa == 999_999 && book.bestAsk?.price.mantissa == 1_000_001)
    let better = BookLevel(price: Price(mantissa: 1_000_000), quantity: Quantity(mantissa: 1))
    book.apply(
      BookUpdate(
        instrument: btc, isSnapshot: false, exchangeTime: nil, firstUpdateID: 2, lastUpdateID: 2,
        bids: [better], asks: []))
    #expect(book.bids.count == OrderBook.maximumLevels && book.bestBid == better)
  }

  @Test("levels that do not come in pairs are not a book")
  func damaged() {
    #expect(throws: DecodingError.self) {
      try JSONSnapshot.decode(OrderBook.self, #"{"bids":[1,2,3],"asks":[],"lastUpdateID":1}"#)
    }
  }
}
