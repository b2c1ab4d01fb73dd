import Testing

@testable import CDBDomain

@Suite("Set of strategies")
struct StrategySetTests {
  private func configuration(_ strategies: [StrategyName]) throws -> PipelineConfiguration {
    var configuration = try Fixture.configuration()
    configuration.strategies = strategies
    configuration.momentum = MomentumStrategyTests.parameters
    configuration.emaCross = EMACrossStrategyTests.parameters
    return configuration
  }

  /// The strategies' signals over a market that swings.
  private func signals(_ set: inout StrategySet, _ seconds: ClosedRange<Int64> = 0...200) -> [StrategyName:
    [EventTime]]
  {
    var found: [StrategyName: [EventTime]] = [:]
    for second_ in seconds {
      let phase = second_ % 40
      let price = 1_000_000 + 1_000 * (phase < 20 ? phase : 40 - phase)
      set.observe(Price(mantissa: price), at: at(second_ * second)) { name, _ in
        found[name, default: []].append(at(second_ * second))
      }
    }
    return found
  }

  @Test("both see the same prices, and each signals as if it were alone")
  func independent() throws {
    var both = StrategySet(configuration: try configuration([.emaCross, .momentum]))
    let together = signals(&both)
    for name in StrategyName.allCases {
      var alone = StrategySet(configuration: try configuration([name]))
      let found = signals(&alone)
      #expect(found.keys.elementsEqual([name]))
      #expect(found[name] == together[name] && found[name]?.isEmpty == false)
    }
    #expect(Set(both.nearness.keys) == Set(StrategyName.allCases))
  }

  @Test("what stays switched on keeps what it has seen; what is switched off forgets")
  func configure() throws {
    var set = StrategySet(configuration: try configuration([.momentum]))
    _ = signals(&set, 0...60)
    let momentum = set.momentum
    set.configure(try configuration([.momentum, .emaCross]))
    #expect(set.momentum == momentum && set.emaCross?.separation == nil)
    set.configure(try configuration([.emaCross]))
    #expect(set.momentum == nil)
    #expect(set.nearness.isEmpty)
    set.configure(try configuration([]))
    #expect(signals(&set).isEmpty)
  }

  @Test("new parameters hold from then on")
  func parameters() throws {
    var set = StrategySet(configuration: try configuration([.momentum]))
    var other = try configuration([.momentum])
    other.momentum.threshold = .one
    set.configure(other)
    #expect(signals(&set).isEmpty)
  }

  @Test("momentum says how near it is: the change as a share of the threshold")
  func momentumNearness() {
    var strategy = MomentumStrategy(parameters: MomentumStrategyTests.parameters)
    #expect(strategy.nearness == nil)
    MomentumStrategyTests.flat(&strategy, 0...9, at: 100_000)
    _ = strategy.observe(Price(mantissa: 99_950), at: at(10 * second))
    #expect(strategy.nearness == Ratio(basisPoints: 5_000))
  }
}
