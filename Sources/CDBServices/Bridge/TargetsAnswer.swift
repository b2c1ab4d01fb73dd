import Foundation
import OpenMetrics
import RemoteWrite

/// The bridge's targets in the form of Prometheus's `/api/v1/targets`.
///
/// Source: prometheus.io/docs/prometheus/latest/querying/api/#targets
struct TargetsAnswer: Encodable, Sendable {
  struct Active: Encodable, Sendable {
    var discoveredLabels: [String: String]
    var labels: [String: String]
    var scrapePool: String
    var scrapeUrl: String
    var globalUrl: String
    var lastError: String
    var lastScrape: String
    var lastScrapeDuration: Double
    var health: String
    var scrapeInterval: String
    var scrapeTimeout: String
  }

  struct Dropped: Encodable, Sendable {
    var discoveredLabels: [String: String]
    var scrapePool: String
  }

  struct Content: Encodable, Sendable {
    var activeTargets: [Active]
    var droppedTargets: [Dropped]
    var droppedTargetCounts: [String: Int]
  }

  let status = "success"
  var data: Content

  /// What is asked for: `active`, `dropped`, or both for anything else.
  ///
  /// - Parameter job: of which targets are shown; nil for all.
  init(_ statistics: BridgeStatistics, state: String = "any", job: String? = nil) {
    let active = statistics.targets.filter { job == nil || $0.job == job }.map(Active.init)
    let dropped = statistics.dropped.filter { job == nil || $0.job == job }.map {
      Dropped(discoveredLabels: Self.object($0.discovered), scrapePool: $0.job)
    }
    data = Content(
      activeTargets: state == "dropped" ? [] : active, droppedTargets: state == "active" ? [] : dropped,
      droppedTargetCounts: state == "active"
        ? [:] : statistics.droppedCounts.filter { job == nil || $0.key == job })
  }

  fileprivate static func object(_ labels: SeriesLabels) -> [String: String] {
    Dictionary(labels.labels.map { ($0.name, $0.value) }) { $1 }
  }
}

extension TargetsAnswer.Active {
  init(_ target: TargetStatistics) {
    discoveredLabels = TargetsAnswer.object(target.discovered)
    labels = TargetsAnswer.object(target.labels)
    scrapePool = target.job
    scrapeUrl = target.url
    globalUrl = target.url
    lastError = target.lastError ?? ""
    lastScrape =
      target.lastScrape.map { time in
        Date(timeIntervalSince1970: Double(time) / 1_000)
          .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
      } ?? "0001-01-01T00:00:00Z"
    lastScrapeDuration = target.lastDuration
    health = target.scrapes == 0 ? "unknown" : target.isUp ? "up" : "down"
    scrapeInterval = Self.duration(target.interval)
    scrapeTimeout = Self.duration(target.timeout)
  }

  /// As Prometheus writes durations.
  private static func duration(_ milliseconds: Int64) -> String {
    var rest = milliseconds
    var text = ""
    for (name, length) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1_000), ("ms", 1)]
    where rest >= length {
      text += "\(rest / length)\(name)"
      rest %= length
    }
    return text.isEmpty ? "0s" : text
  }
}
