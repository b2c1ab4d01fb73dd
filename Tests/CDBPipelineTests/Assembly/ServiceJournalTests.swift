import CDBDomain
import Foundation
import RedisTransport
import Testing

@testable import CDBPipeline

@Suite("The journal of ws as a service")
struct ServiceJournalTests {
  private func open(_ directory: String) async throws -> UInt64? {
    let service = try await StageService(
      .ws,
      options: PipelineOptions(
        dataDirectory: directory, configuration: try Fixture.configuration(), logger: Fixture.quiet),
      bus: BusOptions(address: RedisAddress(endpoints: [])), matching: BookMatching(), instance: "test")
    return service.journal?.lastSequence
  }

  /// A snapshot of ws that follows from a record.
  private func save(from record: UInt64, in directory: String) throws {
    let folder = directory + "/" + StageSnapshots.folder(of: .ws, nil)
    let snapshots = StageSnapshots(store: try CheckpointStore(directory: folder), stage: .ws)
    try snapshots.save(
      StageCheckpoint(
        cut: StageCut(
          stage: .ws, barrier: 1, ledger: NodeLedger(), inFlight: 0, accepted: [:], emitted: [:]),
        snapshot: Data("{}".utf8)),
      CheckpointManifest(
        barrier: 1, journalSequence: record, framesAccepted: 0, configurationFingerprint: "f",
        journalIdentity: 5))
  }

  @Test("a damaged end from which a snapshot follows is refused, and nothing of it is cut off")
  func damagedEnd() async throws {
    try await withTemporaryDirectory { directory in
      _ = try await run(MemorySource(try MemorySource.market(frames: 400)), in: directory)
      let last = try #require(try await open(directory))
      try save(from: last, in: directory)
      #expect(try await open(directory) == last, "what is whole is opened")
      let journal = directory + "/journal"
      let segment = try #require(
        try FileManager.default.contentsOfDirectory(atPath: journal).filter { $0.hasSuffix(".seg") }.max())
      let file = URL(filePath: journal + "/" + segment)
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count - 3] ^= 0x10
      try bytes.write(to: file)
      let error = await #expect(throws: PipelineError.self) { try await open(directory) }
      #expect(error?.description.contains("Nothing was changed") == true, "\(String(describing: error))")
      #expect(try Data(contentsOf: file) == bytes)
    }
  }

  @Test("an end that no snapshot follows from is cut off: it was never acted on")
  func tornEnd() async throws {
    try await withTemporaryDirectory { directory in
      _ = try await run(MemorySource(try MemorySource.market(frames: 400)), in: directory)
      let last = try #require(try await open(directory))
      try save(from: last - 1, in: directory)
      let journal = directory + "/journal"
      let segment = try #require(
        try FileManager.default.contentsOfDirectory(atPath: journal).filter { $0.hasSuffix(".seg") }.max())
      let file = URL(filePath: journal + "/" + segment)
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count - 3] ^= 0x10
      try bytes.write(to: file)
      #expect(try await open(directory) == last - 1)
    }
  }
}
