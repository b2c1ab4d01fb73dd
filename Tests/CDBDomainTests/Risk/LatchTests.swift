import Testing

@testable import CDBDomain

@Suite("Hysteresis")
struct LatchTests {
  let bound = RiskBound(limit: Ratio(basisPoints: 100), release: Ratio(basisPoints: 90))

  @Test("it trips beyond the limit, not at it, and stays until the figure has come down to the release")
  func hysteresis() {
    var latch = Latch()
    let figures: [(Int64, Bool)] = [
      (0, false), (100, false), (101, true), (100, true), (91, true), (90, false), (95, false), (101, true),
      (0, false),
    ]
    for (figure, isTripped) in figures {
      #expect(latch.take(Ratio(basisPoints: figure), bound, at: at(1)) == isTripped, "\(figure)")
      #expect(latch.figure == Ratio(basisPoints: figure))
    }
  }

  @Test(
    "a limit that a single order is within, and above whose release it is, never lets go",
    arguments: [
      // The order is a tenth of the equity; a tripped layer lets go at nine tenths of its limit.
      (999, false), (1_000, true), (1_100, true), (1_111, true), (1_112, false), (4_000, false),
    ] as [(Int64, Bool)])
  func snares(basisPoints: Int64, isSnare: Bool) throws {
    var limits = RiskLimits()
    limits.orderNotional = Money(mantissa: 100_000_000_000)
    limits.hysteresis = Ratio(basisPoints: 1_000)
    limits.maximumExposure = Ratio(basisPoints: basisPoints)
    limits.maximumPosition = Ratio(basisPoints: basisPoints)
    let equity = Money(mantissa: 1_000_000_000_000)
    let snares = limits.snares(equity: equity)
    #expect(snares.map(\.layer) == (isSnare ? [.exposure, .positionSize] : []))
    for snare in snares {
      // What the layer itself would say: tripped by a second order, and then asked with nothing held.
      var latch = Latch()
      latch.take(Ratio(basisPoints: 2_000), snare.bound, at: at(1))
      latch.take(snare.order, snare.bound, at: at(2))
      #expect(latch.isTripped)
      latch.take(snare.order, limits.bound(at: snare.sufficientLimit), at: at(3))
      #expect(!latch.isTripped)
    }
    #expect(limits.snares(equity: .zero).isEmpty)
    limits.hysteresis = .one
    #expect(limits.snares(equity: equity).isEmpty)
  }

  @Test("it says since when, from the first figure beyond the limit on")
  func since() {
    var latch = Latch()
    #expect(latch.since == nil)
    for time in 5...9 as ClosedRange<Int64> { latch.take(.one, bound, at: at(time)) }
    #expect(latch.since == at(5))
    latch.take(.zero, bound, at: at(10))
    #expect(latch.since == nil)
    latch.take(.one, bound, at: at(11))
    #expect(latch.since == at(11))
  }

  @Test("a figure that is only noted neither trips nor releases; a reset releases whatever the figure")
  func note() {
    var latch = Latch()
    latch.note(.one)
    #expect(!latch.isTripped && latch.figure == .one)
    latch.take(.one, bound, at: at(1))
    latch.note(.zero)
    #expect(latch.isTripped)
    latch.reset()
    #expect(!latch.isTripped)
  }

  @Test("the end of the range is beyond every limit, the largest too")
  func end() {
    var latch = Latch()
    let largest = Ratio(mantissa: .max)
    latch.take(largest, RiskBound(limit: largest, release: largest), at: at(1))
    #expect(latch.isTripped)
  }

  @Test(
    "the release is the limit less its share, and never above the limit, whatever the share",
    arguments: [
      (1_000, 0, 1_000), (1_000, 1_000, 900), (1_000, 10_000, 0), (1_000, -500, 1_000), (1_000, 99_999, 0),
      (0, 1_000, 0),
    ] as [(Int64, Int64, Int64)])
  func release(limit: Int64, hysteresis: Int64, release: Int64) {
    var limits = RiskLimits()
    limits.hysteresis = Ratio(basisPoints: hysteresis)
    let bound = limits.bound(at: Ratio(basisPoints: limit))
    #expect(bound == RiskBound(limit: Ratio(basisPoints: limit), release: Ratio(basisPoints: release)))
  }

  @Test("a layer's latches are its own, and an instrument's are its own where the layer has one for each")
  func table() throws {
    for layer in RiskLayerName.allCases {
      var table = LatchTable(instruments: 3)
      table[layer, InstrumentID(1)].take(.one, bound, at: at(1))
      #expect(table[layer].map(\.isTripped) == (layer.isPerInstrument ? [false, true, false] : [true]))
      for other in RiskLayerName.allCases where other != layer {
        #expect(table[other].allSatisfy { !$0.isTripped })
      }
      #expect(try Fixture.restored(table) == table)
    }
  }

  @Test("a snapshot without a layer begins it untripped; one that does not fit its instruments is refused")
  func decoding() throws {
    let text = #"{"instruments":2,"layers":{"kill_switch":[{"figure":5,"since":7}]}}"#
    let table = try JSONSnapshot.decode(LatchTable.self, text)
    #expect(table[.killSwitch].map(\.since) == [at(7)])
    #expect(table[.spread] == [Latch(), Latch()])
    for broken in [
      #"{"instruments":2,"layers":{"spread":[{"figure":5}]}}"#, #"{"instruments":-1,"layers":{}}"#,
      #"{"instruments":99999999,"layers":{}}"#,
    ] {
      #expect(throws: DecodingError.self) { try JSONSnapshot.decode(LatchTable.self, broken) }
    }
  }
}
