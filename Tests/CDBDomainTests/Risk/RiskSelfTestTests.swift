import Testing

@testable import CDBDomain

/// A layer with a fault, around the real one.
struct FaultyLayer: RiskLayer {
  enum Fault: Sendable, CaseIterable {
    /// Lets everything pass.
    case alwaysPasses
    /// Refuses for another reason.
    case wrongReason
    /// Looks at a figure that nobody writes.
    case blind
    /// Refuses everything.
    case alwaysRefuses
  }

  let layer: any RiskLayer
  let fault: Fault

  var name: RiskLayerName { layer.name }
  var reason: ReasonCode { fault == .wrongReason ? .unexpectedEvent : layer.reason }
  func limit(in limits: RiskLimits) -> Ratio { layer.limit(in: limits) }

  func figure(of proposal: OrderProposal?, _ figures: RiskFigures) throws(ArithmeticOverflow) -> Ratio {
    fault == .blind ? .zero : try layer.figure(of: proposal, figures)
  }

  func judge(
    _ proposal: OrderProposal, _ figures: RiskFigures, _ limits: RiskLimits, _ latch: inout Latch
  ) throws(ArithmeticOverflow) -> LayerVerdict {
    let figure = try figure(of: proposal, figures)
    let limit = limit(in: limits)
    if fault != .blind { _ = try layer.judge(proposal, figures, limits, &latch) } else { latch.note(figure) }
    let passed = fault == .alwaysPasses || (fault != .alwaysRefuses && (fault == .blind || !latch.isTripped))
    return LayerVerdict(layer: name, passed: passed, figure: figure, limit: limit)
  }

  /// The standard layers, one of them with a fault.
  static func chain(_ fault: Fault, in name: RiskLayerName) -> RiskLayerChain {
    RiskLayerChain(
      RiskLayerChain.standard.layers.map { layer in
        layer.name == name ? FaultyLayer(layer: layer, fault: fault) : layer
      })
  }
}

@Suite("Self-test of the risk layers")
struct RiskSelfTestTests {
  static func results(
    chain: RiskLayerChain = .standard, _ change: (inout RiskLimits) -> Void = { _ in }
  ) throws -> [RiskSelfTestResult] {
    var configuration = try Fixture.configuration()
    change(&configuration.risk)
    return RiskEngine(configuration: configuration, chain: chain).selfTest()
  }

  static func outcome(_ layer: RiskLayerName?, _ results: [RiskSelfTestResult]) -> RiskSelfTestResult.Outcome?
  {
    results.first { $0.layer == layer }?.outcome
  }

  @Test("every layer refuses its violation for its own reason, and the sane order passes")
  func standard() throws {
    let results = try Self.results()
    #expect(results.map(\.layer) == RiskLayerName.allCases.map(Optional.some) + [nil])
    #expect(results.map(\.got) == RiskLayerName.allCases.map(\.reason) + [ReasonCode.none])
    #expect(results.allSatisfy { $0.passed })
  }

  @Test("a layer that lets everything pass is found, and it alone", arguments: RiskLayerName.allCases)
  func alwaysPasses(layer: RiskLayerName) throws {
    for fault in [FaultyLayer.Fault.alwaysPasses, .blind] {
      let results = try Self.results(chain: FaultyLayer.chain(fault, in: layer))
      #expect(results.filter { $0.outcome == .fail }.map(\.layer) == [layer])
      #expect(results.allSatisfy { $0.outcome != .notConfigured })
    }
  }

  @Test("a layer that refuses for another's reason is found", arguments: RiskLayerName.allCases)
  func wrongReason(layer: RiskLayerName) throws {
    let results = try Self.results(chain: FaultyLayer.chain(.wrongReason, in: layer))
    let failed = results.filter { $0.outcome == .fail }
    #expect(failed.map(\.layer) == [layer] && failed.map(\.got) == [.unexpectedEvent])
  }

  @Test("a layer that refuses the sane order is found", arguments: RiskLayerName.allCases)
  func alwaysRefuses(layer: RiskLayerName) throws {
    let results = try Self.results(chain: FaultyLayer.chain(.alwaysRefuses, in: layer))
    #expect(Self.outcome(nil, results) == .fail)
  }

