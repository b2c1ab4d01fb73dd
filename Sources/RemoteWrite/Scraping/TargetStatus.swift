import Synchronization

/// How a target is, as the bridge shows it.
public struct TargetStatistics: Sendable, Equatable {
  public internal(set) var job = ""
  public internal(set) var url = ""
  public internal(set) var labels = SeriesLabels()
  /// The labels that it was found with, before any rule.
  public internal(set) var discovered = SeriesLabels()
  /// In milliseconds.
  public internal(set) var interval: Int64 = 0
  public internal(set) var timeout: Int64 = 0
  /// Scrapes since the start.
  public internal(set) var scrapes: UInt64 = 0
  /// Those that failed, by ``ScrapeFault/reason``.
  public internal(set) var failures: [String: UInt64] = [:]
  /// Samples that targets exposed, those of metrics about the scrape not among them.
  public internal(set) var scraped: UInt64 = 0
  /// What became of those that are not enqueued.
  public internal(set) var dropped: [DropReason: UInt64] = [:]
  /// Staleness markers and samples about scrapes.
  public internal(set) var made: UInt64 = 0
  /// Samples that the endpoints' queues took, each endpoint counted.
  public internal(set) var enqueued: UInt64 = 0
  /// Milliseconds since the epoch.
  public internal(set) var lastScrape: Int64?
  /// Samples of the last scrape.
  public internal(set) var lastSamples = 0
  /// In seconds.
  public internal(set) var lastDuration: Double = 0
  /// Of the last scrape; nil where it went well.
  public internal(set) var lastError: String?
  /// What is kept of its series.
  public internal(set) var series = 0

  public var isUp: Bool { scrapes > 0 && lastError == nil }

  /// Adds the counters of a target that has left.
  mutating func count(_ other: TargetStatistics) {
    scrapes += other.scrapes
    failures.merge(other.failures, uniquingKeysWith: +)
    scraped += other.scraped
    dropped.merge(other.dropped, uniquingKeysWith: +)
    made += other.made
    enqueued += other.enqueued
  }
}

/// The same, shared between the scraper and who looks.
final class TargetStatus: Sendable {
  let job: String
  private let state: Mutex<TargetStatistics>

  init(job: String, _ found: JobTargets.Active) {
    self.job = job
    var statistics = TargetStatistics()
    statistics.job = job
    statistics.url = found.target.url.withoutUserInformation
    statistics.labels = found.target.labels
    statistics.discovered = found.discovered
    statistics.interval = found.target.interval
    statistics.timeout = found.target.timeout
    state = Mutex(statistics)
  }

  func update(_ change: (inout TargetStatistics) -> Void) { state.withLock { change(&$0) } }

  var statistics: TargetStatistics { state.withLock { $0 } }
}
