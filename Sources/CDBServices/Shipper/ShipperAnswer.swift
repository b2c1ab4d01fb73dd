import LogShipping
import ServiceRuntime

/// How a shipper's files and its server are, as JSON. Times are milliseconds since the epoch.
struct ShipperAnswer: Codable, Sendable {
  var files: [FileStatistics]
  var ledger: FileLedger
  var pending: UInt64
  var unreadBytes: UInt64
  var lost: LostText
  var deadLetterBytes: UInt64
  var heldFiles: Int
  var waitingFiles: Int
  var damagedFiles: UInt64
  var unwatchedFolders: Int
  var oldest: Int64?
  var lastSuccess: Int64?
  var serverError: String?
  var fileError: String?
  var diskError: String?

  init(_ statistics: ShipperStatistics) {
    files = statistics.files
    ledger = statistics.ledger
    pending = statistics.pending
    unreadBytes = statistics.unreadBytes
    lost = statistics.lost
    deadLetterBytes = statistics.deadLetterBytes
    heldFiles = statistics.held
    waitingFiles = statistics.waiting
    damagedFiles = statistics.damaged
    unwatchedFolders = statistics.unwatched
    oldest = statistics.oldest
    lastSuccess = statistics.lastSuccess
    serverError = statistics.serverError
    fileError = statistics.fileError
    diskError = statistics.diskError
  }
}

extension HealthReport {
  /// Healthy where no line waits for long, and the disk takes the checkpoint.
  ///
  /// - Parameter now: milliseconds since the epoch.
  init(_ statistics: ShipperStatistics, now: Int64) {
    let waiting = Duration.milliseconds(max(now - (statistics.oldest ?? now), 0))
    self.init(components: [
      Component(
        name: "delivery", healthy: waiting < Self.longestWait, reason: statistics.serverError, age: waiting),
      Component(name: "files", healthy: true, reason: statistics.fileError),
      Component(name: "disk", healthy: statistics.diskError == nil, reason: statistics.diskError),
    ])
  }
}

extension ShipperInspection {
  /// For a person, a line each.
  public var lines: [String] {
    let all = Self.line("all files", ledger)
    var lines =
      files.map { "\(Self.line($0.path, $0.ledger)); up to byte \($0.settled) of \($0.size)" } + [all]
    if lost.bytes > 0 { lines.append("lost: at least \(lost.bytes) bytes of \(lost.files) files") }
    if replayed > 0 { lines.append("dead letters sent again: \(replayed)") }
    lines += deadLetters.map {
      "  dead letter \($0.time) \($0.id): HTTP status \($0.status), \($0.type): \($0.reason)"
    }
    return lines
  }

  private static func line(_ name: String, _ ledger: FileLedger) -> String {
    "\(name): \(ledger.lines) lines; \(ledger.accepted) accepted, \(ledger.repeated) there already, "
      + "\(ledger.failureStore) in the failure store, \(ledger.deadLettered) dead letters, \(ledger.blank) blank"
  }
}

extension LogAudit.Report {
  /// For a person, a line each.
  public var text: [String] {
    var lines = [
      "\(path): \(lines) lines; \(found) there once, \(dead) dead letters, \(missing) missing, \(doubled) doubled"
        + (unsettledBytes > 0 ? "; \(unsettledBytes) bytes not done with yet" : "")
    ]
    lines += firstMissing.map { "  missing: byte \($0.offset), \($0.id)" }
    lines += firstDoubled.map { "  doubled: byte \($0.offset), \($0.id)" }
    return lines
  }
}
