import OpenMetrics
import RemoteWrite

/// A bridge about itself.
enum BridgeMetrics {
  static let scrapes = MetricDescriptor(
    "cdb_bridge_scrapes", type: .counter,
    help: "Scrapes of the bridge's targets by what came of them: ok, or why there are no samples.",
    labels: ["scrape_job", "result"], owner: "CDBServices")
  static let targets = MetricDescriptor(
    "cdb_bridge_targets", type: .gauge,
    help: "Targets of the bridge, by whether the last scrape went well; dropped are those that a rule drops.",
    labels: ["scrape_job", "state"], owner: "CDBServices")
  static let scraped = MetricDescriptor(
    "cdb_bridge_samples_scraped", type: .counter, help: "Samples that targets exposed.",
    labels: ["scrape_job"],
    owner: "CDBServices")
  static let discarded = MetricDescriptor(
    "cdb_bridge_samples_discarded", type: .counter,
    help: "Samples that targets exposed and that no queue is meant to have.",
    labels: ["scrape_job", "reason"],
    owner: "CDBServices")
  static let series = MetricDescriptor(
    "cdb_bridge_series", type: .gauge, help: "Series of targets that the bridge knows.",
    labels: ["scrape_job"],
    owner: "CDBServices")
  static let searches = MetricDescriptor(
    "cdb_bridge_target_searches", type: .counter,
    help: "Looks for targets by what came of them; where one failed, what was found before counts.",
    labels: ["scrape_job", "mechanism", "result"], owner: "CDBServices")
  static let found = MetricDescriptor(
    "cdb_bridge_target_addresses", type: .gauge,
    help: "Addresses that searches for targets have found, before any rule.",
    labels: ["scrape_job", "mechanism"], owner: "CDBServices")
  static let reloaded = MetricDescriptor(
    "cdb_bridge_config_last_reload_successful", type: .gauge,
    help: "Whether the configuration could be used when it was read last; 0 or 1.", owner: "CDBServices")
  static let reloadedAt = MetricDescriptor(
    "cdb_bridge_config_last_reload_success_timestamp_seconds", type: .gauge,
    help: "When the configuration in use was read.", unit: "seconds", owner: "CDBServices")
  static let enqueued = MetricDescriptor(
    "cdb_bridge_samples_enqueued", type: .counter,
    help: "Samples that the endpoint's queue took, since the queue was made.", labels: ["endpoint"],
    owner: "CDBServices")
  static let sent = MetricDescriptor(
    "cdb_bridge_samples_sent", type: .counter,
    help:
      "Samples that the endpoint has: accepted, or presumed where it said of a repetition that it is not new.",
    labels: ["endpoint", "answer"], owner: "CDBServices")
  static let dropped = MetricDescriptor(
    "cdb_bridge_samples_dropped", type: .counter,
    help: "Samples that the endpoint does not get, since the queue was made; of reason disk since the start.",
    labels: ["endpoint", "reason"], owner: "CDBServices")
  static let pending = MetricDescriptor(
    "cdb_bridge_pending_samples", type: .gauge, help: "Samples that wait for the endpoint.",
    labels: ["endpoint"], owner: "CDBServices")
  static let queueBytes = MetricDescriptor(
    "cdb_bridge_queue_bytes", type: .gauge, help: "What the endpoint's queue takes on disk.", unit: "bytes",
    labels: ["endpoint"], owner: "CDBServices")
  static let oldestAge = MetricDescriptor(
    "cdb_bridge_oldest_sample_age_seconds", type: .gauge,
    help: "For how long the oldest sample that waits has waited; 0 where none does.", unit: "seconds",
    labels: ["endpoint"], owner: "CDBServices")
  static let requests = MetricDescriptor(
    "cdb_bridge_requests", type: .counter, help: "Requests to the endpoint by what came of them.",
    labels: ["endpoint", "result"], owner: "CDBServices")
  static let retries = MetricDescriptor(
    "cdb_bridge_retries", type: .counter, help: "Requests that repeat one.", labels: ["endpoint"],
    owner: "CDBServices")
  static let unwritten = MetricDescriptor(
    "cdb_bridge_samples_unwritten", type: .counter,
    help: "Samples of accepted batches that a receiver of remote write 2.0 says it has not written.",
    labels: ["endpoint"], owner: "CDBServices")
  static let sentBytes = MetricDescriptor(
    "cdb_bridge_sent_bytes", type: .counter, help: "Bodies of requests, repetitions included.", unit: "bytes",
    labels: ["endpoint"], owner: "CDBServices")
  static let lastSuccess = MetricDescriptor(
    "cdb_bridge_last_success_timestamp_seconds", type: .gauge,
    help: "When the endpoint accepted a batch last.", unit: "seconds", labels: ["endpoint"],
    owner: "CDBServices")

  static let all =
    [
      scrapes, targets, scraped, discarded, series, searches, found, reloaded, reloadedAt, enqueued, sent,
      dropped, pending, queueBytes, oldestAge,
      requests, retries, unwritten, sentBytes, lastSuccess,
    ] + ReceivedMetrics.all
}

/// Reads them off a bridge.
struct BridgeCollector: MetricCollector {
  let statistics: @Sendable () -> BridgeStatistics
  let reload: @Sendable () -> BridgeReload.Outcome
  /// Milliseconds since the epoch.
  let now: @Sendable () -> Int64

  var descriptors: [MetricDescriptor] { BridgeMetrics.all }

