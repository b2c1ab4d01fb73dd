import Dispatch
import Synchronization

/// One session with a server, on a thread of its own; it connects when it is first needed, and again after it broke.
///
/// What is asked of it is done one after another. No caller's thread is blocked, and no thread of the cooperative pool.
public final class PostgresSession: Sendable {
  private struct State {
    var connection: Held?
    var pause = ReconnectPause()
    var lastFailure: PostgresError?
    var isClosed = false
  }

  /// `@unchecked Sendable`: a connection is touched by jobs of the session's serial queue alone.
  private struct Held: @unchecked Sendable {
    var connection: PostgresConnection
    var interruption: Relay
  }

  public let settings: PostgresSettings
  private let queue: DispatchQueue
  private let state = Mutex(State())
  private let prepare: @Sendable (PostgresConnection) throws -> Void

  /// - Parameter prepare: what every new connection begins with; where it fails, there is none.
  public init(
    _ settings: PostgresSettings, prepare: @escaping @Sendable (PostgresConnection) throws -> Void = { _ in }
  ) {
    self.settings = settings
    self.prepare = prepare
    queue = DispatchQueue(label: "postgres-client.\(settings.place)")
  }

  /// Does something with the connection, on the session's thread. Cancelling the task ends it, and the connection with it.
  ///
  /// - Throws: ``PostgresError``, or what `body` throws. After a connection did not come about, the same answer for a
  ///   while, up to two seconds, without asking again.
  public func run<T: Sendable>(
    _ body: @escaping @Sendable (PostgresConnection) throws -> T
  ) async throws -> T {
    guard let interruption = Interruption() else {
      throw PostgresError(.cannotConnect, place: settings.place, reason: "no file descriptors are left")
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.async { [self] in
          continuation.resume(with: Result { try perform(body, interruption) })
        }
      }
    } onCancel: {
      interruption.interrupt()
    }
  }

  /// Ends the connection. Later calls are refused.
  public func close() {
    queue.async { [self] in
      state.withLock {
        $0.isClosed = true
        $0.connection = nil
      }
    }
  }

  private func perform<T>(
    _ body: (PostgresConnection) throws -> T, _ interruption: Interruption
  ) throws -> T {
    guard !interruption.isInterrupted else { throw CancellationError() }
    do {
      let held = try connected(interruption)
      held.interruption.current = interruption
      defer { held.interruption.current = nil }
      do {
        let result = try body(held.connection)
        if !held.connection.isUsable { drop() }
        return result
      } catch {
        leave(held.connection, after: error)
        throw error
      }
    } catch let error as PostgresError where error.kind == .cancelled {
      throw CancellationError()
    }
  }

  /// After an error: the transaction that may be open is rolled back, or the connection given up.
  private func leave(_ connection: PostgresConnection, after error: any Error) {
    if (error as? PostgresError)?.endsConnection == true { return drop() }
    if connection.isInTransaction { _ = try? connection.run([PostgresStatement("ROLLBACK")]) }
    if !connection.isUsable { drop() }
  }

  private func drop() { state.withLock { $0.connection = nil } }

  private func connected(_ interruption: Interruption) throws -> Held {
    let clock = ContinuousClock()
    let known = try state.withLock { state -> Held? in
      if state.isClosed {
        throw PostgresError(.cannotConnect, place: settings.place, reason: "the session was closed")
      }
      if state.connection == nil, state.pause.holds(at: clock.now), let failure = state.lastFailure {
        throw failure
      }
      return state.connection
    }
    if let known { return known }
    do {
      let relay = Relay()
      relay.current = interruption
      let connection = try PostgresConnection(settings, interruption: relay)
      try prepare(connection)
      let held = Held(connection: connection, interruption: relay)
      state.withLock {
        $0.connection = held
        $0.pause.succeeded()
      }
      return held
    } catch let error as PostgresError where error.kind != .cancelled {
      state.withLock {
        $0.pause.failed(at: clock.now)
        $0.lastFailure = error
      }
      throw error
    }
  }
}

/// Hands the interruption of the job that runs to the connection that it runs on. Touched by the session's queue alone.
final class Relay {
  var current: Interruption?
  var isInterrupted: Bool { current?.isInterrupted ?? false }
  /// Negative descriptors are not waited for.
  var descriptor: CInt { current?.descriptor ?? -1 }
}
