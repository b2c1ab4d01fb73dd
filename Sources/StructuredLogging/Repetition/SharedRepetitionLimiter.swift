import Logging
import Synchronization

/// A ``RepetitionLimiter`` on the monotonic clock, for all loggers of a factory.
final class SharedRepetitionLimiter: Sendable {
  private let limiter: Mutex<RepetitionLimiter>

  init(policy: RepetitionLimiter.Policy) {
    limiter = Mutex(RepetitionLimiter(policy: policy))
  }

  func admit(logger: String, level: Logger.Level, message: String) -> RepetitionLimiter.Verdict {
    let now = Duration.nanoseconds(MonotonicTime.now())
    return limiter.withLock { $0.admit(logger: logger, level: level, message: message, now: now) }
  }
}

extension RepetitionLimiter.Summary {
  /// The line that stands for those that were held back. It is written by whichever logger comes next, and
  /// names the one that it speaks of.
  var event: LogEvent {
    LogEvent(
      level: level, message: "suppressed \(suppressed) repetitions of: \(message)",
      metadata: [
        "event.action": "log-repetition-suppressed", "suppressed_count": .stringConvertible(suppressed),
        "suppressed_logger": .string(logger),
      ], source: "StructuredLogging", file: #fileID, function: #function, line: #line)
  }
}