  func collect() throws -> [MetricFamily] {
    let statistics = statistics()
    return try targets(statistics) + searches(statistics.searches) + configuration()
      + endpoints(statistics.endpoints) + ReceivedMetrics.families(statistics.received)
  }

  private func configuration() throws -> [MetricFamily] {
    let outcome = reload()
    return [
      try .gauge(BridgeMetrics.reloaded, [([], outcome.lastError == nil ? 1 : 0)]),
      try .gauge(BridgeMetrics.reloadedAt, [([], Double(outcome.lastSuccess) / 1_000)]),
    ]
  }

  private func searches(_ searches: [DiscoveryStatistics]) throws -> [MetricFamily] {
    let kinds = Dictionary(grouping: searches) { [$0.job, $0.mechanism] }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return [
      try .counter(
        BridgeMetrics.searches,
        counts: kinds.flatMap { labels, searches in
          let failures = searches.reduce(UInt64(0)) { $0 + $1.failures }
          let looks = searches.reduce(UInt64(0)) { $0 + $1.looks }
          return [(labels + ["ok"], looks - failures), (labels + ["failure"], failures)]
        }),
      try .gauge(
        BridgeMetrics.found, kinds.map { ($0.key, Double($0.value.reduce(0) { $0 + $1.addresses })) }),
    ]
  }

  private func targets(_ statistics: BridgeStatistics) throws -> [MetricFamily] {
    // What targets that have left had counted stays counted.
    let counted = Dictionary(grouping: statistics.targets + statistics.departed, by: \.job)
      .sorted { $0.key < $1.key }
    let jobs = counted.map { job, _ in
      (key: job, value: statistics.targets.filter { $0.job == job })
    }
    var scrapes: [([String], UInt64)] = []
    var discarded: [([String], UInt64)] = []
    for (job, targets) in counted {
      let failures = ScrapeFault.reasons.map { reason in
        (reason, targets.reduce(UInt64(0)) { $0 + ($1.failures[reason] ?? 0) })
      }
      let all = targets.reduce(UInt64(0)) { $0 + $1.scrapes }
      scrapes.append(([job, "ok"], all - failures.reduce(0) { $0 + $1.1 }))
      scrapes += failures.map { ([job, $0.0], $0.1) }
      discarded += DropReason.allCases.map { reason in
        ([job, reason.rawValue], targets.reduce(UInt64(0)) { $0 + ($1.dropped[reason] ?? 0) })
      }
    }
    return [
      try .counter(BridgeMetrics.scrapes, counts: scrapes),
      try .gauge(
        BridgeMetrics.targets,
        jobs.flatMap { job, targets in
          let up = targets.count(where: \.isUp)
          return [
            ([job, "up"], Double(up)), ([job, "down"], Double(targets.count - up)),
            ([job, "dropped"], Double(statistics.droppedCounts[job] ?? 0)),
          ]
        }),
      try .counter(
        BridgeMetrics.scraped,
        counts: counted.map { ([$0.key], $0.value.reduce(UInt64(0)) { $0 + $1.scraped }) }
      ),
      try .counter(BridgeMetrics.discarded, counts: discarded),
      try .gauge(
        BridgeMetrics.series, jobs.map { ([$0.key], Double($0.value.reduce(0) { $0 + $1.series })) }),
    ]
  }

  private func endpoints(_ endpoints: [EndpointStatistics]) throws -> [MetricFamily] {
    let now = now()
    return [
      try .counter(BridgeMetrics.enqueued, counts: endpoints.map { ([$0.name], $0.enqueued) }),
      try .counter(
        BridgeMetrics.sent,
        counts: endpoints.flatMap {
          [
            ([$0.name, "accepted"], $0.ledger.delivered),
            ([$0.name, "presumed"], $0.ledger.presumedDelivered),
          ]
        }),
      try .counter(
        BridgeMetrics.dropped,
        counts: endpoints.flatMap {
          [
            ([$0.name, "refused"], $0.ledger.refused), ([$0.name, "queue_full"], $0.ledger.droppedFull),
            ([$0.name, "corrupt"], $0.ledger.droppedCorrupt), ([$0.name, "disk"], $0.failed),
            ([$0.name, "forgotten"], $0.ledger.forgotten),
          ]
        }),
      try .gauge(BridgeMetrics.pending, endpoints.map { ([$0.name], Double($0.pending)) }),
      try .gauge(BridgeMetrics.queueBytes, endpoints.map { ([$0.name], Double($0.queueBytes)) }),
      try .gauge(
        BridgeMetrics.oldestAge,
        endpoints.map { ([$0.name], $0.oldest.map { Double(max(now - $0, 0)) / 1_000 } ?? 0) }),
      try .counter(
        BridgeMetrics.requests,
        counts: endpoints.flatMap { endpoint in
          EndpointStatistics.results.map { ([endpoint.name, $0], endpoint.requests[$0] ?? 0) }
        }),
      try .counter(BridgeMetrics.retries, counts: endpoints.map { ([$0.name], $0.retries) }),
      try .counter(BridgeMetrics.unwritten, counts: endpoints.map { ([$0.name], $0.unwritten) }),
      try .counter(BridgeMetrics.sentBytes, counts: endpoints.map { ([$0.name], $0.sentBytes) }),
      try .gauge(
        BridgeMetrics.lastSuccess,
        endpoints.compactMap { endpoint in
          endpoint.lastSuccess.map { ([endpoint.name], Double($0) / 1_000) }
        }),
    ]
  }
}
