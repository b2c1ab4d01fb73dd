import CDBDomain
import Foundation
import Testing

@testable import CDBPipeline

@Suite("checkpoint store")
struct CheckpointStoreTests {
  private func save(_ barrier: UInt64, in store: CheckpointStore) throws {
    let configuration = try Fixture.configuration()
    let snapshot = StageSnapshot(stages: [RiskStage(configuration: configuration)], outputs: 1)
    let checkpoint = StageCheckpoint(
      cut: StageCut(
        stage: .risk, barrier: barrier, ledger: NodeLedger(), inFlight: 0, accepted: [:], emitted: [:]),
      snapshot: try snapshot.encoded())
    try store.save(
      CheckpointManifest(
        barrier: barrier, journalSequence: barrier * 10, framesAccepted: barrier,
        configurationFingerprint: "f", journalIdentity: 5), [.risk: checkpoint])
  }

  @Test("what was saved comes back, and the newest two stay")
  func saves() async throws {
    try await withTemporaryDirectory { directory in
      let store = try CheckpointStore(directory: directory)
      for barrier in UInt64(1)...12 { try save(barrier, in: store) }
      #expect(store.barriers() == [11, 12])
      #expect(try store.manifest(of: 12).journalSequence == 120)
      let snapshot = try store.snapshot(of: 12, as: RiskStage.self)
      #expect(snapshot.stages[0].engine.account.name == "paper")
    }
  }

  @Test("a folder that was not finished is no checkpoint")
  func partial() async throws {
    try await withTemporaryDirectory { directory in
      let store = try CheckpointStore(directory: directory)
      try save(1, in: store)
      try FileManager.default.copyItem(
        atPath: directory + "/barrier-1", toPath: directory + "/barrier-2.partial")
      #expect(store.barriers() == [1])
    }
  }

  @Test("a snapshot that cannot be read is named")
  func corrupt() async throws {
    try await withTemporaryDirectory { directory in
      let store = try CheckpointStore(directory: directory)
      try save(1, in: store)
      try Data("{".utf8).write(to: URL(filePath: directory + "/barrier-1/risk.json"))
      let error = #expect(throws: CheckpointStore.CheckpointError.self) {
        try store.snapshot(of: 1, as: RiskStage.self)
      }
      #expect(error?.description.contains("barrier-1/risk.json") == true)
    }
  }
}
