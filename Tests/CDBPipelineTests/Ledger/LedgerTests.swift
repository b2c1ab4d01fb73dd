import CDBDomain
import Foundation
import Testing

@testable import CDBPipeline

@Suite("ledger")
struct LedgerTests {
  private func cuts(_ change: (inout [StageName: StageCut]) -> Void = { _ in }) -> [StageName: StageCut] {
    var ledger = NodeLedger()
    ledger.received = 10
    ledger.acted = 7
    ledger.absorbed[.tick] = 2
    ledger.dropped[.malformedFrame] = 1
    var cuts: [StageName: StageCut] = [:]
    for stage in StageName.allCases {
      var accepted: [StreamName: [UInt64]] = [:]
      var emitted: [StreamName: [UInt64]] = [:]
      for stream in StreamName.allCases {
        if stream.ends.to == stage { accepted[stream] = [5, 6] }
        if stream.ends.from == stage { emitted[stream] = [5, 6] }
      }
      cuts[stage] = StageCut(
        stage: stage, barrier: 3, ledger: ledger, inFlight: 0, accepted: accepted, emitted: emitted)
    }
    change(&cuts)
    return cuts
  }

  @Test("received = acted + absorbed + dropped + in flight, emitted = accepted: balanced")
  func balanced() {
    #expect(FlowAudit.balance(cuts(), barrier: 3).isBalanced)
  }

