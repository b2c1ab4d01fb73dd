import CDBDomain

extension Diagnosis {
  /// The answer on one screen.
  public var text: String {
    var lines = ["\(trading ? "TRADING" : verdict.rawValue.uppercased()): \(summary)"]
    if profile != "default", !profile.isEmpty { lines.append("  profile   \(profile)") }
    if let layer { lines.append("  layer     \(layer.rawValue)") }
    if let reason { lines.append("  reason    \(reason)") }
    if let sinceNs {
      let age = Double(asOfNs - sinceNs) / 1e9
      lines.append("  since     \(Self.age(age)) ago")
    }
    for item in evidence {
      let age = item.ageSeconds.map { " (\(Self.age($0)) ago)" } ?? ""
      lines.append("  evidence  \(item.name) = \(item.value)\(age)")
    }
    lines.append("")
    lines.append("  stage      health    received     emitted  last event  dropped")
    for stage in stages {
      let dropped = stage.dropped.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      lines.append(
        "  " + Self.pad(stage.stage, 11) + Self.pad(stage.health, 9)
          + Self.right("\(stage.received)", 9) + Self.right("\(stage.emitted)", 12)
          + Self.right(stage.ageSeconds.map(Self.age) ?? "never", 12)
          + "  " + (dropped.isEmpty ? "-" : dropped.joined(separator: ", ")))
    }
    if !refusals.isEmpty {
      lines.append("")
      for (reason, count) in refusals.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        let meaning = ReasonCode(code: reason)?.explanation ?? ""
        lines.append("  refused    \(Self.pad(reason, 24)) \(Self.right("\(count)", 6))  \(meaning)")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func age(_ seconds: Double) -> String {
    switch seconds {
    case ..<10: "\((seconds * 10).rounded() / 10) s"
    case ..<120: "\(Int(seconds)) s"
    case ..<7_200: "\(Int(seconds / 60)) min"
    default: "\(Int(seconds / 3_600)) h"
    }
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
