import Synchronization
import TaskTiming
import Testing

@Suite("A signal that tasks wait for", .timeLimit(.minutes(1)))
struct SignalTests {
  /// A clock whose sleeps end only with their task; it counts how many began.
  private static func standing(_ sleeps: Count) -> TaskClock {
    TaskClock(
      wall: { 0 }, monotonic: { 0 },
      sleep: { _ in
        sleeps.value.add(1, ordering: .relaxed)
        try await Task.sleep(for: .seconds(3_600))
      })
  }

  private final class Count: Sendable {
    let value = Atomic(0)
  }

  @Test("stays set until it is taken back")
  func state() async {
    let signal = Signal()
    #expect(!signal.isSet && !signal.reset())
    signal.set()
    signal.set()
    #expect(signal.isSet)
    await signal.wait()
    #expect(signal.reset() && !signal.isSet && !signal.reset())
  }

  @Test("lets all go on who wait, and who comes later too")
  func everyone() async {
    let signal = Signal()
    let through = Count()
    await withDiscardingTaskGroup { group in
      for _ in 0..<100 {
        group.addTask {
          await signal.wait()
          through.value.add(1, ordering: .relaxed)
        }
      }
      signal.set()
    }
    #expect(through.value.load(ordering: .relaxed) == 100)
  }

  @Test("lets go who is cancelled, before it waits and while")
  func cancelled() async {
    let signal = Signal()
    let waiting = Task { await signal.wait() }
    waiting.cancel()
    await waiting.value
    #expect(!signal.isSet)
  }

  @Test("is waited for no longer than one wants, by the clock that one gives")
  func limit() async {
    let signal = Signal()
    let ended = TaskClock(wall: { 0 }, monotonic: { 0 }, sleep: { _ in })
    await signal.wait(atMost: .seconds(3_600), clock: ended)
    #expect(!signal.isSet)
    let sleeps = Count()
    await signal.wait(atMost: .zero, clock: Self.standing(sleeps))
    await signal.wait(atMost: .seconds(-1), clock: Self.standing(sleeps))
    #expect(sleeps.value.load(ordering: .relaxed) == 0)
    signal.set()
    await signal.wait(atMost: .seconds(3_600), clock: Self.standing(sleeps))
  }

  @Test("the machine's clock tells milliseconds since the epoch, and nanoseconds that only grow")
  func system() async throws {
    let clock = TaskClock.system
    let (wall, monotonic) = (clock.wall(), clock.monotonic())
    #expect((1_700_000_000_000...4_000_000_000_000).contains(wall))
    try await clock.sleep(.milliseconds(2))
    #expect(clock.monotonic() - monotonic >= 2_000_000)
    let asleep = Task { try await clock.sleep(.seconds(3_600)) }
    asleep.cancel()
    await #expect(throws: CancellationError.self) { try await asleep.value }
  }
}