  @Test("a layer that is not there is found", arguments: RiskLayerName.allCases)
  func missing(layer: RiskLayerName) throws {
    let chain = RiskLayerChain(RiskLayerChain.standard.layers.filter { $0.name != layer })
    #expect(Self.outcome(layer, try Self.results(chain: chain)) == .fail)
  }

  @Test("case 9: an engine that never writes the peak, or the equity at all, is found by the drawdown layers")
  func unwrittenInput() throws {
    var forgetful = RiskLayerChain.standard
    forgetful.recordsEquity = { curve, equity, time in
      // Always as high as it ever was.
      curve = EquityCurve(starting: equity)
      return curve.observe(equity, at: time)
    }
    var deaf = RiskLayerChain.standard
    deaf.recordsEquity = { _, _, _ in false }
    for chain in [forgetful, deaf] {
      let results = try Self.results(chain: chain)
      #expect(results.filter { $0.outcome == .fail }.map(\.layer) == [.drawdownDaily, .drawdownTotal])
    }
    var timeless = RiskLayerChain.standard
    timeless.recordsEquity = { curve, equity, _ in curve.observe(equity, at: at(0)) }
    #expect(Self.outcome(.drawdownTotal, try Self.results(chain: timeless)) == .fail)
  }

  @Test("a limit where no figure comes is not configured, and that is no pass")
  func unreachable() throws {
    for (layer, change) in [
      (.spread, { $0.maximumSpread = Ratio(count: 2) }), (.stopLoss, { $0.stopLoss = .one }),
      (.slippage, { $0.maximumSlippage = Ratio(mantissa: .max) }),
      (.drawdownDaily, { $0.maximumDailyDrawdown = Ratio(mantissa: .max) }),
      (.drawdownTotal, { $0.maximumDrawdown = Ratio(mantissa: .max) }),
      (.exposure, { $0.maximumExposure = Ratio(mantissa: .max) }),
      (.positionSize, { $0.maximumPosition = Ratio(basisPoints: 4_000) }),
      (.dataStaleness, { $0.maximumDataAge = .max }), (.orderRate, { $0.maximumOrderRate = 10_001 }),
    ] as [(RiskLayerName, (inout RiskLimits) -> Void)] {
      let results = try Self.results(change)
      #expect(Self.outcome(layer, results) == .notConfigured, "\(layer.rawValue)")
      #expect(results.contains { !$0.passed })
      #expect(results.allSatisfy { $0.outcome != .fail })
    }
  }

  @Test("limits that leave no order room: the sane order must be refused by that layer, and nothing failed")
  func impossibleLimits() throws {
    let results = try Self.results { $0.maximumPosition = Ratio(basisPoints: 500) }
    let sane = try #require(results.last)
    #expect(sane.layer == nil && sane.name == "sane_order" && sane.outcome == .pass)
    #expect(sane.expected == .positionSizeLimit && sane.got == .positionSizeLimit)
    // The layers behind it are out of reach, and that is no failure of theirs.
    #expect(results.filter { $0.outcome == .fail } == [])
    #expect(results.filter { $0.outcome == .notConfigured }.map(\.layer) == [.orderRate, .stopLoss])
    // A layer that refuses what has room is a fault, and so is one that lets pass what has none.
    let missing = RiskLayerChain(RiskLayerChain.standard.layers.filter { $0.name != .positionSize })
    let blind = try Self.results(chain: missing) { $0.maximumPosition = Ratio(basisPoints: 500) }
    #expect(blind.last?.outcome == .fail)
  }

  @Test(
    "which limit leaves no room is what the layers say of an order", arguments: 1...200 as ClosedRange<UInt64>
  )
  func forbiddingLayer(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var configuration = try Fixture.configuration()
    let cash = random.integer(1_00000000...1_000_00000000)
    configuration.account.startingCash = Money(mantissa: cash)
    configuration.risk.orderNotional = Money(mantissa: random.integer(1...cash))
    // At and around the share that the order is, as often as anywhere.
    let share = try configuration.risk.orderNotional.ratio(to: configuration.account.startingCash).mantissa
    let limit = { (random: inout SplitMix64) in
      random.integer(0...1) == 0
        ? max(0, share + random.integer(-1...1)) : random.integer(0...100_000_000)
    }
    configuration.risk.maximumExposure = Ratio(mantissa: limit(&random))
    configuration.risk.maximumPosition = Ratio(mantissa: limit(&random))
    configuration.risk.maximumOrderRate = random.integer(0...2)
    let sane = try #require(RiskEngine(configuration: configuration).selfTest().last)
    #expect(sane.got == sane.expected, "\(configuration.risk)")
  }

