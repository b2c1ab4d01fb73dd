import CDBDomain
import CDBPipeline

/// The equity of an account over a block: at the looks of the block what the process had then, and between them what its
/// fills and the closes of the market make of it. The same rows give the same curve, to the last digit.
public struct BlockEquity: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    public var time: EventTime
    public var equity: Money
    /// How far below the highest equity of the block so far, as a share of it; rounded up.
    public var drawdown: Ratio
  }

  /// What the process itself said that the account was worth, at the prices of that instant.
  public struct Look: Sendable, Hashable {
    public var time: EventTime
    public var equity: Money

    public init(time: EventTime, equity: Money) {
      self.time = time
      self.equity = equity
    }
  }

  /// At the start, at every close and look, and at the end; ascending.
  public let points: [Point]
  public let fees: Money
  /// Cash and positions as the block ended.
  public let cash: Money
  public let positions: [InstrumentID: Quantity]

  /// - Parameters:
  ///   - rows: fills of before the block count into what it began with.
  ///   - startingCash: of the account.
  ///   - looks: ascending; one from outside the span counts at its nearer end.
  ///   - instruments: a fill or a close of one that is not among them is an overflow: it cannot be valued.
  /// - Throws: where an amount does not fit in 64 bits.
  public init(
    _ rows: BlockRows, startingCash: Money, looks: [Look] = [], instruments: InstrumentCatalogue
  ) throws(ArithmeticOverflow) {
    var books = Books(
      cash: try startingCash + rows.opening.sold - rows.opening.bought - rows.opening.fees,
      positions: rows.opening.positions, closes: rows.opening.closes)
    var next = 0
    /// What the process said last, as long as neither a fill nor a close has come after it.
    var said: Money?
    func book(until end: EventTime) throws(ArithmeticOverflow) {
      while next < rows.fills.count, rows.fills[next].time < end {
        try books.book(rows.fills[next])
        said = nil
        next += 1
      }
    }
    var points: [Point] = []
    var peak = Money(mantissa: .min)
    func note(_ time: EventTime, live: Money?) throws(ArithmeticOverflow) {
      said = live ?? said
      let equity = if let said { said } else { try books.equity(instruments) }
      peak = max(peak, equity)
      // An account that has nothing has nothing to lose.
      let fall = peak > .zero && equity < peak ? try Ratio(lost: peak, now: equity) : .zero
      let point = Point(time: time, equity: equity, drawdown: fall)
      if points.last?.time == time { points[points.count - 1] = point } else { points.append(point) }
    }
    let looks = looks.map { (time: min(max($0.time, rows.since), rows.until), equity: $0.equity) }
    var nextLook = 0
    /// Comes to an instant, by the looks before it; a look knows the fills of its own instant.
    func reach(_ time: EventTime) throws(ArithmeticOverflow) {
      while nextLook < looks.count, looks[nextLook].time < time {
        let look = looks[nextLook]
        try book(until: look.time.advanced(by: 1))
        try note(look.time, live: look.equity)
        nextLook += 1
      }
      try book(until: time)
    }
    /// Notes an instant that was come to: a look of it stands in the place of what would be computed.
    func noteReached(_ time: EventTime) throws(ArithmeticOverflow) {
      var live: Money?
      while nextLook < looks.count, looks[nextLook].time == time {
        live = looks[nextLook].equity
        nextLook += 1
      }
      if live != nil, time < rows.until { try book(until: time.advanced(by: 1)) }
      try note(time, live: live)
    }
    try reach(rows.since)
    let feesBefore = books.fees
    try noteReached(rows.since)
    for (index, close) in rows.closes.enumerated() {
      try reach(close.time)
      books.closes[close.instrument] = close.price
      said = nil
      // Of closes at one instant none is seen without the others.
      guard index + 1 == rows.closes.count || rows.closes[index + 1].time > close.time else { continue }
      try noteReached(close.time)
    }
    try reach(rows.until)
    try noteReached(rows.until)
    self.points = points
    fees = try books.fees - feesBefore
    cash = books.cash
    positions = books.positions.filter { $0.value != .zero }
  }

  public var profit: Money? {
    guard let first = points.first, let last = points.last else { return nil }
    return try? last.equity - first.equity
  }

  public var maximumDrawdown: Ratio { points.map(\.drawdown).max() ?? .zero }

  private struct Books {
    var cash: Money
    var positions: [InstrumentID: Quantity]
    /// What an instrument was last worth at the end of an interval.
    var closes: [InstrumentID: Price]
    /// The price of its newest fill, which counts where there is no close yet.
    var dealt: [InstrumentID: Price] = [:]
    var fees = Money.zero

    mutating func book(_ fill: BlockRows.Fill) throws(ArithmeticOverflow) {
      let held = positions[fill.instrument] ?? .zero
      switch fill.side {
      case .buy:
        cash = try cash - fill.notional - fill.fee
        positions[fill.instrument] = try held + fill.quantity
      case .sell:
        cash = try cash + fill.notional - fill.fee
        positions[fill.instrument] = try held - fill.quantity
      }
      fees = try fees + fill.fee
      dealt[fill.instrument] = fill.price
    }

    func equity(_ instruments: InstrumentCatalogue) throws(ArithmeticOverflow) -> Money {
      var total = cash
      for (id, quantity) in positions where quantity != .zero {
        guard instruments.contains(id), let mark = closes[id] ?? dealt[id] else { throw ArithmeticOverflow() }
        total = try total + instruments[id].notional(mark, quantity, rounding: .down)
      }
      return total
    }
  }
}

extension BlockEquity {
  /// The Sharpe ratio of hourly returns, a year counted as 8,760 hours, against a rate of zero: mean by sample standard
  /// deviation, times the square root of 8,760. An hour's equity is the last one at or before its end, from the block's
  /// start on. Nil with fewer than ``fewestReturns`` returns, where equity was not above zero, or where nothing varies:
  /// then the figure would say nothing.
  public var sharpe: Double? {
    guard let start = points.first?.time.nanoseconds, let end = points.last?.time.nanoseconds else {
      return nil
    }
    var returns: [Double] = []
    var before = Double(points[0].equity.mantissa)
    var next = 0
    var time = start
    while time <= end - Self.hour {
      time += Self.hour
      while next + 1 < points.count, points[next + 1].time.nanoseconds <= time { next += 1 }
      let now = Double(points[next].equity.mantissa)
      guard before > 0, now > 0 else { return nil }
      returns.append(now / before - 1)
      before = now
    }
    guard returns.count >= Self.fewestReturns else { return nil }
    let mean = returns.reduce(0, +) / Double(returns.count)
    let variance = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(returns.count - 1)
    guard variance > 0 else { return nil }
    return mean / variance.squareRoot() * (8_760.0).squareRoot()
  }

  /// A day of them.
  public static let fewestReturns = 24
  private static let hour: Int64 = 3_600_000_000_000
}
