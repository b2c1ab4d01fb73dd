import Logging
import Synchronization

/// Keeps the fields of every line.
final class LogRecorder: Sendable {
  private let lines = Mutex<[[String: String]]>([])

  var fields: [[String: String]] { lines.withLock { $0 } }
  var reasons: [String] { fields.compactMap { $0["event.reason"] } }
  var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

  fileprivate func note(_ fields: [String: String]) { lines.withLock { $0.append(fields) } }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      recorder.note((event.metadata ?? [:]).mapValues { "\($0)" })
    }
  }
}