  @Test("it holds for whatever sensible limits", arguments: 1...60 as ClosedRange<UInt64>)
  func anyLimits(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var configuration = try Fixture.configuration()
    configuration.account.startingCash = Money(mantissa: random.integer(1_00000000...10_000_000_00000000))
    configuration.risk.maximumExposure = Ratio(mantissa: random.integer(20_000...100_000_000))
    configuration.risk.maximumPosition = Ratio(
      mantissa: random.integer(10_000...(configuration.risk.maximumExposure.mantissa - 1_000)))
    let room = try configuration.account.startingCash.times(
      configuration.risk.maximumPosition, rounding: .down)
    configuration.risk.orderNotional = Money(mantissa: random.integer(1...room.mantissa))
    configuration.risk.maximumDailyDrawdown = Ratio(mantissa: random.integer(1_000...99_000_000))
    configuration.risk.maximumDrawdown = Ratio(mantissa: random.integer(1_000...99_000_000))
    configuration.risk.maximumSpread = Ratio(mantissa: random.integer(0...150_000_000))
    configuration.risk.maximumSlippage = Ratio(mantissa: random.integer(0...1_000_000_000))
    configuration.risk.maximumDataAge = random.integer(0...90_000 * second)
    configuration.risk.maximumOrderRate = random.integer(1...300)
    configuration.risk.stopLoss = Ratio(mantissa: random.integer(0...99_000_000))
    configuration.risk.hysteresis = Ratio(mantissa: random.integer(0...100_000_000))
    let results = RiskEngine(configuration: configuration).selfTest()
    #expect(results.filter { !$0.passed } == [], "\(configuration.risk)")
  }

  @Test("it tests beside the engine: whatever state that is in, nothing changes and nothing shows")
  func aside() throws {
    var bench = try RiskBench()
    try bench.lose("3000")
    bench.engine.engageKillSwitch(reason: "test")
    let before = bench.engine
    #expect(bench.engine.selfTest().allSatisfy { $0.passed })
    #expect(bench.engine == before)
  }

  @Test("a report says which failures are new: the same one is told of once")
  func news() throws {
    let failure = RiskSelfTestResult(layer: .spread, expected: .abnormalSpread, got: ReasonCode.none)
    let other = RiskSelfTestResult(layer: .spread, expected: .abnormalSpread, got: .staleData)
    let passed = RiskSelfTestResult(layer: .spread, expected: .abnormalSpread, got: .abnormalSpread)
    let unknown = RiskSelfTestResult(layer: .spread, expected: .abnormalSpread, got: nil)
    func report(_ result: RiskSelfTestResult) -> RiskSelfTestReport {
      RiskSelfTestReport(time: at(1), results: [result])
    }
    #expect(report(failure).failures(newSince: nil) == [failure])
    #expect(report(failure).failures(newSince: report(failure)) == [])
    #expect(report(other).failures(newSince: report(failure)) == [other])
    #expect(report(failure).failures(newSince: report(passed)) == [failure])
    for quiet in [passed, unknown] { #expect(report(quiet).failures(newSince: report(failure)) == []) }
    #expect(try Fixture.restored(report(unknown)) == report(unknown))
  }

  @Test("a chain is its layers' names, and a restored engine has the standard one")
  func chains() throws {
    let faulty = FaultyLayer.chain(.alwaysPasses, in: .spread)
    #expect(faulty == .standard && faulty.hashValue == RiskLayerChain.standard.hashValue)
    #expect(RiskLayerChain([]) != .standard)
    let engine = RiskEngine(configuration: try Fixture.configuration(), chain: faulty)
    #expect(!engine.selfTest().allSatisfy { $0.passed })
    #expect(try Fixture.restored(engine).selfTest().allSatisfy { $0.passed })
  }
}
