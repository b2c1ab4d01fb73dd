import OpenMetrics
import RemoteWrite

/// A bridge about what is pushed to it.
enum ReceivedMetrics {
  static let requests = MetricDescriptor(
    "cdb_bridge_received_requests", type: .counter,
    help: "Requests of senders that push, by their form and by what came of them.",
    labels: ["format", "result"], owner: "CDBServices")
  static let samples = MetricDescriptor(
    "cdb_bridge_received_samples", type: .counter,
    help: "Samples that were pushed and that the queues took, native histograms among them.",
    labels: ["format"], owner: "CDBServices")
  static let exemplars = MetricDescriptor(
    "cdb_bridge_received_exemplars", type: .counter,
    help: "Exemplars that were pushed and that the queues took.", labels: ["format"], owner: "CDBServices")
  static let bytes = MetricDescriptor(
    "cdb_bridge_received_bytes", type: .counter,
    help: "Bodies of requests of senders that push, as they came.",
    unit: "bytes", labels: ["format"], owner: "CDBServices")
  static let refused = MetricDescriptor(
    "cdb_bridge_received_samples_refused", type: .counter,
    help: "Samples that were pushed and not taken, where something else of the request was.",
    labels: ["reason"], owner: "CDBServices")

  static let all = [requests, samples, exemplars, bytes, refused]

  static func families(_ statistics: ReceivedStatistics) throws -> [MetricFamily] {
    let formats = PushFormat.allCases.map { ($0.rawValue, statistics.formats[$0]) }
    return [
      try .counter(
        requests,
        counts: formats.flatMap { name, format in
          PushResult.allCases.map { ([name, $0.rawValue], format?.requests[$0] ?? 0) }
        }),
      try .counter(samples, counts: formats.map { ([$0], $1?.samples ?? 0) }),
      try .counter(exemplars, counts: formats.map { ([$0], $1?.exemplars ?? 0) }),
      try .counter(bytes, counts: formats.map { ([$0], $1?.bytes ?? 0) }),
      try .counter(
        refused, counts: PushRefusal.allCases.map { ([$0.rawValue], statistics.refused[$0] ?? 0) }),
    ]
  }
}
