/// What came of a request.
enum DeliveryOutcome: Sendable, Equatable {
  /// - retryAfter: in milliseconds from now.
  case answer(status: Int, retryAfter: Int64?, words: String)
  /// The receiver does not speak the version of the request.
  case notUnderstood(words: String)
  /// There was no answer.
  ///
  /// - mayHaveArrived: false where the receiver cannot have had the request.
  case failure(words: String, mayHaveArrived: Bool)
}

extension DeliveryOutcome {
  /// Whether the receiver has too much to do, and not only with this batch.
  var asksToWait: Bool {
    guard case .answer(let status, let retryAfter, _) = self else { return false }
    return status == 429 || (retryAfter ?? 0) > 0
  }
}

/// What becomes of a batch, from one attempt to the next. A pure value.
///
/// Source: prometheus.io/docs/specs/prw/remote_write_spec, "Retries & Backoff".
struct DeliveryMachine: Sendable {
  enum Verdict: Sendable, Equatable {
    case delivered
    /// The receiver has it: it says of a batch that it may have had before that its samples are not new.
    case presumedDelivered(words: String)
    /// For good.
    case refused(status: Int, words: String)
    /// After so many milliseconds.
    case again(after: Int64, words: String)
    /// At once, in remote write 1.0.
    case inVersion1(words: String)
  }

  private let settings: QueueSettings
  private var pause: Int64
  /// Whether an attempt before this one may have been taken.
  private var mayHaveArrived: Bool
  private(set) var attempts = 0

  /// - Parameter isRepeated: whether the batch may have been sent before, by a process that is gone.
  init(settings: QueueSettings, isRepeated: Bool) {
    self.settings = settings
    pause = settings.shortestPause
    mayHaveArrived = isRepeated
  }

  /// Takes note of what came of an attempt, and says what to do.
  mutating func judge(_ outcome: DeliveryOutcome) -> Verdict {
    attempts += 1
    switch outcome {
    case .failure(let words, let arrived):
      mayHaveArrived = mayHaveArrived || arrived
      return again(words, nil)
    case .notUnderstood(let words): return .inVersion1(words: words)
    case .answer(200..<300, _, _): return .delivered
    case .answer(let status, let retryAfter, let words):
      if status == 429 && settings.retriesOnTooManyRequests || !(400..<500).contains(status) {
        mayHaveArrived = true
        return again("HTTP status \(status): \(words)", retryAfter)
      }
      if mayHaveArrived, Self.saysNotNew(status, words) { return .presumedDelivered(words: words) }
      return .refused(status: status, words: words)
    }
  }

  private mutating func again(_ words: String, _ retryAfter: Int64?) -> Verdict {
    let after = max(pause, min(retryAfter ?? 0, Self.longestWait))
    pause = min(pause * 2, settings.longestPause)
    return .again(after: after, words: words)
  }

  /// However long a receiver wishes to be left alone, an hour is enough.
  private static let longestWait: Int64 = 3_600_000

  /// The words of Prometheus, Mimir and Thanos for a sample that is there already.
  private static func saysNotNew(_ status: Int, _ words: String) -> Bool {
    guard status == 400 || status == 409 else { return false }
    let words = words.lowercased()
    return ["out of order", "out-of-order", "duplicate"].contains(where: words.contains)
  }
}
