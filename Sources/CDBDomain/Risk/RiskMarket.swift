/// What risk knows of the market: the newest quote of each instrument, and when data last came. All accounts
/// see the same one.
///
/// It is written for every quote and trade, so a write is a few words into one array.
public struct RiskMarket: Sendable, Hashable, Codable {
  private struct State: Sendable, Hashable, Codable {
    var bid = Price(mantissa: 0)
    var ask = Price(mantissa: 0)
    /// Whether the feed has shown a quote. Until then trades make the mark.
    var isQuoted = false
    var lastTrade: Price?
    var lastData: EventTime?

    mutating func take(_ quote: Quote, at time: EventTime) {
      bid = quote.bid
      ask = quote.ask
      isQuoted = true
      lastData = time
    }
  }

  private var states: [State]

  /// The number of instruments.
  public var instruments: Int { states.count }

  public init(instruments: Int) { states = Array(repeating: State(), count: instruments) }

  public mutating func apply(_ quote: Quote, at time: EventTime) {
    let index = Int(quote.instrument.index)
    guard index < states.count else { return }
    states[index].take(quote, at: time)
  }

  public mutating func apply(_ trade: Trade, at time: EventTime) {
    let index = Int(trade.instrument.index)
    guard index < states.count else { return }
    states[index].lastTrade = trade.price
    states[index].lastData = time
  }

  /// What a unit is valued at: the middle of the quote, or the last trade while the feed shows no quotes; nil
  /// where there was neither.
  public func mark(of id: InstrumentID) -> Price? {
    guard let state = state(id) else { return nil }
    return state.isQuoted ? Price.middle(of: state.bid, and: state.ask) : state.lastTrade
  }

  /// The spread as a share of the price half-way, rounded up; zero where there is no quote, and beyond every
  /// limit where its middle is no price.
  public func spread(of id: InstrumentID) -> Ratio {
    guard let state = state(id), state.isQuoted else { return .zero }
    let middle = Price.middle(of: state.bid, and: state.ask)
    let (width, overflow) = state.ask.mantissa.subtractingReportingOverflow(state.bid.mantissa)
    guard !overflow, middle.mantissa > 0,
      let share = try? Exact.multiply(
        width, Ratio.one.mantissa, dividingBy: Int128(middle.mantissa), rounding: .up)
    else { return Ratio(mantissa: .max) }
    return Ratio(mantissa: share)
  }

  /// How old the newest data of an instrument is at a time, nanoseconds, never negative; nil where none came.
  public func age(of id: InstrumentID, at time: EventTime) -> Int64? {
    guard let last = state(id)?.lastData else { return nil }
    let (age, overflow) = time.nanoseconds.subtractingReportingOverflow(last.nanoseconds)
    return overflow ? (time > last ? .max : 0) : max(0, age)
  }

  private func state(_ id: InstrumentID) -> State? {
    let index = Int(id.index)
    return index < states.count ? states[index] : nil
  }
}

extension RiskMarket {
  /// The market of a snapshot that kept only marks: prices without a quote, whose age is not known.
  init(marks: [Price?]) {
    states = marks.map { mark in
      var state = State()
      state.lastTrade = mark
      return state
    }
  }
}
