/// What was injected against what was answered.
struct ConfusionMatrix: CustomStringConvertible {
  private var counts: [String: [String: Int]] = [:]

  mutating func count(injected: String, answered: String) {
    counts[injected, default: [:]][answered, default: 0] += 1
  }

  mutating func add(_ other: ConfusionMatrix) {
    for (row, columns) in other.counts {
      for (column, count) in columns { counts[row, default: [:]][column, default: 0] += count }
    }
  }

  var total: Int { counts.values.reduce(0) { $0 + $1.values.reduce(0, +) } }

  /// One line a cell that is not empty: there are more columns than a terminal has.
  var description: String {
    let rows = counts.sorted { $0.key < $1.key }
    let width = rows.map(\.key.count).max() ?? 0
    return rows.flatMap { row, columns in
      columns.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.enumerated().map { index, cell in
        let name = index == 0 ? row : ""
        return "  \(name)\(String(repeating: " ", count: width - name.count))  \(cell.key)  \(cell.value)"
      }
    }.joined(separator: "\n")
  }
}
