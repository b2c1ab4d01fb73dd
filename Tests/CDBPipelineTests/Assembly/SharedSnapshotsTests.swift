import CDBDomain
import Foundation
import Testing

@testable import CDBPipeline

/// Two instruments, so partitions 0 and 1.
@Suite("The snapshots of core that processes share")
struct SharedSnapshotsTests {
  private let configuration: PipelineConfiguration

  init() throws { configuration = try Fixture.configuration() }

  private var beginning: StageSnapshot<CoreStage> {
    StartingPoint(configuration: configuration, matching: BookMatching()).core
  }

  private func snapshots(_ share: String?, in directory: String) throws -> StageSnapshots {
    let share = share.flatMap { PartitionShare($0) }
    return StageSnapshots(
      store: try CheckpointStore(directory: directory + "/" + StageSnapshots.folder(of: .core, share)),
      stage: .core, share: share)
  }

  /// Saves a barrier at which a share has emitted that much of each partition, taken in ten times as much, and has counted
  /// `received`.
  private func save(
    _ barrier: UInt64, _ emitted: [UInt64], received: UInt64, journal: UInt64 = 5, _ snapshots: StageSnapshots
  ) throws {
    var snapshot = beginning
    snapshot.emitted = emitted
    snapshot.accepted = [.marketData: emitted.map { $0 * 10 }]
    snapshot.ledger.received = received
    snapshot.watermark = at(Int64(barrier))
    try snapshots.save(
      StageCheckpoint(
        cut: StageCut(
          stage: .core, barrier: barrier, ledger: snapshot.ledger, inFlight: 0, accepted: snapshot.accepted,
          emitted: [.signals: emitted], partitions: snapshots.share?.partitions),
        snapshot: try snapshot.encoded()),
      CheckpointManifest(
        barrier: barrier, journalSequence: 0, framesAccepted: 0, configurationFingerprint: "f",
        journalIdentity: journal))
  }

  private func newest(
    _ snapshots: StageSnapshots, before limit: UInt64 = .max
  ) -> StageStart<CoreStage>? {
    snapshots.newestOfShares(before: limit, beginning: beginning) { Issue.record("\($0)") }
  }

  @Test("a share has a folder of its own, and goes on from that")
  func own() async throws {
    try await withTemporaryDirectory { directory in
      let first = try snapshots("0", in: directory)
      let second = try snapshots("1", in: directory)
      try save(7, [70, 0], received: 7, first)
      try save(8, [0, 81], received: 8, second)
      #expect(newest(first)?.barrier == 7 && newest(second)?.barrier == 8)
      let start = try #require(newest(second))
      #expect(start.outputs([1]) == [EdgeStart(partition: 1, sequence: 81)])
      #expect(start.inputs(.marketData, [1]) == [EdgeStart(partition: 1, sequence: 810, barrier: 8)])
      #expect(newest(second, before: 8) == nil, "the other's partition is of no use, and nothing to name")
    }
  }

  @Test(
    "two that share go on from one that had all, each with its partition, and the books go to one of them")
  func split() async throws {
    try await withTemporaryDirectory { directory in
      let all = try snapshots(nil, in: directory)
      try save(7, [70, 71], received: 9, all)
      let first = try #require(newest(try snapshots("0", in: directory)))
      let second = try #require(newest(try snapshots("1", in: directory)))
      #expect(first.snapshot.emitted == [70, 0] && first.snapshot.accepted == [.marketData: [700, 0]])
      #expect(second.snapshot.emitted == [0, 71] && second.snapshot.accepted == [.marketData: [0, 710]])
      #expect(first.snapshot.ledger.received == 9 && second.snapshot.ledger.received == 0)
      #expect(
        first.manifest?.journalIdentity == 5 && second.barrier == 7 && second.snapshot.watermark == at(7))
    }
  }

  @Test("one that has all again goes on at the newest barrier that both halves have, with both books")
  func join() async throws {
    try await withTemporaryDirectory { directory in
      let all = try snapshots(nil, in: directory)
      try save(3, [30, 31], received: 1, all)
      let first = try snapshots("0", in: directory)
      let second = try snapshots("1", in: directory)
      for barrier in UInt64(6)...8 { try save(barrier, [barrier * 10, 0], received: 5, first) }
      for barrier in UInt64(5)...7 { try save(barrier, [0, barrier * 10 + 1], received: 6, second) }
      let start = try #require(newest(all))
      #expect(start.barrier == 7 && start.snapshot.emitted == [70, 71])
      #expect(start.snapshot.ledger.received == 11)
      #expect(newest(all, before: 6)?.barrier == 3, "the halves' 5 is one half")
    }
  }

  @Test("halves that follow from different journals do not fit together")
  func otherJournal() async throws {
    try await withTemporaryDirectory { directory in
      try save(7, [70, 0], received: 5, try snapshots("0", in: directory))
      try save(7, [0, 71], received: 6, journal: 6, try snapshots("1", in: directory))
      var notices: [String] = []
      let start = try snapshots(nil, in: directory).newestOfShares(beginning: beginning) {
        notices.append($0)
      }
      #expect(start == nil && notices.count == 1, "what is left and of no use is named: \(notices)")
    }
  }

  @Test("a snapshot of its own that cannot be read is named, and an older one does")
  func unreadable() async throws {
    try await withTemporaryDirectory { directory in
      let first = try snapshots("0", in: directory)
      for barrier in UInt64(1)...2 { try save(barrier, [barrier, 0], received: 1, first) }
      try Data("{".utf8).write(to: URL(filePath: first.store.directory + "/barrier-2/core.json"))
      var notices: [String] = []
      let start = first.newestOfShares(beginning: beginning) { notices.append($0) }
      #expect(start?.barrier == 1 && notices.count == 1)
    }
  }
}
