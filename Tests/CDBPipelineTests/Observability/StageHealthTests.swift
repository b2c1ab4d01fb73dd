import Testing

@testable import CDBPipeline

@Suite("stage health")
struct StageHealthTests {
  private static let second: UInt64 = 1_000_000_000

  private func sample(
    _ seconds: UInt64, received: UInt64, dropped: UInt64 = 0, waitingSince: UInt64? = nil,
    failure: String? = nil
  ) -> StageHealthStateMachine.Sample {
    .init(
      now: seconds * Self.second, received: received, dropped: dropped, lastProgress: nil,
      waitingSince: waitingSince.map { $0 * Self.second }, failure: failure)
  }

  @Test("idle before the first event, healthy while events come, idle again after a while")
  func idle() {
    var machine = StageHealthStateMachine()
    #expect(machine.observe(sample(1, received: 0)) == .idle)
    #expect(machine.observe(sample(2, received: 5)) == .healthy)
    #expect(machine.observe(sample(11, received: 5)) == .healthy)
    #expect(machine.observe(sample(12, received: 5)) == .idle)
    #expect(machine.observe(sample(13, received: 6)) == .healthy)
  }

  @Test("case 7: input that waits without progress is a stalled stage, and progress cures it")
  func stalled() {
    var machine = StageHealthStateMachine()
    #expect(machine.observe(sample(1, received: 5)) == .healthy)
    #expect(machine.observe(sample(4, received: 5, waitingSince: 1)) == .healthy)
    #expect(machine.observe(sample(6, received: 5, waitingSince: 1)) == .stalled)
    #expect(machine.observe(sample(7, received: 9)) == .healthy)
  }

  @Test("case 7: a failure is failed at once, and its end is its end")
  func failure() {
    var machine = StageHealthStateMachine()
    #expect(machine.observe(sample(1, received: 5, failure: "the disk is full")) == .failed)
    #expect(machine.observe(sample(2, received: 6)) == .healthy)
  }

  @Test("case 2: connected, and everything that comes is dropped, is failed and not healthy")
  func nothingDecoded() {
    var machine = StageHealthStateMachine()
    _ = machine.observe(sample(1, received: 0))
    #expect(machine.observe(sample(2, received: 100, dropped: 100)) == .failed)
  }

  @Test("mostly dropped is degraded; what was dropped long ago no longer counts")
  func degraded() {
    var machine = StageHealthStateMachine()
    _ = machine.observe(sample(1, received: 0))
    #expect(machine.observe(sample(2, received: 100, dropped: 60)) == .degraded)
    for second in UInt64(3)...14 {
      _ = machine.observe(sample(second, received: 100 + second * 100, dropped: 60))
    }
    #expect(machine.health == .healthy)
  }

  @Test("a handful of events says nothing about shares")
  func smallSample() {
    var machine = StageHealthStateMachine()
    _ = machine.observe(sample(1, received: 0))
    #expect(machine.observe(sample(2, received: 4, dropped: 4)) == .healthy)
  }
}
