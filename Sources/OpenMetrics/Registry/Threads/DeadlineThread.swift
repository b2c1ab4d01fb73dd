/// Wakes tasks when their time is up, from a thread of its own: `Task.sleep` shares its threads with whatever a program
/// lets block them.
final class DeadlineThread: Sendable {
  static let shared = DeadlineThread()

  private struct Sleeper: Sendable {
    let end: ContinuousClock.Instant
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State: Sendable {
    var isRunning = false
    var next: UInt64 = 0
    var sleepers: [UInt64: Sleeper] = [:]
  }

  private static let longest = Duration.seconds(86_400 * 365)

  private let state = ThreadCondition(State())

  /// Returns after this time, at most a year, or when the task is cancelled.
  func sleep(for time: Duration) async {
    let end = ContinuousClock.now + min(max(time, .zero), Self.longest)
    let id = state.update { state in
      state.next += 1
      return state.next
    }
    let hasSlept = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let hasEnded = state.update { state -> Bool? in
          // The handler below may have run already, and has found nobody to wake.
          if Task.isCancelled { return true }
          if !state.isRunning { state.isRunning = DetachedThread.start { self.work() } }
          if state.isRunning { state.sleepers[id] = Sleeper(end: end, continuation: continuation) }
          return state.isRunning ? nil : false
        }
        if let hasEnded { continuation.resume(returning: hasEnded) }
      }
    } onCancel: {
      state.update { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(returning: true)
    }
    if !hasSlept { try? await Task.sleep(until: end, clock: .continuous) }
  }

  private func work() {
    while true {
      let due: [Sleeper] = state.wait { state in
        let now = ContinuousClock.now
        let due = state.sleepers.filter { $0.value.end <= now }
        guard due.isEmpty else {
          for id in due.keys { state.sleepers[id] = nil }
          return .done(Array(due.values))
        }
        return .wait(state.sleepers.values.map(\.end).min().map { $0 - now })
      }
      for sleeper in due { sleeper.continuation.resume(returning: true) }
    }
  }
}
