/// When to ask for which book's snapshot: one request for a symbol at a time, a pause between two of them that
/// grows while the book stays unsynchronised, no more in a minute than the exchange's weights allow, and none while
/// the exchange has said to wait. A value without I/O.
public struct SnapshotSchedule: Sendable {
  public typealias Instant = ContinuousClock.Instant

  /// What became of a request.
  public enum Outcome: Sendable, Hashable {
    case delivered
    case failed
    /// Status 429 or 418: nobody asks for anything until then.
    case limited(retryAfter: Duration)
  }

  public struct Limits: Sendable, Hashable {
    public var firstPause = Duration.seconds(2)
    public var longestPause = Duration.seconds(30)
    public var perMinute = 60
    public var minute = Duration.seconds(60)
    public var atOnce = 2
    public init() {}

    /// The same with all times divided.
    public func compressed(by factor: Double) -> Limits {
      var result = self
      result.firstPause = firstPause / factor
      result.longestPause = longestPause / factor
      result.minute = minute / factor
      return result
    }
  }

  private struct Book: Sendable {
    var backoff: Backoff
    var isUnderWay = false
    var notBefore: Instant?
  }

  private let limits: Limits
  private var books: [String: Book] = [:]
  private var requests: [Instant] = []
  private(set) var blockedUntil: Instant?

  public init(limits: Limits = Limits()) { self.limits = limits }

  /// The symbols to ask for now, of those that need a snapshot. Each counts as asked for.
  public mutating func due(
    _ needed: [String], at now: Instant, random: inout some RandomNumberGenerator
  ) -> [String] {
    for symbol in books.keys where !needed.contains(symbol) && books[symbol]?.isUnderWay == false {
      books[symbol] = nil
    }
    if let blockedUntil, now < blockedUntil { return [] }
    requests.removeAll { [limits] in now - $0 >= limits.minute }
    var due: [String] = []
    for symbol in needed {
      let underWay = books.values.count { $0.isUnderWay }
      guard underWay < limits.atOnce, requests.count < limits.perMinute else { break }
      var book = books[symbol] ?? Book(backoff: Backoff(first: limits.firstPause, cap: limits.longestPause))
      guard !book.isUnderWay, book.notBefore.map({ now >= $0 }) ?? true else { continue }
      book.isUnderWay = true
      book.notBefore = now + max(limits.firstPause, book.backoff.next(random: &random))
      books[symbol] = book
      requests.append(now)
      due.append(symbol)
    }
    return due
  }

  public mutating func completed(_ symbol: String, _ outcome: Outcome, at now: Instant) {
    books[symbol]?.isUnderWay = false
    if case .limited(let retryAfter) = outcome {
      blockedUntil = max(now + max(limits.firstPause, retryAfter), blockedUntil ?? now)
    }
  }
}
