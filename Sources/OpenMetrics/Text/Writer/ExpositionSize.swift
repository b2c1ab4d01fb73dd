/// How many bytes the columns of counters and gauges will take as text, guessed from a few of their samples.
///
/// A guess that is a little high costs address space alone: memory that is not written to is not in use.
enum ExpositionSize {
  private static let samples = 32
  /// Around a sample: its name's suffix, braces, spaces, the end of the line.
  private static let frame = 12

  static func estimate(_ families: [MetricFamily]) -> Int {
    families.reduce(0) { sum, family in
      switch family.metrics.storage {
      case .counters(let columns), .gauges(let columns):
        let line = family.name.utf8.count + frame + meanLength(columns)
        return sum + columns.count * (line + line / 16)
      case .rows: return sum
      }
    }
  }

  /// Of labels and value.
  private static func meanLength(_ columns: ScalarColumns) -> Int {
    guard columns.count > 0 else { return 0 }
    var total = 0
    var seen = 0
    for position in stride(from: 0, to: columns.count, by: max(1, columns.count / samples)) {
      total += length(columns.labels[position]) + length(columns.values[position])
      seen += 1
    }
    return (total + seen - 1) / seen
  }

  private static func length(_ labels: LabelSet) -> Int {
    switch labels.storage {
    case .text(let text): text.withText { $0.count }
    case .labels(let labels): labels.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }
  }

  private static func length(_ value: MetricValue) -> Int {
    switch value {
    case .integer(let whole): String(whole).utf8.count
    case .double: 18
    }
  }
}
