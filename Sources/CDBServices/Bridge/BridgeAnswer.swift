import OpenMetrics
import RemoteWrite
import ServiceRuntime

/// How a bridge's targets and endpoints are, as JSON. Times are milliseconds since the epoch.
struct BridgeAnswer: Codable, Sendable {
  struct Target: Codable, Sendable {
    var job: String
    var url: String
    var labels: [String: String]
    var up: Bool
    var lastScrape: Int64?
    var lastDuration: Double
    var lastError: String?
    var scrapes: UInt64
    var samples: UInt64
    var series: Int
  }

  struct Endpoint: Codable, Sendable {
    var name: String
    var url: String
    var enqueued: UInt64
    var ledger: EndpointLedger
    var pending: UInt64
    var queueBytes: Int
    var oldest: Int64?
    var lastSuccess: Int64?
    var lastError: String?
  }

  /// What was pushed in one form.
  struct Received: Codable, Sendable {
    var format: String
    var requests: [String: UInt64]
    var samples: UInt64
    var exemplars: UInt64
    var bytes: UInt64
    var lastSuccess: Int64?
  }

  var targets: [Target]
  var endpoints: [Endpoint]
  var received: [Received]
  /// Samples that were pushed and not taken, by why.
  var refused: [String: UInt64]
  /// What was wrong with the last request that was not taken as a whole.
  var lastPushError: String?

  init(_ statistics: BridgeStatistics) {
    targets = statistics.targets.map { target in
      Target(
        job: target.job, url: target.url,
        labels: Dictionary(target.labels.labels.map { ($0.name, $0.value) }) { $1 }, up: target.isUp,
        lastScrape: target.lastScrape, lastDuration: target.lastDuration, lastError: target.lastError,
        scrapes: target.scrapes, samples: target.scraped, series: target.series)
    }
    endpoints = statistics.endpoints.map { endpoint in
      Endpoint(
        name: endpoint.name, url: endpoint.url, enqueued: endpoint.enqueued, ledger: endpoint.ledger,
        pending: endpoint.pending, queueBytes: endpoint.queueBytes, oldest: endpoint.oldest,
        lastSuccess: endpoint.lastSuccess, lastError: endpoint.lastError)
    }
    received = PushFormat.allCases.compactMap { format in
      statistics.received.formats[format].map { pushed in
        Received(
          format: format.rawValue,
          requests: Dictionary(uniqueKeysWithValues: pushed.requests.map { ($0.key.rawValue, $0.value) }),
          samples: pushed.samples, exemplars: pushed.exemplars, bytes: pushed.bytes,
          lastSuccess: pushed.lastSuccess)
      }
    }
    refused = Dictionary(
      uniqueKeysWithValues: statistics.received.refused.map { ($0.key.rawValue, $0.value) })
    lastPushError = statistics.received.lastError
  }
}

extension HealthReport {
  /// What waits longer than this is a sign that nothing goes.
  static let longestWait = Duration.seconds(60)

  /// Healthy where each endpoint gets what there is for it, and targets that there are answer.
  ///
  /// - Parameter now: milliseconds since the epoch.
  init(_ statistics: BridgeStatistics, now: Int64) {
    var components = statistics.endpoints.map { endpoint in
      let waiting = Duration.milliseconds(max(now - (endpoint.oldest ?? now), 0))
      return Component(
        name: "endpoint \(endpoint.name)", healthy: waiting < Self.longestWait, reason: endpoint.lastError,
        age: waiting)
    }
    let asked = statistics.targets.filter { $0.scrapes > 0 }
    let down = asked.filter { !$0.isUp }
    components.append(
      Component(
        name: "targets", healthy: asked.isEmpty || down.count < asked.count,
        reason: down.first.map { "\(down.count) of \(asked.count) down, \($0.url): \($0.lastError ?? "")" }))
    self.init(components: components)
  }
}
