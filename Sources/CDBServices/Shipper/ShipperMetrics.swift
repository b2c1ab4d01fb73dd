import LogShipping
import OpenMetrics

/// A shipper about itself.
enum ShipperMetrics {
  static let files = MetricDescriptor(
    "cdb_shipper_files", type: .gauge, help: "Files that the shipper follows.", owner: "CDBServices")
  static let held = MetricDescriptor(
    "cdb_shipper_held_files", type: .gauge,
    help: "Files that are taken for copies that are being made, plain or packed, and are not read.",
    owner: "CDBServices")
  static let waiting = MetricDescriptor(
    "cdb_shipper_waiting_files", type: .gauge,
    help: "Files that wait until others are over, since no more can be open at a time.", owner: "CDBServices")
  static let damaged = MetricDescriptor(
    "cdb_shipper_damaged_files", type: .counter,
    help: "Packed files that were damaged or ended in the middle, over every restart.", owner: "CDBServices")
  static let unwatched = MetricDescriptor(
    "cdb_shipper_unwatched_folders", type: .gauge,
    help: "Folders that inotify does not watch: what changes there is found every ship.scan_interval.",
    owner: "CDBServices")
  static let lines = MetricDescriptor(
    "cdb_shipper_lines", type: .counter,
    help:
      "Lines that are done with, over every restart: accepted, repeated (the server had them), failure_store, dead_lettered, blank.",
    labels: ["result"], owner: "CDBServices")
  static let redacted = MetricDescriptor(
    "cdb_shipper_redacted_lines", type: .counter,
    help: "Lines of which something was left out that looked like a secret, over every restart.",
    owner: "CDBServices")
  static let unroutable = MetricDescriptor(
    "cdb_shipper_unroutable_lines", type: .counter,
    help:
      "Lines that name a data stream that cannot be, or may not, over every restart; they went to ship.index.",
    owner: "CDBServices")
  static let bytes = MetricDescriptor(
    "cdb_shipper_settled_bytes", type: .counter,
    help: "Bytes of files that are done with, over every restart.",
    unit: "bytes", owner: "CDBServices")
  static let pending = MetricDescriptor(
    "cdb_shipper_pending_lines", type: .gauge, help: "Lines that were read and are not done with.",
    owner: "CDBServices")
  static let unread = MetricDescriptor(
    "cdb_shipper_unread_bytes", type: .gauge, help: "Bytes of files that have not been read.", unit: "bytes",
    owner: "CDBServices")
  static let oldestAge = MetricDescriptor(
    "cdb_shipper_oldest_line_age_seconds", type: .gauge,
    help: "For how long the oldest line that is not done with may have waited; 0 where none does.",
    unit: "seconds", owner: "CDBServices")
  static let lostBytes = MetricDescriptor(
    "cdb_shipper_lost_bytes", type: .counter,
    help: "Bytes, at least, that were truncated or deleted before they were read, over every restart.",
    unit: "bytes", owner: "CDBServices")
  static let lostFiles = MetricDescriptor(
    "cdb_shipper_lost_files", type: .counter, help: "Files of which some was lost so, over every restart.",
    owner: "CDBServices")
  static let deadBytes = MetricDescriptor(
    "cdb_shipper_dead_letter_bytes", type: .gauge, help: "What the dead-letter file takes.", unit: "bytes",
    owner: "CDBServices")
  static let requests = MetricDescriptor(
    "cdb_shipper_requests", type: .counter, help: "Requests to the server by what came of them.",
    labels: ["result"], owner: "CDBServices")
  static let retried = MetricDescriptor(
    "cdb_shipper_retried_documents", type: .counter, help: "Documents that were sent again.",
    owner: "CDBServices")
  static let sentBytes = MetricDescriptor(
    "cdb_shipper_sent_bytes", type: .counter, help: "Bodies of requests, repetitions included.",
    unit: "bytes", owner: "CDBServices")
  static let lastSuccess = MetricDescriptor(
    "cdb_shipper_last_success_timestamp_seconds", type: .gauge,
    help: "When the server answered for documents last.", unit: "seconds", owner: "CDBServices")
  static let faults = MetricDescriptor(
    "cdb_shipper_fault", type: .gauge,
    help: "1 where something is wrong with the server, a file or the disk.",
    labels: ["place"], owner: "CDBServices")

  static let all = [
    files, held, waiting, damaged, unwatched, lines, redacted, unroutable, bytes, pending, unread, oldestAge,
    lostBytes, lostFiles,
    deadBytes,
    requests, retried,
    sentBytes, lastSuccess, faults,
  ]
}

/// Reads them off a shipper.
struct ShipperCollector: MetricCollector {
  let statistics: @Sendable () -> ShipperStatistics
  /// Milliseconds since the epoch.
  let now: @Sendable () -> Int64

  var descriptors: [MetricDescriptor] { ShipperMetrics.all }

  func collect() throws -> [MetricFamily] {
    let statistics = statistics()
    let ledger = statistics.ledger
    let age = statistics.oldest.map { Double(max(now() - $0, 0)) / 1_000 } ?? 0
    return [
      try .gauge(ShipperMetrics.files, [([], Double(statistics.files.count))]),
      try .gauge(ShipperMetrics.held, [([], Double(statistics.held))]),
      try .gauge(ShipperMetrics.waiting, [([], Double(statistics.waiting))]),
      try .counter(ShipperMetrics.damaged, counts: [([], statistics.damaged)]),
      try .gauge(ShipperMetrics.unwatched, [([], Double(statistics.unwatched))]),
      try .counter(
        ShipperMetrics.lines,
        counts: [
          (["accepted"], ledger.accepted), (["repeated"], ledger.repeated),
          (["failure_store"], ledger.failureStore), (["dead_lettered"], ledger.deadLettered),
          (["blank"], ledger.blank),
        ]),
      try .counter(ShipperMetrics.redacted, counts: [([], ledger.redacted)]),
      try .counter(ShipperMetrics.unroutable, counts: [([], ledger.unroutable)]),
      try .counter(ShipperMetrics.bytes, counts: [([], ledger.bytes)]),
      try .gauge(ShipperMetrics.pending, [([], Double(statistics.pending))]),
      try .gauge(ShipperMetrics.unread, [([], Double(statistics.unreadBytes))]),
      try .gauge(ShipperMetrics.oldestAge, [([], age)]),
      try .counter(ShipperMetrics.lostBytes, counts: [([], statistics.lost.bytes)]),
      try .counter(ShipperMetrics.lostFiles, counts: [([], statistics.lost.files)]),
      try .gauge(ShipperMetrics.deadBytes, [([], Double(statistics.deadLetterBytes))]),
      try .counter(
        ShipperMetrics.requests,
        counts: ShipperStatistics.results.map { ([$0], statistics.requests[$0] ?? 0) }),
      try .counter(ShipperMetrics.retried, counts: [([], statistics.retried)]),
      try .counter(ShipperMetrics.sentBytes, counts: [([], statistics.sentBytes)]),
      try .gauge(
        ShipperMetrics.lastSuccess, statistics.lastSuccess.map { [([], Double($0) / 1_000)] } ?? []),
      try .gauge(
        ShipperMetrics.faults,
        [
          (["server"], statistics.serverError == nil ? 0 : 1),
          (["files"], statistics.fileError == nil ? 0 : 1),
          (["disk"], statistics.diskError == nil ? 0 : 1),
        ]),
    ]
  }
}