  @Test("a barrier is balanced once, what waits is bounded, and a stage can take its cuts back")
  func audit() {
    var audit = FlowAudit(keeping: 2)
    func cut(_ stage: StageName, _ barrier: UInt64) -> StageCut {
      StageCut(
        stage: stage, barrier: barrier, ledger: NodeLedger(), inFlight: 0, accepted: [:], emitted: [:])
    }
    let others = StageName.allCases.filter { $0 != .dbWriter }
    for barrier in UInt64(1)...3 { for stage in others { #expect(audit.add(cut(stage, barrier)) == nil) } }
    // Two wait at most: the first is given up.
    #expect(audit.add(cut(.dbWriter, 1)) == nil)
    #expect(audit.add(cut(.dbWriter, 3))?.barrier == 3)
    for stage in StageName.allCases {
      #expect(audit.add(cut(stage, 2)) == nil && audit.add(cut(stage, 3)) == nil)
    }
    for stage in others { #expect(audit.add(cut(stage, 4)) == nil) }
    audit.forget(.core)
    #expect(audit.add(cut(.dbWriter, 4)) == nil)
    #expect(audit.add(cut(.core, 4))?.barrier == 4)
  }

  /// A cut of core that two processes share, of one of the two partitions; of the other its numbers mean nothing.
  private func share(_ partition: UInt16, _ change: (inout StageCut) -> Void = { _ in }) -> StageCut {
    var cut =
      cuts()[.core]
      ?? StageCut(
        stage: .core, barrier: 3, ledger: NodeLedger(), inFlight: 0, accepted: [:], emitted: [:])
    cut.partitions = [partition]
    cut.accepted[.marketData]?[1 - Int(partition)] = 0
    cut.emitted[.signals]?[1 - Int(partition)] = 99
    change(&cut)
    return cut
  }

  @Test("a stage that processes share has passed a barrier when all of its partitions have")
  func shared() {
    var audit = FlowAudit()
    for (stage, cut) in cuts() where stage != .core { #expect(audit.add(cut) == nil) }
    #expect(audit.add(share(1)) == nil)
    #expect(audit.add(share(1)) == nil, "the same half once more is no other half")
    let report = audit.add(share(0))
    #expect(report?.barrier == 3 && report?.isBalanced == true, "\(String(describing: report))")
  }

  @Test("whoever begins anew passes what is open again, and the others' halves stay")
  func sharesAnew() {
    var audit = FlowAudit()
    for (stage, cut) in cuts() where stage != .core { #expect(audit.add(cut) == nil) }
    #expect(audit.add(share(0) { $0.accepted[.marketData]?[0] = 4 }) == nil)
    audit.forget(.core, partitions: [0])
    #expect(audit.add(share(1)) == nil)
    audit.forget(.core, partitions: [0])
    #expect(audit.add(share(0))?.isBalanced == true)
  }

  @Test("what one of them lost is found, and what two books hide from each other is not hidden")
  func sharesThatLose() {
    var audit = FlowAudit()
    for (stage, cut) in cuts() where stage != .core { #expect(audit.add(cut) == nil) }
    #expect(audit.add(share(0) { $0.ledger.received += 2 }) == nil)
    let report = audit.add(
      share(1) {
        $0.ledger.received -= 2
        $0.emitted[.signals]?[1] += 1
      })
    #expect(report?.imbalances == [.node(.core, 2), .node(.core, -2), .edge(.signals, partition: 1, 1)])
  }

  @Test(
    "case 3: one lost event on any edge is found, and the edge and partition are named",
    arguments: StreamName.allCases)
  func lost(stream: StreamName) {
    let report = FlowAudit.balance(cuts { $0[stream.ends.from]?.emitted[stream] = [5, 7] }, barrier: 3)
    #expect(report.imbalances == [.edge(stream, partition: 1, 1)])
    #expect(report.imbalances.first?.description.contains("lost") == true)
  }

  @Test("one doubled event is found as such", arguments: StreamName.allCases)
  func doubled(stream: StreamName) {
    let report = FlowAudit.balance(cuts { $0[stream.ends.to]?.accepted[stream] = [6, 6] }, barrier: 3)
    #expect(report.imbalances == [.edge(stream, partition: 0, -1)])
    #expect(report.imbalances.first?.description.contains("doubled") == true)
  }

  @Test("an event that a stage received and forgot is found", arguments: StageName.allCases)
  func forgotten(stage: StageName) {
    let report = FlowAudit.balance(cuts { $0[stage]?.ledger.received = 11 }, barrier: 3)
    #expect(report.imbalances == [.node(stage, 1)])
    let inFlight = FlowAudit.balance(
      cuts {
        $0[stage]?.ledger.received = 11
        $0[stage]?.inFlight = 1
      }, barrier: 3)
    #expect(inFlight.isBalanced)
  }

  @Test("results that risk takes only after the cut are under way, not lost")
  func underway() {
    let report = FlowAudit.balance(
      cuts {
        $0[.execution]?.emitted[.feedback] = [8, 6]
        $0[.execution]?.underway[.feedback] = 3
      }, barrier: 3)
    #expect(report.isBalanced)
  }

  @Test("a barrier is balanced once all five stages have passed it")
  func complete() {
    var audit = FlowAudit()
    let all = cuts()
    for stage in StageName.allCases.dropLast() {
      #expect(all[stage].flatMap { audit.add($0) } == nil)
    }
    #expect(all[.dbWriter].flatMap { audit.add($0) }?.barrier == 3)
  }

  @Test("a ledger comes back from its snapshot, by code, and since() is what happened in between")
  func coding() throws {
    var ledger = NodeLedger()
    ledger.received = .max
    ledger.redeliveries = 3
    for (index, reason) in ReasonCode.allCases.enumerated() { ledger.dropped[reason] = UInt64(index) }
    ledger.emittedByKind[.signal] = 4
    let data = try JSONEncoder().encode(ledger)
    #expect(String(decoding: data, as: UTF8.self).contains("\"malformed_frame\""))
    let decoded = try JSONDecoder().decode(NodeLedger.self, from: data)
    #expect(decoded == ledger)
    var later = ledger
    later.dropped[.bookGap] += 2
    later.redeliveries += 1
    var difference = NodeLedger()
    difference.dropped[.bookGap] = 2
    difference.redeliveries = 1
    #expect(later.since(ledger) == difference)
  }
}
