import CDBDomain
@testable import CDBPipeline
import Foundation
import Testing

@Suite("The loop of checkpoints", .timeLimit(.minutes(1)))
struct CheckpointLoopTests {
  private func send(_ barrier: UInt64, to mailbox: Mailbox<CheckpointMessage>) async throws {
    try await mailbox.send(
      .barrier(
        CheckpointManifest(
          barrier: barrier, journalSequence: barrier, framesAccepted: 0, configurationFingerprint: "f",
          journalIdentity: 1)), weight: 1)
    for stage in StageName.allCases {
      try await mailbox.send(
        .stage(
          StageCheckpoint(
            cut: StageCut(
              stage: stage, barrier: barrier, ledger: NodeLedger(), inFlight: 0, accepted: [:], emitted: [:]),
            snapshot: Data("{}".utf8))), weight: 1)
    }
  }

  private func waitUntil(_ isSo: () -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(20)
    while !isSo(), clock.now < end { try await Task.sleep(for: .milliseconds(5)) }
    #expect(isSo())
  }

  @Test(
    "that checkpoints are made again is in the log before anybody sees it, once, and only behind a failure")
  func again() async throws {
    try await withTemporaryDirectory { directory in
      let folder = directory + "/checkpoints"
      let store = try CheckpointStore(directory: folder)
      let board = PipelineBoard(thresholds: HealthThresholds(), startedAt: EventTime(nanoseconds: 1))
      let log = LogRecorder()
      let mailbox = Mailbox<CheckpointMessage>(capacity: 64)
      let loop = CheckpointLoop(
        mailbox: mailbox, store: store, journal: nil, board: board, logger: log.logger, journalRetention: 0)
      async let running: Void = loop.run()

      try await send(1, to: mailbox)
      try await waitUntil { board.status().checkpoint?.barrier == 1 }
      #expect(log.reasons.isEmpty)

      // A file stands where the folder was.
      try FileManager.default.removeItem(atPath: folder)
      try Data().write(to: URL(filePath: folder))
      try await send(2, to: mailbox)
      try await waitUntil { board.status().checkpointFailure != nil }
      #expect(log.reasons == ["checkpoint_failed"])

      try FileManager.default.removeItem(atPath: folder)
      try await send(3, to: mailbox)
      try await waitUntil { board.status().checkpointFailure == nil }
      #expect(log.reasons == ["checkpoint_failed", "checkpoint_failed"])
      #expect(log.fields.last?["event.outcome"] == "success")

      try await send(4, to: mailbox)
      try await waitUntil { board.status().checkpoint?.barrier == 4 }
      #expect(log.reasons.count == 2)
      mailbox.close()
      await running
    }
  }
}
