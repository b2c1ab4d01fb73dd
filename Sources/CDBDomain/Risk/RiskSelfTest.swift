/// What came of one synthetic order.
public struct RiskSelfTestResult: Sendable, Hashable, Codable {
  public enum Outcome: String, Sendable, Hashable, CaseIterable, Codable {
    case pass
    case fail
    /// The layer could not be tested: its limit lies where no figure comes, or a layer before it always refuses
    /// first. It does not count as passed.
    case notConfigured = "not_configured"
  }

  /// The layer whose violation it was; nil for the sane order, which every layer must let pass unless a limit
  /// leaves it no room.
  public var layer: RiskLayerName?
  public var expected: ReasonCode
  /// Nil where the layer could not be tested.
  public var got: ReasonCode?

  public init(layer: RiskLayerName?, expected: ReasonCode, got: ReasonCode?) {
    self.layer = layer
    self.expected = expected
    self.got = got
  }

  /// The layer, or `sane_order`.
  public var name: String { layer?.rawValue ?? "sane_order" }

  public var outcome: Outcome {
    guard let got else { return .notConfigured }
    return got == expected ? .pass : .fail
  }

  public var passed: Bool { outcome == .pass }
}

/// The results of one self-test, and when it was made.
public struct RiskSelfTestReport: Sendable, Hashable, Codable {
  public var time: EventTime
  /// In the order of the layers; the sane order is the last.
  public var results: [RiskSelfTestResult]

  public init(time: EventTime, results: [RiskSelfTestResult]) {
    self.time = time
    self.results = results
  }

  /// Failures that an earlier report did not have: each is told of once.
  public func failures(newSince earlier: RiskSelfTestReport?) -> [RiskSelfTestResult] {
    results.filter { $0.outcome == .fail && !(earlier?.results.contains($0) ?? false) }
  }
}

/// Proves each layer of risk by a synthetic violation that it must refuse for its own reason, and all of them
/// together by a sane order that must pass.
///
/// Each case is a fresh engine with the limits and the layers in force, in a market of its own. The violation is
/// brought about only through what the engine is told in production (quotes at times, orders that went out, booked
/// results, the kill switch), so it also proves that somebody writes what the layer looks at. A drawdown breaker whose
/// input nobody writes is found here.
struct RiskSelfTest {
  let limits: RiskLimits
  let account: AccountRules
  let chain: RiskLayerChain

  /// Two instruments whose scales hold every figure; what is tested are layers, not instruments.
  static let instruments: InstrumentCatalogue? = try? InstrumentCatalogue(
    ["SELFTESTA", "SELFTESTB"].map {
      Instrument(
        symbol: $0, base: $0, quote: $0, priceScale: 8, quantityScale: 8, tickSize: Price(mantissa: 1),
        lotSize: Quantity(mantissa: 1), minimumNotional: .zero)
    })

  func run() -> [RiskSelfTestResult] {
    guard let instruments = Self.instruments else { return [] }
    let fresh = SelfTestBench(
      engine: RiskEngine(limits: limits, account: account, instruments: instruments, chain: chain))
    var bench = fresh
    let sane = bench.answer()
    let violations = RiskLayerName.allCases.map { layer in
      RiskSelfTestResult(layer: layer, expected: layer.reason, got: answer(to: layer, fresh, sane: sane))
    }
    // Limits that leave no room for an order are for whoever set them to change; the layers do what they are for.
    let expected = limits.forbiddingLayer(equity: account.startingCash)?.reason ?? .none
    return violations + [RiskSelfTestResult(layer: nil, expected: expected, got: sane)]
  }

  /// What a layer's violation got; nil where there can be none. Where the sane order is refused too, and by the same
  /// layer, the violation never came as far as its own.
  private func answer(to layer: RiskLayerName, _ fresh: SelfTestBench, sane: ReasonCode) -> ReasonCode? {
    var bench = fresh
    guard (try? bench.violate(layer)) ?? false else { return nil }
    let got = bench.answer()
    return got == sane && got != .none && got != layer.reason ? nil : got
  }
}

extension RiskEngine {
  /// Tests every layer, with the limits in force and the layers of this engine, beside it: nothing here changes.
  public func selfTest() -> [RiskSelfTestResult] {
    var rules = AccountRules()
    rules.name = account.name
    rules.startingCash = account.startingCash
    return RiskSelfTest(limits: limits, account: rules, chain: chain).run()
  }
}
