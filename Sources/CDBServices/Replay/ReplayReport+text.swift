extension ReplayReport {
  /// The report for a person.
  public var text: String {
    func list(_ counts: [String: some BinaryInteger]) -> String {
      counts.isEmpty
        ? "none" : counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
    let dropped = framesDropped.values.reduce(0, +)
    let absorbed = framesAbsorbed.values.reduce(0, +)
    let upTo = complete ? "" : journal == nil ? ", for what could be read" : ", up to the damage"
    let lines = [
      "covers     \(coverage)",
      "frames     \(frames): \(framesActed) became events, \(absorbed) absorbed (\(list(framesAbsorbed))), "
        + "\(dropped) dropped (\(list(framesDropped)))",
      "events     \(list(events))",
      "gaps       \(tradeGaps) of trades, \(bookGaps) of books; clock skew \(clockSkewSeconds) s",
      "signals    \(list(signals)); refused: \(list(refusals))",
      "orders     \(orders): \(list(results)); \(openOrders) open"
        + (probes > 0 ? "; \(probes) probes of the gate apart" : ""),
      "fills      \(fills), fees \(fees)",
      "equity     \(equity), profit \(profit)",
      "ledger     \(balanced ? "balanced at barrier \(barrier)\(upTo)" : "NOT BALANCED: " + imbalances.joined(separator: "; "))",
      "rate       \(Int(framesPerSecond)) frames/s over \((seconds * 1000).rounded() / 1000) s",
      "cpu        "
        + stages.map { "\($0.stage) \(($0.cpuMicrosecondsPerFrame * 100).rounded() / 100)" }
        .joined(separator: ", ") + " µs a frame",
      "digest     \(digest)",
      "profile    \(profile), configuration \(configFingerprint)",
    ]
    return lines.joined(separator: "\n")
  }

  /// What the figures are about.
  private var coverage: String {
    guard let journal else {
      return complete ? "the whole recording" : "what could be read of the recording; frames are missing"
    }
    guard let first = journal.firstSequence, let last = journal.lastSequence else {
      return "nothing: no record of the journal could be read"
    }
    return "sequences \(first) to \(last) of the journal"
      + (complete ? "" : ", up to the damage; what follows is in none of these figures")
  }
}
