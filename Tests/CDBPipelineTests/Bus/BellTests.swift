import Testing

@testable import CDBPipeline

@Suite("A bell", .timeLimit(.minutes(10)))
struct BellTests {
  @Test("all who wait hear it, and who asks after it has rung does not wait")
  func wakes() async {
    let bell = Bell()
    let before = bell.count
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<3 { group.addTask { await bell.rings(after: before) } }
      while bell.waiters < 3 { await Task.yield() }
      bell.ring()
      await group.waitForAll()
    }
    #expect(bell.count == before + 1 && bell.waiters == 0)
    await bell.rings(after: before)
  }

  @Test("who is cancelled, while it waits or before, waits no longer")
  func cancelled() async {
    let bell = Bell()
    let waiting = Task { await bell.rings(after: 0) }
    while bell.waiters == 0 { await Task.yield() }
    waiting.cancel()
    await waiting.value
    let late = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await bell.rings(after: 0)
    }
    await late.value
    #expect(bell.waiters == 0 && bell.count == 0)
  }

  @Test("the end of the input is heard by who waits for it, and by who asks later")
  func endOfInput() async {
    let controls = IntakeControls()
    let waiting = Task { await controls.stopped() }
    let cancelled = Task { await controls.stopped() }
    cancelled.cancel()
    await cancelled.value
    #expect(!controls.isStopping)
    controls.stop()
    await waiting.value
    await controls.stopped()
    #expect(controls.isStopping)
  }
}
