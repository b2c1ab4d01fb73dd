import CDBGate
import Logging
import Synchronization

/// What is logged in a world: its errors with their times, as the check of the log path counts them.
final class SimulatedLog: Sendable {
  /// `gate.error_window`, seconds.
  static let window = 30.0

  private let clock: SimulatedClock
  private let errors = Mutex<[(at: Double, message: String)]>([])

  init(_ clock: SimulatedClock) { self.clock = clock }

  var logger: Logger { Logger(label: "world") { _ in Handler(log: self) } }

  /// When something was last logged as an error, seconds of the world's time.
  var lastError: Double? { errors.withLock { $0.last?.at } }

  /// - Parameter arrived: how long the canary's line took, seconds; nil where it has not come.
  func look(arrived: Double?) -> GateJudgement.LogPath {
    let now = clock.seconds
    let recent = errors.withLock { errors in errors.filter { $0.at > now - Self.window } }
    return GateJudgement.LogPath(
      canarySeconds: arrived, errors: recent.count, lastError: recent.last?.message,
      windowSeconds: Self.window, source: "simulated log")
  }

  fileprivate func note(_ message: String) {
    errors.withLock { $0.append((clock.seconds, message)) }
  }

  private struct Handler: LogHandler {
    let log: SimulatedLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.error

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { log.note("\(event.message)") }
  }
}
