import CDBDomain
import CDBPipeline
import DurableQueue
import Testing

/// Fills at a price of its own, whatever the market.
private struct FixedPriceMatching: MatchingModel {
  func match(
    _ order: Order, in market: MarketView, rules: PaperExchangeRules
  ) throws(ArithmeticOverflow) -> Match {
    Match(
      pieces: [BookLevel(price: Price(mantissa: 50_000_00), quantity: order.quantity)],
      remainder: .filledCompletely)
  }
}

@Suite("what happened to others, end to end", .timeLimit(.minutes(10)))
struct CaseTests {
  @Test("case 2: a feed whose fields were renamed is connected, decodes nothing, and does not do its work")
  func renamedFields() async throws {
    let frames = try MemorySource.market(frames: 2_000).map { frame in
      var frame = frame
      let text = String(decoding: frame.bytes, as: UTF8.self)
      frame.bytes = Array(
        text.replacing("\"s\":", with: "\"symbol\":").replacing("\"bids\"", with: "\"buys\"").utf8)
      return frame
    }
    try await withTemporaryDirectory { directory in
      let outcome = try await run(MemorySource(frames), in: directory)
      let ws = try #require(outcome.status.stage(.ws))
      #expect(outcome.status.feed.frames == 2_000)
      #expect(ws.total.dropped.total == 2_000)
      #expect(!ws.health.doesItsWork)
      #expect(outcome.status.flow?.isBalanced == true)
    }
  }

  @Test("case 5: counts are the ledger's, however little of the journal is kept, and over a new start")
  func countsOfTheLedger() async throws {
    let frames = try MemorySource.market(frames: 12_500)
    func small(_ options: inout PipelineOptions) {
      options.journal = DurableQueueOptions(
        segmentBytes: 64 << 10, maximumBytes: 64 << 20, fsync: .onRequest)
      options.journalRetention = 128 << 10
    }
    try await withTemporaryDirectory { directory in
      let whole = try await run(MemorySource(frames), in: directory + "/whole")
      let short = directory + "/short"
      let first = try await run(MemorySource(Array(frames.prefix(11_000))), in: short, small)
      let outcome = try await run(MemorySource(frames), in: short, small)

      let journal = try Journal(directory: short + "/journal", options: DurableQueueOptions())
      let kept = journal.queue.statistics
      journal.queue.close()
      #expect(kept.nextSequence - kept.firstSequence < 10_000)
      #expect(outcome.status.framesInTotal == 12_500)
      #expect(outcome.status.flow?.isBalanced == true)
      #expect(outcome.totals == whole.totals && outcome.digest == whole.digest)
      // The process's own counters began anew, and say so beside those that went on.
      let before = try #require(first.status.stage(.ws)).total.received
      let ws = try #require(outcome.status.stage(.ws))
      #expect(ws.total.received > 12_500 && ws.sinceStart.received == ws.total.received - before)
    }
  }

  @Test("case 10: fills at a fixed 50,000 are refused, alerted and never booked")
  func fixedPrice() async throws {
    try await withTemporaryDirectory { directory in
      let outcome = try await run(
        MemorySource(try MemorySource.market(frames: 8_000)), matching: FixedPriceMatching(), in: directory)
      #expect(outcome.totals.rows["orders", default: 0] > 0)
      #expect(outcome.totals.fills == 0)
      #expect(outcome.totals.results["rejected"] == outcome.totals.rows["orders"])
      #expect(outcome.totals.rows["alerts"] == outcome.totals.rows["orders"])
      #expect(outcome.status.tally.incidents[.fillOutOfBounds] == UInt64(outcome.totals.rows["orders"] ?? 0))
      let account = try #require(outcome.status.account)
      #expect(account.cash == account.startingCash)
    }
  }

  @Test("case 13: a clock 1.27 s behind the exchange shows as skew, and no latency is negative")
  func clockBehind() async throws {
    let behind: Int64 = -1_270_000_000
    let frames = try MemorySource.market(frames: 4_000).map { frame in
      MemorySource.Frame(time: frame.time.advanced(by: behind), source: frame.source, bytes: frame.bytes)
    }
    var feed = BinanceFeed(instruments: try Fixture.catalogue(), rules: FeedRules())
    for frame in frames {
      frame.bytes.withUnsafeBytes { bytes in
        _ = feed.decode(bytes, source: frame.source, at: frame.time) { _ in }
      }
      #expect(feed.statistics.instruments.allSatisfy { $0.latestDelay >= 0 })
    }
    try await withTemporaryDirectory { directory in
      let outcome = try await run(MemorySource(frames), in: directory)
      #expect((-1_270_000_000 ... -1_200_000_000).contains(outcome.status.feed.skewNanoseconds))
      // What lies between the clocks is told as it is, too.
      let offset = try #require(outcome.status.feed.offsetNanoseconds)
      #expect(offset >= outcome.status.feed.skewNanoseconds && offset < 0)
      #expect(outcome.totals.fills > 0)
    }
  }

  @Test("a stop refuses every signal from its place in the journal on; a resume lets them pass again")
  func killSwitch() async throws {
    let frames = try MemorySource.market(frames: 12_000)
    try await withTemporaryDirectory { directory in
      _ = try await run(MemorySource(Array(frames.prefix(2_000))), in: directory)
      let stopped = try await run(
        MemorySource(Array(frames.prefix(8_000))), in: directory, commands: [.stop(reason: "a test")])
      let refused = stopped.totals.refusals["kill_switch", default: 0]
      #expect(refused > 0)
      #expect(stopped.status.account?.killSwitch == "a test")
      let resumed = try await run(
        MemorySource(frames), in: directory, commands: [.resume(justification: "tested")])
      #expect(resumed.status.account?.killSwitch == nil)
      #expect(resumed.totals.rows["controls"] == 3)
      #expect(resumed.totals.rows["orders", default: 0] > stopped.totals.rows["orders", default: 0])
    }
  }
}
