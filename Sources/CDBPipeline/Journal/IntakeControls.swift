import CDBDomain
import Synchronization

/// What the intake is asked from outside.
public final class IntakeControls: Sendable {
  private struct State: Sendable {
    var isStopping = false
    var isClosed = false
    var controls: [Control] = []
    var wantsBarrier = false
    var submitted: UInt64 = 0
    var journaled: UInt64 = 0
  }
  private let state = Mutex(State())

  init() {}

  /// Ends the input: what was accepted is worked off, then the pipeline ends.
  public func stop() { state.withLock { $0.isStopping = true } }

  /// Puts a command into the input, in order with the frames.
  ///
  /// - Returns: its number, from 1, for ``journaled(_:within:)``; nil where no command is taken any more, or at
  ///   all: a journal that is replayed has its own.
  public func submit(_ control: Control) -> UInt64? {
    state.withLock { state in
      guard !state.isClosed, !state.isStopping else { return nil }
      state.controls.append(control)
      state.submitted += 1
      return state.submitted
    }
  }

  /// Waits until the command of that number is in the journal: from then on a crash does not lose it. False where
  /// that took too long, or the task was cancelled.
  public func journaled(_ number: UInt64, within limit: Duration) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while !state.withLock({ $0.journaled >= number }) {
      guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return true
  }

  func noteJournaled(_ count: Int) { state.withLock { $0.journaled += UInt64(count) } }

  /// Asks for a barrier with the next input, sooner than one is due.
  public func requestBarrier() { state.withLock { $0.wantsBarrier = true } }

  func takeBarrierRequest() -> Bool {
    state.withLock { state in
      defer { state.wantsBarrier = false }
      return state.wantsBarrier
    }
  }

  func close() { state.withLock { $0.isClosed = true } }

  /// Waits before something is tried again, and no longer than a moment once the input is to end.
  func rest(for pause: Duration) async throws {
    let clock = ContinuousClock()
    let end = clock.now + pause
    repeat {
      try await clock.sleep(for: min(.milliseconds(100), max(.zero, end - clock.now)))
    } while clock.now < end && !isStopping
  }

  /// Returns when the input is told to end, or the task is cancelled.
  func stopped() async {
    while !isStopping, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(20)) }
  }

  var isStopping: Bool { state.withLock { $0.isStopping } }
  func takeControls() -> [Control] {
    state.withLock { state in
      defer { state.controls = [] }
      return state.controls
    }
  }
}
