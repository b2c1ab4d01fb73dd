import Foundation
import OpenMetrics

/// The catalogue of metrics, from the declarations that the code registers.
public enum MetricCatalog {
  public enum Format: String, Sendable, CaseIterable {
    case md
    case json
  }

  struct Entry: Codable {
    var name: String
    var type: String
    var unit: String
    var labels: [String]
    /// Upper bounds of a histogram, without `+Inf`.
    var buckets: [Double]
    var states: [String]
    var help: String
    var owner: String
  }

  public static func render(_ descriptors: [MetricDescriptor], as format: Format) throws -> String {
    let entries = descriptors.map {
      Entry(
        name: $0.name, type: $0.type.rawValue, unit: $0.unit, labels: $0.labels,
        buckets: $0.type == .histogram && $0.buckets.isEmpty ? MetricDescriptor.defaultBuckets : $0.buckets,
        states: $0.states, help: $0.help, owner: $0.owner)
    }
    switch format {
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(entries), as: UTF8.self) + "\n"
    case .md:
      var lines = [
        "# Metrics", "",
        "Every metric that the suite can export, from the declarations in the code: `cdb metrics catalog`.",
        "Counters appear with `_total`, infos with `_info`, histograms with `_bucket`, `_sum` and `_count`.",
        "",
        "| name | type | unit | labels | help | owner |", "|---|---|---|---|---|---|",
      ]
      for entry in entries {
        lines.append(
          "| `\(entry.name)` | \(entry.type) | \(entry.unit) | \(entry.labels.joined(separator: ", ")) | "
            + "\(entry.help) | \(entry.owner) |")
      }
      return lines.joined(separator: "\n") + "\n"
    }
  }
}
