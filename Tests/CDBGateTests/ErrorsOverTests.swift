import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

/// A gate that waits for logged errors to leave the window, and hears that what they were logged for is over.
@Suite("Logged errors that are over")
struct ErrorsOverTests {
  /// A gate that was open and tripped this moment for an error that was logged 5 s ago: it would wait for 25 s.
  private func tripped() -> Drive {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.silent = [.logs]
    while drive.machine.running != .logs { drive.pass(seconds: 0.2) }
    drive.give(
      .verdict(
        GateJudgement.logs(
          .init(
            canarySeconds: 0.02, errors: 1, lastError: "checkpoint_failed: checkpoint failed",
            lastErrorAge: 5,
            windowSeconds: 30, source: "log"), at: drive.now)))
    drive.silent = []
    return drive
  }

  @Test("it verifies and opens within seconds, and not when the window ends")
  func opens() {
    var drive = tripped()
    #expect(drive.machine.state == .tripped)
    let before = drive.states.count
    drive.give(.errorsOver)
    drive.pass(seconds: 8)
    #expect(drive.states.dropFirst(before) == [.verifying, .open])
  }

  @Test("where another error is found it goes on waiting")
  func others() {
    var drive = tripped()
    drive.findings[.logs] = .errorsLogged
    drive.give(.errorsOver)
    drive.pass(seconds: 20)
    #expect(drive.machine.state == .tripped || drive.machine.state == .verifying)
    #expect(!drive.states.suffix(2).contains(.open))
  }

  @Test("a gate that is shut for something else does not verify the sooner")
  func otherCause() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.condition(GateCondition(reason: .silentFeed, layer: .marketData)))
    let before = drive.machine
    drive.give(.errorsOver)
    #expect(drive.machine.nextVerification == before.nextVerification)
    #expect(drive.machine.state == .tripped)
  }

  @Test("it hears of it once, when a checkpoint is made again")
  func heard() {
    var watch = GateWatch(policy: GatePolicy(), thresholds: DiagnosisThresholds())
    var situation = Situation()
    func look() -> Bool {
      situation.now = situation.now.advanced(by: 200_000_000)
      return watch.look(
        at: situation.status, wall: situation.now, monotonic: UInt64(situation.now.nanoseconds)
      ).contains(.errorsOver)
    }
    #expect(!look())
    situation.status.checkpointFailure = "the disk is full"
    #expect(!look() && !look())
    situation.status.checkpointFailure = nil
    #expect(look() && !look())
  }
}
