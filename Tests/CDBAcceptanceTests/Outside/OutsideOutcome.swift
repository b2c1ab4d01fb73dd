/// What came of one case.
struct OutsideOutcome: Sendable {
  var name: String
  var expected: String
  /// What was answered at last.
  var answered: String
  /// From the fault to the right answer.
  var delay: Duration?
  /// How long the command `cdb why` took, from its start to its end.
  var command: Duration?
  /// From the cure to the open gate.
  var wayBack: Duration?
  /// Whether the process ended by a trap, where it may.
  var trapped = false
  /// Orders that were accepted, of those that add exposure.
  var accepted = 0
  /// What was wrong, in words; empty where nothing was.
  var failures: [String] = []
}

/// What was injected against what was answered, and how long it took.
struct OutsideReport: CustomStringConvertible {
  var outcomes: [OutsideOutcome] = []

  private static func text(_ duration: Duration?) -> String {
    duration.map { "\((($0 / .seconds(1)) * 100).rounded() / 100)" } ?? "-"
  }

  private func percentile(_ share: Double, _ durations: [Duration]) -> Duration? {
    let sorted = durations.sorted()
    return sorted.isEmpty ? nil : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }

  var description: String {
    var counts: [String: [String: Int]] = [:]
    for outcome in outcomes { counts[outcome.expected, default: [:]][outcome.answered, default: 0] += 1 }
    var lines = ["outside: expected, answered, how often"]
    let width = counts.keys.map(\.count).max() ?? 0
    for (row, columns) in counts.sorted(by: { $0.key < $1.key }) {
      for (index, cell) in columns.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).enumerated() {
        let name = index == 0 ? row : ""
        lines.append(
          "  \(name)\(String(repeating: " ", count: width - name.count))  \(cell.key)  \(cell.value)")
      }
    }
    lines.append("outside: seconds to the right answer, of `cdb why`, and from the cure to the open gate")
    for outcome in outcomes.sorted(by: { $0.name < $1.name }) {
      let times = [outcome.delay, outcome.command, outcome.wayBack].map(Self.text).joined(separator: "  ")
      lines.append("  \(times)  \(outcome.name)\(outcome.failures.isEmpty ? "" : "  WRONG")")
    }
    let (delays, commands) = (outcomes.compactMap(\.delay), outcomes.compactMap(\.command))
    lines.append(
      "outside: the right answer after \(Self.text(percentile(0.5, delays))) s in the middle and "
        + "\(Self.text(delays.max())) s at most; cdb why took \(Self.text(percentile(0.5, commands))) s in the middle and "
        + "\(Self.text(commands.max())) s at most")
    lines.append(
      "outside: \(outcomes.count) cases, \(outcomes.count { !$0.failures.isEmpty }) wrong, "
        + "\(outcomes.reduce(0) { $0 + $1.accepted }) orders accepted")
    return lines.joined(separator: "\n")
  }
}
