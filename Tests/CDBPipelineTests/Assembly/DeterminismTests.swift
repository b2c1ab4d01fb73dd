import CDBDomain
import CDBPipeline
import DurableQueue
import Foundation
import Testing

@Suite("the whole pipeline: one input, one outcome", .timeLimit(.minutes(10)))
struct DeterminismTests {
  @Test("the same digest for any batch size, everything accounted for, every edge balanced")
  func batchSizes() async throws {
    let frames = try MemorySource.market(frames: 12_000)
    var digests: Set<String> = []
    // The last takes everything in one batch: the first order is out before execution has said a word.
    for batch in [1, 13, 256, 4_096, 65_536] {
      try await withTemporaryDirectory { directory in
        let outcome = try await run(MemorySource(frames), in: directory, batch: batch)
        let ws = try #require(outcome.status.stage(.ws)?.total)
        #expect(outcome.status.framesInTotal == 12_000)
        #expect(ws.received == ws.acted + ws.absorbed.total + ws.dropped.total)
        #expect(outcome.status.flow?.isBalanced == true)
        #expect(outcome.totals.fills > 0)
        #expect(outcome.status.account.map { !$0.equity.mantissa.isMultiple(of: 0x7fff_ffff) } == true)
        digests.insert(outcome.digest)
      }
    }
    #expect(digests.count == 1)
  }

  @Test("replaying a run's journal gives its store again, with the configurations in it")
  func journalReplay() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 8_000)
      // Two runs with different limits: the second configuration is an event in the journal.
      _ = try await run(MemorySource(Array(frames.prefix(4_000))), in: directory + "/live")
      var stricter = try Fixture.configuration()
      stricter.risk.maximumPosition = Ratio(basisPoints: 500)
      let live = try await run(MemorySource(frames), in: directory + "/live", configuration: stricter)
      #expect(live.totals.rows["controls"] == 2)
      #expect(live.totals.refusals["position_size_limit", default: 0] > 0)

      let initial = try #require(try Journal.openingConfiguration(ofJournalIn: directory + "/live/journal"))
      let replayed = try await run(
        try JournalFrames(directory: directory + "/live/journal"), in: directory + "/again",
        configuration: initial
      ) { $0.journalsConfiguration = false }
      #expect(replayed.digest == live.digest)
      #expect(replayed.status.flow?.isBalanced == true)
    }
  }

  @Test("frames that are no market data are dropped with their reasons, and change nothing else")
  func malformedFrames() async throws {
    let clean = try MemorySource.market(frames: 6_000)
    var frames: [MemorySource.Frame] = []
    let planted: [(String, ReasonCode)] = [
      ("{\"stream\":", .malformedFrame),
      (
        #"{"stream":"dogeusdt@bookTicker","data":{"u":1,"s":"DOGEUSDT","b":"1","B":"1","a":"2","A":"1"}}"#,
        .unknownSymbol
      ),
      (
        #"{"stream":"btcusdt@bookTicker","data":{"u":9999999999999,"s":"BTCUSDT","b":"1.00","B":"1","a":"2.00","A":"1"}}"#,
        .absurdPrice
      ),
      (
        #"{"stream":"btcusdt@bookTicker","data":{"u":9999999999999,"s":"BTCUSDT","b":"1.001","B":"1","a":"2.00","A":"1"}}"#,
        .invalidDecimal
      ),
    ]
    for (index, frame) in clean.enumerated() {
      frames.append(frame)
      if index % 1_000 == 500 {
        let (text, _) = planted[(index / 1_000) % planted.count]
        frames.append(.init(time: frame.time, source: frame.source, bytes: Array(text.utf8)))
      }
    }
    try await withTemporaryDirectory { directory in
      let reference = try await run(MemorySource(clean), in: directory + "/clean")
      let outcome = try await run(MemorySource(frames), in: directory + "/planted")
      let dropped = try #require(outcome.status.stage(.ws)?.total.dropped)
      for (_, reason) in planted { #expect(dropped[reason] >= 1, "\(reason.code)") }
      #expect(dropped.total == 6)
      #expect(outcome.totals.signals == reference.totals.signals)
      #expect(outcome.totals.fees == reference.totals.fees)
      #expect(outcome.status.flow?.isBalanced == true)
    }
  }
}

/// A journal's records as a source, as a replay of it has them.
struct JournalFrames: FrameSource {
  let name = "journal"
  let isLive = false
  let deliversJournal = true
  private var batches: [IngestBatch]

  init(directory: String) throws {
    let journal = try Journal(directory: directory, options: .init())
    let reader = try journal.reader(from: 1)
    batches = []
    while true {
      let batch = try reader.read(maximum: 777)
      if batch.isEmpty { break }
      batches.append(batch)
    }
    journal.queue.close()
  }

  mutating func resume(after count: UInt64) {}

  mutating func next(maximum: Int, into batch: inout IngestBatch) async throws -> FrameSourceStatus {
    guard !batches.isEmpty else { return .ended }
    batch = batches.removeFirst()
    return .more
  }
}
