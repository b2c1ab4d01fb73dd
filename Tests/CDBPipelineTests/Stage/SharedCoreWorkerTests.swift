import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("core's work is the same, whoever has which partitions")
struct SharedCoreWorkerTests {
  private static let prices: [Int64] = (0..<400).map { 50_000_00 + ($0 * 7_919 % 97) * ($0 / 40 + 1) * 20 }

  /// Groups as a reader gives them: quotes of both partitions, and a barrier after every hundred.
  private static func groups(_ partitions: [UInt16]) -> [[Batch]] {
    var groups: [[Batch]] = []
    for (index, price) in prices.enumerated() {
      let isCut = index % 100 == 99
      groups.append(
        partitions.map { partition in
          let time = at(Int64(index + 1) * 250_000_000 + Int64(partition))
          let quote = Make.quote(
            InstrumentID(partition), bid: price + Int64(partition) * 300,
            ask: price + Int64(partition) * 300 + 100)
          return Batch(
            stream: .marketData, partition: partition, firstSequence: UInt64(index) + 1,
            envelopes: [Envelope(time: time, origin: UInt64(index) + 1, event: .quote(quote))],
            watermark: time,
            marker: isCut ? .barrier(UInt64(index / 100) + 1) : nil, ingestedAt: 0, feedDelay: 0)
        })
    }
    return groups
  }

  private struct Outcome {
    var events: [UInt16: [Envelope]] = [:]
    var cuts: [StageCut] = []
  }

  private func work(_ share: [UInt16]?) throws -> Outcome {
    let configuration = try Fixture.configuration()
    let board = PipelineBoard(thresholds: HealthThresholds(), startedAt: at(0))
    let assembly = StageAssembly(
      options: PipelineOptions(dataDirectory: "", configuration: configuration, logger: Fixture.quiet),
      board: board, journal: DistantJournal())
    var worker = try assembly.core(
      StartingPoint(configuration: configuration, matching: BookMatching()).core,
      share: share.flatMap { PartitionShare($0) })
    var outcome = Outcome()
    for group in Self.groups(share ?? [0, 1]) {
      let (out, cut, _) = try worker.work(group, backlog: 0)
      for batch in out { outcome.events[batch.partition, default: []] += batch.envelopes }
      if let cut { outcome.cuts.append(cut.cut) }
    }
    return outcome
  }

  @Test("two halves emit what the whole emits, and cut at each barrier what they have")
  func halves() throws {
    let whole = try work(nil)
    let halves = try [work([0]), work([1])]
    #expect(whole.events[0]?.contains { if case .signal = $0.event { true } else { false } } == true)
    #expect(whole.cuts.map(\.barrier) == [1, 2, 3, 4] && whole.cuts.allSatisfy { $0.partitions == nil })
    for (partition, half) in halves.enumerated() {
      let number = UInt16(partition)
      #expect(half.events.count == 1 && half.events[number] == whole.events[number])
      #expect(half.cuts.map(\.barrier) == [1, 2, 3, 4] && half.cuts.allSatisfy { $0.partitions == [number] })
      for (cut, all) in zip(half.cuts, whole.cuts) {
        #expect(cut.accepted[.marketData]?[partition] == all.accepted[.marketData]?[partition])
        #expect(cut.emitted[.signals]?[partition] == all.emitted[.signals]?[partition])
      }
    }
    for (index, all) in whole.cuts.enumerated() {
      var sum = halves[0].cuts[index].ledger
      sum.add(halves[1].cuts[index].ledger)
      #expect(sum == all.ledger)
    }
  }
}
