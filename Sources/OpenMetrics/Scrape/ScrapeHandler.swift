import Synchronization

/// Answers scrapes: negotiation, the `name[]` filter, gzip, a time limit, and one collection for scrapes that overlap.
///
/// A collector that fails, or that is slower than the scraper waits, costs its own families only; both are counted in
/// the registry's ``MetricRegistry/statistics``. A server calls ``answer(_:)`` and sends what it returns.
public final class ScrapeHandler: Sendable {
  public struct Options: Sendable, Hashable {
    /// For a scraper that names no timeout; above zero.
    public var defaultTimeout: Duration
    /// What is kept back of the scraper's timeout for writing and sending the answer.
    public var timeoutReserve: Duration
    /// Bodies from this size on, in bytes, are compressed for readers that take gzip.
    public var gzipThreshold: Int
    /// How many different answers may be under way; further scrapes get 503. Equal ones share one answer.
    public var maximumInFlight: Int
    /// No scraper is waited for longer, whatever it says; a collector that hangs holds an answer up for as long.
    public var maximumTimeout: Duration
    public var exposition: Exposition.Options

    public init(
      defaultTimeout: Duration = .seconds(10), timeoutReserve: Duration = .milliseconds(250),
      gzipThreshold: Int = 1024, maximumInFlight: Int = 16, maximumTimeout: Duration = .seconds(60),
      exposition: Exposition.Options = .init()
    ) {
      self.defaultTimeout = defaultTimeout
      self.timeoutReserve = timeoutReserve
      self.gzipThreshold = gzipThreshold
      self.maximumInFlight = maximumInFlight
      self.maximumTimeout = maximumTimeout
      self.exposition = exposition
    }
  }

  public let registry: MetricRegistry
  public let options: Options
  private let renderer: MetricsRenderer
  private let underWay = Mutex(UnderWay())

  /// The answers that are being made.
  private struct UnderWay {
    /// The latest one of each kind.
    var latest: [Wanted: Running] = [:]
    var count = 0
  }

  private struct Running {
    let task: Task<ScrapeAnswer, Never>
    let deadline: ContinuousClock.Instant
  }

  /// Scrapes that want the same get the same bytes.
  private struct Wanted: Hashable {
    let names: Set<String>
    let format: ContentNegotiation
    let coding: ContentCoding
  }

  public init(registry: MetricRegistry = .default, options: Options = Options()) {
    self.registry = registry
    self.options = options
    renderer = MetricsRenderer(registry: registry, options: options.exposition)
  }

  /// The answer, within the request's timeout but for the time that writing takes.
  ///
  /// A scrape that comes while an equal one is being answered gets the same answer, if that comes in its own time, and
  /// so values that are older than its request by no more than the time the other had been waiting.
  public func answer(_ request: ScrapeRequest) async -> ScrapeAnswer {
    let wanted = Wanted(
      names: Set(request.names), format: .negotiate(accept: request.accept),
      coding: .negotiate(acceptEncoding: request.acceptEncoding))
    let limit = ScrapeTimeout.limit(request.timeout, options)
    let deadline = ContinuousClock.now + limit
    let task = underWay.withLock { underWay -> Task<ScrapeAnswer, Never>? in
      if let running = underWay.latest[wanted], running.deadline <= deadline { return running.task }
      guard underWay.count < options.maximumInFlight else { return nil }
      // Not a child of this request: others may be waiting for it when this one's client has gone. It ends by itself
      // after `limit`.
      let task = Task {
        let answer = await self.collect(wanted, within: limit)
        self.underWay.withLock {
          $0.count -= 1
          if $0.latest[wanted]?.deadline == deadline { $0.latest[wanted] = nil }
        }
        return answer
      }
      underWay.count += 1
      underWay.latest[wanted] = Running(task: task, deadline: deadline)
      return task
    }
    guard let task else {
      return ScrapeAnswer(
        status: 503, [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1")],
        Array("Too many scrapes at once; at most \(options.maximumInFlight) are answered.\n".utf8))
    }
    return await task.value
  }

  private func collect(_ wanted: Wanted, within limit: Duration) async -> ScrapeAnswer {
    let names = registry.names(wantedAs: wanted.names, wanted.format.escaping)
    let families = await registry.snapshot(names: names, within: limit)
    let body = renderer.render(families, wanted.format)
    var headers = [("Content-Type", wanted.format.contentType), ("Vary", "Accept, Accept-Encoding")]
    guard wanted.coding == .gzip, body.count >= options.gzipThreshold, let compressed = Gzip.compress(body)
    else { return ScrapeAnswer(headers, body) }
    headers.append(("Content-Encoding", "gzip"))
    return ScrapeAnswer(headers, compressed)
  }
}

/// The header `X-Prometheus-Scrape-Timeout-Seconds`.
enum ScrapeTimeout {
  /// How long collectors may take: the header's seconds, or the default, less what is kept back, but never less than
  /// half of it.
  static func limit(_ header: String?, _ options: ScrapeHandler.Options) -> Duration {
    let timeout = min(header.flatMap(parse) ?? options.defaultTimeout, options.maximumTimeout)
    return max(timeout - options.timeoutReserve, timeout / 2)
  }

  /// Digits with at most one point, above zero; anything else is not a timeout.
  private static func parse(_ text: String) -> Duration? {
    let isPlain = text.utf8.allSatisfy { NameGrammar.isDigit($0) || $0 == UInt8(ascii: ".") }
    guard isPlain, text.utf8.count <= 32, let seconds = Double(text), seconds > 0 else { return nil }
    return .seconds(min(seconds, 1e6))
  }
}
