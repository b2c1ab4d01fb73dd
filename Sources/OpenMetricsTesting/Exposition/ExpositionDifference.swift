import OpenMetrics

/// How an exposition differs from what a test expects, line by line.
public struct ExpositionDifference: Sendable, Hashable, CustomStringConvertible {
  public enum Line: Sendable, Hashable {
    case same(String)
    /// Expected, but not there.
    case missing(String)
    /// There, but not expected.
    case unexpected(String)
  }

  /// All lines of both sides, in the order of their names.
  public let lines: [Line]

  /// `nil` when there is none.
  public init?(expected: [String], actual: [String]) {
    let changes = actual.difference(from: expected)
    guard !changes.isEmpty else { return nil }
    var removed: [Int: String] = [:]
    var inserted: [Int: String] = [:]
    for change in changes {
      switch change {
      case .remove(let offset, let line, _): removed[offset] = line
      case .insert(let offset, let line, _): inserted[offset] = line
      }
    }
    var lines: [Line] = []
    var old = 0
    var new = 0
    while old < expected.count || new < actual.count {
      if let line = removed[old] {
        lines.append(.missing(line))
        old += 1
      } else if let line = inserted[new] {
        lines.append(.unexpected(line))
        new += 1
      } else {
        lines.append(.same(actual[new]))
        old += 1
        new += 1
      }
    }
    self.lines = lines
  }

  /// What is missing with a minus, what is unexpected with a plus, and of the rest only the lines next to them.
  public var description: String {
    var text = ["The exposition differs: - expected, + exposed"]
    var skipped = false
    for (index, line) in lines.enumerated() {
      switch line {
      case .missing(let line): text.append("- \(line)")
      case .unexpected(let line): text.append("+ \(line)")
      case .same(let line):
        let neighbours = lines[max(index - 2, 0)...min(index + 2, lines.count - 1)]
        guard neighbours.contains(where: \.isChange) else {
          skipped = true
          continue
        }
        if skipped { text.append("  …") }
        text.append("  \(line)")
      }
      skipped = false
    }
    return text.joined(separator: "\n")
  }
}

extension ExpositionDifference.Line {
  fileprivate var isChange: Bool {
    if case .same = self { false } else { true }
  }
}

extension MetricRegistry {
  /// Compares what is exposed with `expected`, whatever the order of families, metrics and labels and the spelling of
  /// numbers.
  ///
  /// - Parameters:
  ///   - expected: a complete exposition in `format`, one of the text formats; its end marker and last line feed may be left out.
  ///   - names: family or sample names to compare; `nil` means all.
  ///   - format: of `expected`, and of what is exposed.
  ///   - includesCreated: whether times of creation are compared too.
  /// - Returns: `nil` when both are the same.
  /// - Throws: ``ExpositionFault`` when `expected` is itself not valid.
  public func difference(
    from expected: String, names: Set<String>? = nil, as format: ExpositionFormat = .openMetrics1,
    includesCreated: Bool = false
  ) throws(ExpositionFault) -> ExpositionDifference? {
    var text = expected.hasSuffix("\n") || expected.isEmpty ? expected : expected + "\n"
    if format == .openMetrics1 || format == .openMetrics2, !text.hasSuffix("# EOF\n") { text += "# EOF\n" }
    let options = Exposition.Options(includesCreated: includesCreated)
    let families = try format.strictlyParsed(Array(text.utf8))
    return ExpositionDifference(
      expected: families.canonicalLines(as: format, options),
      actual: snapshot(names: names).canonicalLines(as: format, options))
  }
}

extension [MetricFamily] {
  fileprivate func canonicalLines(as format: ExpositionFormat, _ options: Exposition.Options) -> [String] {
    let families = map { $0.inOrder(keepingCreated: options.includesCreated) }.sorted { $0.name < $1.name }
    let text = String(decoding: Exposition.write(families, as: format, options: options), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }
}

extension MetricFamily {
  /// Labels by name and metrics by labels. An info's labels are those of its metric, as a parser has them.
  fileprivate func inOrder(keepingCreated: Bool) -> MetricFamily {
    let ordered = metrics.map { metric in
      if case .info(let information)? = metric.points.first?.value {
        return Metric(labels: metric.labels.appending(information).inOrder, .info(.empty))
      }
      let points = metric.points.map {
        MetricPoint(keepingCreated ? $0.value : $0.value.withoutCreated, timestamp: $0.timestamp)
      }
      return Metric(labels: metric.labels.inOrder, points: points)
    }
    let sorted = ordered.sorted { left, right in
      left.labels.flatMap { [$0.name, $0.value] }.lexicographicallyPrecedes(
        right.labels.flatMap { [$0.name, $0.value] })
    }
    return MetricFamily(
      name: name, type: type, help: help, unit: unit, metrics: sorted, hasBareTotal: hasBareTotal)
  }
}

extension MetricPointValue {
  fileprivate var withoutCreated: MetricPointValue {
    switch self {
    case .counter(let point): .counter(CounterPoint(total: point.total, exemplars: point.exemplars))
    case .histogram(let point): .histogram(point.withoutCreated)
    case .gaugeHistogram(let point): .gaugeHistogram(point.withoutCreated)
    case .summary(let point):
      .summary(SummaryPoint(count: point.count, sum: point.sum, quantiles: point.quantiles))
    case .gauge, .info, .stateSet, .unknown: self
    }
  }
}

extension HistogramPoint {
  fileprivate var withoutCreated: HistogramPoint {
    HistogramPoint(buckets: buckets, native: native, count: count, sum: sum, exemplars: exemplars)
  }
}

extension LabelSet {
  fileprivate var inOrder: LabelSet { LabelSet(sorted { $0.name < $1.name }) }
}
