import CDBDomain
import Synchronization

/// What the intake is asked from outside.
public final class IntakeControls: Sendable {
  private struct State: Sendable {
    var isStopping = false
    var isClosed = false
    var controls: [Control] = []
    var wantsBarrier = false
    /// Numbers of commands that nobody takes.
    var refused: Set<UInt64> = []
    var submitted: UInt64 = 0
    /// The number of the last stop that was given ahead of its place.
    var overtook: UInt64 = 0
    var journaled: UInt64 = 0
  }
  private let state = Mutex(State())
  private let limit: Int
  /// Rings when the input is told to end.
  private let bell = Bell()

  /// - Parameter limit: so many commands may wait to be taken; of more a stop alone is accepted, where none waits.
  public init(limit: Int = .max) { self.limit = limit }

  /// Ends the input: what was accepted is worked off, then the pipeline ends.
  public func stop() {
    state.withLock { $0.isStopping = true }
    bell.ring()
  }

  /// Puts a command into the input, in order with the frames.
  ///
  /// - Returns: its number, from 1, for ``journaled(_:within:)``; nil where no command is taken any more, or at
  ///   all: a journal that is replayed has its own.
  public func submit(_ control: Control) -> UInt64? {
    state.withLock { state in
      guard !state.isClosed, !state.isStopping else { return nil }
      if state.controls.count >= limit {
        guard control.isStop, !state.controls.contains(where: \.isStop) else { return nil }
      }
      state.controls.append(control)
      state.submitted += 1
      return state.submitted
    }
  }

  /// Waits until the command of that number is in the journal: from then on a crash does not lose it. False where
  /// that took too long, the task was cancelled, or the command was refused.
  public func journaled(_ number: UInt64, within limit: Duration) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while !state.withLock({ $0.journaled >= number }) {
      guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return !state.withLock { $0.refused.contains(number) }
  }

  /// The number of the newest command that is in the journal; 0 before the first.
  public var lastJournaled: UInt64 { state.withLock { $0.journaled } }

  /// The oldest of those that were taken are in the journal.
  public func noteJournaled(_ count: Int) { state.withLock { $0.journaled += UInt64(count) } }

  /// The oldest of those that were taken will never be in the journal.
  public func noteRefused() {
    state.withLock {
      $0.journaled += 1
      $0.refused.insert($0.journaled)
    }
  }

  /// Asks for a barrier with the next input, sooner than one is due.
  public func requestBarrier() { state.withLock { $0.wantsBarrier = true } }

  public func takeBarrierRequest() -> Bool {
    state.withLock { state in
      defer { state.wantsBarrier = false }
      return state.wantsBarrier
    }
  }

  /// Takes no command any more.
  public func close() { state.withLock { $0.isClosed = true } }

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
    while !Task.isCancelled {
      let heard = bell.count
      if isStopping { return }
      await bell.rings(after: heard)
    }
  }

  public var isStopping: Bool { state.withLock { $0.isStopping } }

  /// Whether the input has ended, or is told to: then it takes no command any more.
  public var isEnding: Bool { state.withLock { $0.isStopping || $0.isClosed } }

  /// What was submitted and not taken, the oldest first.
  public func takeControls(maximum: Int = .max) -> [Control] {
    state.withLock { state in
      guard state.controls.count > maximum else {
        defer { state.controls = [] }
        return state.controls
      }
      defer { state.controls.removeFirst(maximum) }
      return Array(state.controls.prefix(maximum))
    }
  }

  /// The oldest stop that waits behind so many others, to be sent ahead of them; each is given once. It keeps its place too: what
  /// was decided before it may lift it where it comes behind.
  public func takeOvertakingStop(behind count: Int) -> Control? {
    state.withLock { state in
      let before = state.submitted - UInt64(state.controls.count)
      for (index, control) in state.controls.enumerated().dropFirst(count) where control.isStop {
        let number = before + UInt64(index) + 1
        guard number > state.overtook else { continue }
        state.overtook = number
        return control
      }
      return nil
    }
  }
}

extension Control {
  fileprivate var isStop: Bool { if case .stop = self { true } else { false } }
}
