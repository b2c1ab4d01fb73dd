import RemoteWrite

extension EndpointInspection {
  /// For a person, a line each.
  public var lines: [String] {
    var lines = [
      "\(name): \(enqueued) samples enqueued; \(ledger.delivered) delivered, "
        + "\(ledger.presumedDelivered) presumed delivered, \(ledger.refused) refused, "
        + "\(ledger.droppedFull) dropped because the queue was full, \(ledger.droppedCorrupt) unreadable, "
        + "\(ledger.forgotten) forgotten with a checkpoint",
      "  waiting: \(samples) samples in \(fragments) fragments" + (isUnderWay ? ", one batch under way" : ""),
    ]
    lines += faults.map { "  fault: \($0)" }
    lines += deadLetters.map {
      "  refused \($0.time): \($0.samples) samples, HTTP status \($0.status): \($0.words)"
    }
    return lines
  }
}
