/// What came of a request.
enum BulkOutcome: Equatable, Sendable {
  /// The server said something of each document.
  case verdicts([ItemVerdict], retryAfter: Int64?)
  /// The request is larger than the server takes.
  case tooLarge(words: String)
  /// The server does not let us, or does not know what we want: a person has to do something.
  case forbidden(status: Int, words: String, retryAfter: Int64?)
  /// The server cannot now.
  case unavailable(status: Int, words: String, retryAfter: Int64?)
  /// What it said is no answer to what was sent.
  case unreadable(words: String)
  /// There was no answer.
  case failure(words: String)
}

/// What is left to do of a batch: which documents are to be sent, and what became of the others.
struct BulkDelivery: Sendable {
  /// What became of a document.
  enum Fate: Equatable, Sendable {
    case waiting
    case accepted
    case repeated
    case failureStore
    case dead(status: Int, type: String, reason: String)
  }

  struct Pauses: Sendable {
    /// Milliseconds.
    var shortest: Int64 = 100
    var longest: Int64 = 10_000
    /// After an answer that only a person can change.
    var forbidden: Int64 = 5_000
  }

  private let pauses: Pauses
  private(set) var fates: [Fate]
  /// What is to be sent, a request each; the last one is next.
  private var parts: [[Int]]
  private var failures = 0
  /// Whether the server found a request too large.
  private(set) var wasTooLarge = false

  init(count: Int, pauses: Pauses) {
    self.pauses = pauses
    fates = Array(repeating: .waiting, count: count)
    parts = count > 0 ? [Array(0..<count)] : []
  }

  /// The documents of the next request; nil when all is said.
  var next: [Int]? { parts.last }

  /// Takes what came of the request of ``next``.
  ///
  /// - Returns: how long to wait before the next one; milliseconds.
  mutating func handle(_ outcome: BulkOutcome) -> Int64 {
    guard let part = parts.last else { return 0 }
    switch outcome {
    case .verdicts(let verdicts, let retryAfter):
      guard verdicts.count == part.count else { return pause(nil) }
      let again = zip(part, verdicts).compactMap { item, verdict in take(verdict, of: item) ? nil : item }
      parts.removeLast()
      guard !again.isEmpty else {
        failures = 0
        return 0
      }
      if again.count < part.count { failures = 0 }
      parts.append(again)
      return pause(retryAfter)
    case .tooLarge(let words):
      wasTooLarge = true
      parts.removeLast()
      if part.count == 1 {
        fates[part[0]] = .dead(status: 413, type: "content_too_long", reason: words)
      } else {
        // The first half is next.
        parts.append(Array(part[(part.count / 2)...]))
        parts.append(Array(part[..<(part.count / 2)]))
      }
      return 0
    case .forbidden(_, _, let retryAfter):
      return max(pause(retryAfter), pauses.forbidden)
    case .unavailable(_, _, let retryAfter): return pause(retryAfter)
    case .unreadable, .failure: return pause(nil)
    }
  }

  /// - Returns: whether the document is done with.
  private mutating func take(_ verdict: ItemVerdict, of item: Int) -> Bool {
    switch verdict {
    case .accepted: fates[item] = .accepted
    case .repeated: fates[item] = .repeated
    case .failureStore: fates[item] = .failureStore
    case .refused(let status, let type, let reason):
      fates[item] = .dead(status: status, type: type, reason: reason)
    case .later: return false
    }
    return true
  }

  /// Twice as long as the last one in a row, and not before the server wants to be asked again.
  private mutating func pause(_ retryAfter: Int64?) -> Int64 {
    let doubled = pauses.shortest << Int64(min(failures, 20))
    failures += 1
    return max(min(doubled, pauses.longest), min(retryAfter ?? 0, 3_600_000))
  }
}
