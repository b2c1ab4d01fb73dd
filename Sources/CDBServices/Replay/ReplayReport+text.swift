extension ReplayReport {
  /// The report for a person.
  public var text: String {
    func list(_ counts: [String: some BinaryInteger]) -> String {
      counts.isEmpty
        ? "none" : counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
    let dropped = framesDropped.values.reduce(0, +)
    let absorbed = framesAbsorbed.values.reduce(0, +)
    let lines = [
      "frames     \(frames): \(framesActed) became events, \(absorbed) absorbed (\(list(framesAbsorbed))), "
        + "\(dropped) dropped (\(list(framesDropped)))",
      "events     \(list(events))",
      "gaps       \(tradeGaps) of trades, \(bookGaps) of books; clock skew \(clockSkewSeconds) s",
      "signals    \(list(signals)); refused: \(list(refusals))",
      "orders     \(orders): \(list(results)); \(openOrders) open"
        + (probes > 0 ? "; \(probes) probes of the gate apart" : ""),
      "fills      \(fills), fees \(fees)",
      "equity     \(equity), profit \(profit)",
      "ledger     \(balanced ? "balanced at barrier \(barrier)" : "NOT BALANCED: " + imbalances.joined(separator: "; "))",
      "rate       \(Int(framesPerSecond)) frames/s over \((seconds * 1000).rounded() / 1000) s",
      "cpu        "
        + stages.map { "\($0.stage) \(($0.cpuMicrosecondsPerFrame * 100).rounded() / 100)" }
        .joined(separator: ", ") + " µs a frame",
      "digest     \(digest)",
      "profile    \(profile), configuration \(configFingerprint)",
    ]
    return lines.joined(separator: "\n")
  }
}
