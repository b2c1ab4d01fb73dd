/// The limits that the layers hold to.
public struct RiskLimits: Sendable, Hashable, Codable {
  /// The notional that an order is sized to.
  public var orderNotional = Money(mantissa: 1_000_00000000)
  /// The largest sum of positions and open buys, as a share of equity.
  public var maximumExposure = Ratio(basisPoints: 4_000)
  /// The largest position in one instrument, as a share of equity.
  public var maximumPosition = Ratio(basisPoints: 2_500)
  /// The largest loss since the start of the UTC day, as a share of the equity then.
  public var maximumDailyDrawdown = Ratio(basisPoints: 500)
  /// The largest fall of equity below its peak, as a share of the peak.
  public var maximumDrawdown = Ratio(basisPoints: 2_000)
  /// The widest spread, as a share of the price half-way.
  public var maximumSpread = Ratio(basisPoints: 50)
  /// How much worse than its reference price a fill may be, as a share of that price.
  public var maximumSlippage = Ratio(basisPoints: 20)
  /// How long a fill's slippage is looked at, nanoseconds.
  public var slippageWindow: Int64 = 300_000_000_000
  /// The greatest age of an instrument's newest market data, nanoseconds.
  public var maximumDataAge: Int64 = 10_000_000_000
  /// The largest number of orders in ``orderRateWindow``.
  public var maximumOrderRate: Int64 = 30
  /// Nanoseconds.
  public var orderRateWindow: Int64 = 60_000_000_000
  /// The largest unrealised loss of a position, as a share of its cost.
  public var stopLoss = Ratio(basisPoints: 300)
  /// How far below its limit a figure must fall before a tripped layer lets orders pass again, as a share
  /// of the limit.
  public var hysteresis = Ratio(basisPoints: 1_000)
  /// Event time between two self-tests, nanoseconds.
  public var selfTestInterval: Int64 = 10_000_000_000
  public init() {}

  /// Limits that were written before one of the layers existed have its default.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func take<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      value = try fields.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try take(.orderNotional, &orderNotional)
    try take(.maximumExposure, &maximumExposure)
    try take(.maximumPosition, &maximumPosition)
    try take(.maximumDailyDrawdown, &maximumDailyDrawdown)
    try take(.maximumDrawdown, &maximumDrawdown)
    try take(.maximumSpread, &maximumSpread)
    try take(.maximumSlippage, &maximumSlippage)
    try take(.slippageWindow, &slippageWindow)
    try take(.maximumDataAge, &maximumDataAge)
    try take(.maximumOrderRate, &maximumOrderRate)
    try take(.orderRateWindow, &orderRateWindow)
    try take(.stopLoss, &stopLoss)
    try take(.hysteresis, &hysteresis)
    try take(.selfTestInterval, &selfTestInterval)
  }

  /// The first limit that leaves no room for a single order of ``orderNotional``, in an account that holds nothing
  /// and a market that is calm; nil where such an order passes.
  ///
  /// - Parameter equity: what shares are taken of.
  public func forbiddingLayer(equity: Money) -> RiskLayerName? {
    if equity > .zero, let share = try? orderNotional.ratio(to: equity) {
      if share > maximumExposure { return .exposure }
      if share > maximumPosition { return .positionSize }
    }
    return maximumOrderRate < 1 ? .orderRate : nil
  }

  /// A layer that never lets go, with its figures as shares of the equity.
  public struct Snare: Sendable, Hashable {
    public var layer: RiskLayerName
    public var bound: RiskBound
    /// What one order makes of an account that holds nothing.
    public var order: Ratio
    /// The lowest limit that would let go.
    public var sufficientLimit: Ratio
  }

  /// The layers that let an order pass and, once they have tripped, never do again at this equity: even alone it is
  /// above the release.
  public func snares(equity: Money) -> [Snare] {
    guard equity > .zero, let order = try? orderNotional.ratio(to: equity), hysteresis < .one else {
      return []
    }
    let kept = Ratio.one.mantissa - max(.zero, hysteresis).mantissa
    return [(RiskLayerName.exposure, maximumExposure), (.positionSize, maximumPosition)].compactMap {
      layer, limit in
      let bound = bound(at: limit)
      guard order <= bound.limit, order > bound.release,
        let sufficient = try? Exact.multiply(
          order.mantissa, Ratio.one.mantissa, dividingBy: Int128(kept), rounding: .up)
      else { return nil }
      return Snare(layer: layer, bound: bound, order: order, sufficientLimit: Ratio(mantissa: sufficient))
    }
  }

  /// A limit, and the figure at which a layer that was tripped at it lets orders pass again: limit ×
  /// (1 − hysteresis), never above the limit.
  public func bound(at limit: Ratio) -> RiskBound {
    let share = max(.zero, min(hysteresis, .one))
    let below =
      (try? Exact.multiply(
        limit.mantissa, Ratio.one.mantissa - share.mantissa, dividingBy: Int128(Ratio.one.mantissa),
        rounding: .down)) ?? limit.mantissa
    return RiskBound(limit: limit, release: min(limit, Ratio(mantissa: below)))
  }
}

extension Ratio {
  /// A count as a figure: 30 orders are 30. Held at the end of the range.
  public init(count: Int64) {
    let (scaled, overflow) = count.multipliedReportingOverflow(by: Ratio.one.mantissa)
    mantissa = overflow ? (count > 0 ? .max : .min) : scaled
  }

  /// A time as a figure in seconds: what is below 10 nanoseconds counts as 10.
  public init(secondsOf nanoseconds: Int64) {
    let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 10)
    mantissa = remainder > 0 ? quotient + 1 : quotient
  }
}
