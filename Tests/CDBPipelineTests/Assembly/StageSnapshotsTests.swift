import CDBDomain
import Foundation
import Testing

@testable import CDBPipeline

@Suite("The snapshots of a stage as a service")
struct StageSnapshotsTests {
  /// Saves a barrier at which that many orders were emitted and twice as many signals taken in.
  private func save(_ barrier: UInt64, orders: UInt64, in snapshots: StageSnapshots) throws {
    let snapshot = StageSnapshot(stages: [RiskStage(configuration: try Fixture.configuration())], outputs: 1)
    try snapshots.save(
      StageCheckpoint(
        cut: StageCut(
          stage: .risk, barrier: barrier, ledger: NodeLedger(), inFlight: 0,
          accepted: [.signals: [orders * 2]], emitted: [.orders: [orders]]), snapshot: try snapshot.encoded()),
      CheckpointManifest(
        barrier: barrier, journalSequence: 0, framesAccepted: 0, configurationFingerprint: "f",
        journalIdentity: 5))
  }

  private func withSnapshots(_ body: (StageSnapshots) throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      try body(StageSnapshots(store: try CheckpointStore(directory: directory), stage: .risk))
    }
  }

  private func covered(_ number: UInt64) -> [StreamName: [UInt16: UInt64]] { [.orders: [0: number]] }

  @Test("while the stage behind covers nothing, nothing is let go of, up to a bound")
  func uncovered() async throws {
    try await withSnapshots { snapshots in
      for barrier in UInt64(1)...6 {
        try save(barrier, orders: barrier * 100, in: snapshots)
        #expect(snapshots.shed(covered: [:]) == nil)
      }
      #expect(snapshots.store.barriers() == [1, 2, 3, 4, 5, 6])
      for barrier in UInt64(7)...80 {
        try save(barrier, orders: barrier * 100, in: snapshots)
        #expect(snapshots.shed(covered: [:]) == nil)
      }
      let kept = snapshots.store.barriers()
      #expect(kept.count == StageSnapshots.mostKept && kept.starts(with: [1, 2]) && kept.last == 80)
    }
  }

  @Test("however far the stage behind lags, what it covers comes up to a snapshot, again and again")
  func lag() async throws {
    try await withSnapshots { snapshots in
      var last: UInt64 = 0
      for barrier in UInt64(1)...60 {
        try save(barrier, orders: barrier * 100, in: snapshots)
        // Five barriers behind.
        let oldest = snapshots.shed(covered: covered(max(5, barrier) * 100 - 500))
        if let oldest {
          #expect(
            oldest.cut.barrier >= last && oldest.cut.emitted[.orders]?[0] ?? 0 <= max(5, barrier) * 100 - 500)
          last = oldest.cut.barrier
        }
        #expect(snapshots.store.barriers().count <= 7)
      }
      #expect(last > 48)
    }
  }

  @Test(
    "the one that is needed is the newest that makes everything again; covered is what the oldest kept has taken"
  )
  func needed() async throws {
    try await withSnapshots { snapshots in
      for barrier in UInt64(1)...3 { try save(barrier, orders: barrier * 100, in: snapshots) }
      let oldest = try #require(snapshots.shed(covered: covered(1_000)))
      #expect(oldest.cut.barrier == 2 && oldest.cut.accepted[.signals] == [400], "two are kept in any case")
      #expect(snapshots.store.barriers() == [2, 3])
    }
  }

  @Test("what a snapshot says of itself is not read again at each look; what another process has written is")
  func notReadAgain() async throws {
    try await withSnapshots { snapshots in
      for barrier in UInt64(1)...3 { try save(barrier, orders: barrier * 100, in: snapshots) }
      for barrier in 1...3 {
        for name in ["cut", "manifest"] {
          try Data("{".utf8).write(
            to: URL(filePath: snapshots.store.directory + "/barrier-\(barrier)/\(name).json"))
        }
      }
      #expect(snapshots.shed(covered: covered(1_000))?.cut.barrier == 2)
      try save(4, orders: 400, in: StageSnapshots(store: snapshots.store, stage: .risk))
      #expect(snapshots.shed(covered: covered(1_000))?.cut.barrier == 3)
      #expect(snapshots.store.barriers() == [3, 4])
    }
  }

  @Test("a start is the newest before a limit that can be read; what cannot is named")
  func start() async throws {
    try await withSnapshots { snapshots in
      for barrier in UInt64(1)...3 { try save(barrier, orders: barrier, in: snapshots) }
      var notices: [String] = []
      func newest(before limit: UInt64 = .max) -> UInt64? {
        snapshots.newest(before: limit, as: RiskStage.self, stages: 1, outputs: 1) { notices.append($0) }?
          .barrier
      }
      #expect(newest() == 3 && newest(before: 3) == 2 && newest(before: 1) == nil && notices.isEmpty)
      try Data("{".utf8).write(to: URL(filePath: snapshots.store.directory + "/barrier-3/cut.json"))
      #expect(newest() == 2)
      #expect(notices.count == 1 && notices[0].contains("barrier-3/cut.json"))
    }
  }
}
