import Testing

@testable import CDBDomain

/// Fills whatever it is asked, as it was told to.
private struct PlantedMatching: MatchingModel {
  var prices: [Int64]
  var quantities: [Int64]
  var remainder = ReasonCode.filledCompletely

  /// The whole order at one price.
  init(everythingAt price: Price) {
    prices = [price.mantissa]
    quantities = []
  }

  /// Pieces at the ask of 50,001.
  init(pieces: [String], remainder: ReasonCode = .filledCompletely) throws {
    quantities = try pieces.map { try Fixture.quantity($0).mantissa }
    prices = Array(repeating: try Fixture.price("50001").mantissa, count: pieces.count)
    self.remainder = remainder
  }

  func match(_ order: Order, in market: MarketView, rules: PaperExchangeRules) -> Match {
    let quantities = quantities.isEmpty && !prices.isEmpty ? [order.quantity.mantissa] : quantities
    let pieces = zip(prices, quantities).map {
      BookLevel(price: Price(mantissa: $0), quantity: Quantity(mantissa: $1))
    }
    return Match(pieces: pieces, remainder: remainder)
  }
}

@Suite("A wrong matching model is caught by the exchange")
struct PlantedMatchingTests {
  @Test(
    "case 10: a fill at a fixed 50,000 is refused as fill_out_of_bounds wherever the market is not",
    arguments: [("61837.62", "61837.63"), ("49000", "49001"), ("50500", "50501"), ("49800", "49850")],
    Side.allCases)
  func fixedPrice(quote: (String, String), side: Side) throws {
    var harness = try ExchangeHarness(matching: PlantedMatching(everythingAt: Fixture.price("50000")))
    try harness.quote(quote.0, quote.1)
    harness.execute(try Fixture.order(1, side))
    #expect(harness.statuses == [.rejected])
    #expect(harness.reasons == [.fillOutOfBounds])
    #expect(harness.fills.isEmpty)
  }

  @Test("the same fill passes where the market really stands there")
  func honest() throws {
    var harness = try ExchangeHarness(matching: PlantedMatching(everythingAt: Fixture.price("50000")))
    try harness.quote("49999", "50000")
    harness.execute(try Fixture.order())
    #expect(harness.statuses == [.accepted, .filled])
  }

  @Test("one bad piece refuses the whole order: no good piece before it is booked")
  func onePiece() throws {
    var matching = try PlantedMatching(pieces: ["0.25", "0.25"])
    matching.prices[1] = try Fixture.price("50000").mantissa
    var harness = try ExchangeHarness(matching: matching)
    try harness.quote("49999", "50001")
    harness.execute(try Fixture.order())
    #expect(harness.reasons == [.fillOutOfBounds] && harness.fills.isEmpty)
  }

  @Test(
    "pieces that are not the order's size are refused: more, less than claimed, nothing, or negative",
    arguments: [
      (["0.6"], .filledCompletely), (["0.4"], .filledCompletely), ([], .filledCompletely),
      (["0.6", "-0.1"], .filledCompletely), (["0.5", "0"], .filledCompletely),
      (["0.5"], .insufficientLiquidity),
    ] as [([String], ReasonCode)])
  func size(pieces: [String], remainder: ReasonCode) throws {
    var harness = try ExchangeHarness(matching: PlantedMatching(pieces: pieces, remainder: remainder))
    try harness.quote("49999", "50001")
    harness.execute(try Fixture.order())
    #expect(harness.statuses == [.rejected] && harness.reasons == [.fillOutOfBounds])
  }

  @Test("a fill beyond the order's own limit is refused, whoever priced it")
  func beyondLimit() throws {
    var harness = try ExchangeHarness(matching: PlantedMatching(everythingAt: Fixture.price("50001")))
    try harness.quote("49999", "50001")
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "50000"))
    #expect(harness.statuses == [.rejected] && harness.reasons == [.fillOutOfBounds])
  }
}
