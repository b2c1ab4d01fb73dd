import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("what was dropped lately")
struct RecentDropsTests {
  private static let second: UInt64 = 1_000_000_000

  @Test("only what was dropped within the window counts")
  func window() {
    var drops = RecentDrops(window: 10 * Self.second)
    var total = ReasonCounts()
    total[.malformedFrame] = 300
    for second in 0..<UInt64(10) { drops.note(total, at: second * Self.second) }
    total[.unknownSymbol] = 5
    drops.note(total, at: 12 * Self.second)
    #expect(drops.recent(total)[.malformedFrame] == 0)
    #expect(drops.recent(total)[.unknownSymbol] == 5)
    drops.note(total, at: 30 * Self.second)
    drops.note(total, at: 41 * Self.second)
    #expect(drops.recent(total).total == 0)
  }

  @Test("before there is a sample, everything was dropped lately")
  func beginning() {
    var total = ReasonCounts()
    total[.bookGap] = 2
    #expect(RecentDrops().recent(total)[.bookGap] == 2)
  }
}
