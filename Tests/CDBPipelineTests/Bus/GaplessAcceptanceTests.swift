import Testing

@testable import CDBPipeline

@Suite("gapless acceptance")
struct GaplessAcceptanceTests {
  private func expect(_ acceptance: inout GaplessAcceptance, _ batch: Batch, redelivered: Int) throws {
    let found = try acceptance.accept(batch)
    #expect(found == redelivered)
  }

  @Test("the next number is accepted, partition by partition")
  func next() throws {
    var acceptance = GaplessAcceptance()
    try expect(&acceptance, ticks([1, 2, 3]), redelivered: 0)
    try expect(&acceptance, ticks([4], first: 4), redelivered: 0)
    try expect(&acceptance, ticks([1], partition: 1), redelivered: 0)
    #expect(acceptance.position(of: 0) == 4)
    #expect(acceptance.position(of: 1) == 1)
  }

  @Test("what was accepted before is said to be redelivered, in whole or in part")
  func redelivered() throws {
    var acceptance = GaplessAcceptance()
    _ = try acceptance.accept(ticks([1, 2, 3, 4]))
    try expect(&acceptance, ticks([2, 3], first: 2), redelivered: 2)
    try expect(&acceptance, ticks([3, 4, 5, 6], first: 3), redelivered: 2)
    #expect(acceptance.position(of: 0) == 6)
  }

  @Test(
    "case 3: a skipped number is an error that names edge, partition and numbers, and nothing is accepted")
  func gap() throws {
    var acceptance = GaplessAcceptance()
    _ = try acceptance.accept(ticks([1]))
    let gap = #expect(throws: SequenceGap.self) { _ = try acceptance.accept(ticks([9], first: 3)) }
    #expect(gap == SequenceGap(stream: .signals, partition: 0, expected: 2, found: 3))
    #expect(gap?.description.contains("signals, partition 0: expected event 2, found 3") == true)
    #expect(acceptance.position(of: 0) == 1)
  }

  @Test("an empty batch moves nothing, and shows a gap too")
  func empty() throws {
    var acceptance = GaplessAcceptance()
    try expect(&acceptance, ticks([], watermark: 5), redelivered: 0)
    #expect(acceptance.position(of: 0) == 0)
    #expect(throws: SequenceGap.self) { _ = try acceptance.accept(ticks([], first: 2, watermark: 5)) }
  }
}
