import ModelContextProtocol
import ProgramFixture
import Synchronization

/// A client in this process: what it says is read by a connection, and what it is told is kept.
final class Wire: MessageTransport {
  private struct State {
    var said: [Frame] = []
    var hasEnded = false
    var isStalled = false
    var reader: CheckedContinuation<Frame?, any Error>?
    var told: [JSONValue] = []
  }

  private let state = Mutex(State())

  /// What the client was told.
  var told: [JSONValue] { state.withLock { $0.told } }
  /// How many messages nobody has read yet.
  var unread: Int { state.withLock { $0.said.count } }

  func say(_ text: String) { say(.message(Array(text.utf8))) }

  func say(_ frame: Frame) {
    let reader = state.withLock { state in
      defer { state.reader = nil }
      if state.reader == nil { state.said.append(frame) }
      return state.reader
    }
    reader?.resume(returning: frame)
  }

  /// The client has no more to say.
  func end() {
    let reader = state.withLock { state in
      state.hasEnded = true
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: nil)
  }

  /// Whether the client reads nothing.
  func stall(_ isStalled: Bool) { state.withLock { $0.isStalled = isStalled } }

  func next() async throws -> Frame? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let ready: Result<Frame?, any Error>? = state.withLock { state in
          if Task.isCancelled { return .failure(CancellationError()) }
          if !state.said.isEmpty { return .success(state.said.removeFirst()) }
          if state.hasEnded { return .success(nil) }
          state.reader = continuation
          return nil
        }
        if let ready { continuation.resume(with: ready) }
      }
    } onCancel: {
      state.withLock { state in
        defer { state.reader = nil }
        return state.reader
      }?.resume(throwing: CancellationError())
    }
  }

  func write(_ message: [UInt8], about place: Outgoing.Place) async throws {
    while state.withLock({ $0.isStalled }) { try await Task.sleep(for: .milliseconds(2)) }
    let value = try JSONValue.read(String(decoding: message, as: UTF8.self))
    state.withLock { $0.told.append(value) }
  }

  /// Waits for a message that has `value` at `path`.
  func told(_ path: String, _ value: JSONValue) async throws -> JSONValue {
    try await eventually("\(path) is \(value.encodedText)", within: .seconds(60)) {
      self.told.first { $0.at(path) == value }
    }
  }
}

/// Runs `body` with a client that is connected to `server`, and waits until the connection has ended.
func withClient<Result: Sendable>(
  of server: MCPServer, clock: any Clock<Duration> = ContinuousClock(), _ body: (Wire) async throws -> Result
) async throws -> Result {
  let wire = Wire()
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await Connection(to: server).run(over: wire, clock: clock) }
    do {
      let result = try await body(wire)
      wire.end()
      try await group.waitForAll()
      return result
    } catch {
      group.cancelAll()
      throw error
    }
  }
}
