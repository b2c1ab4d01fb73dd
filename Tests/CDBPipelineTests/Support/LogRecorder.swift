import Logging
import Synchronization

/// Keeps the reason code of every line that has one.
final class LogRecorder: Sendable {
  private let lines = Mutex<[String]>([])

  var reasons: [String] { lines.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

  fileprivate func note(_ reason: String) { lines.withLock { $0.append(reason) } }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      if let reason = event.metadata?["event.reason"] { recorder.note("\(reason)") }
    }
  }
}
