/// Writes the Prometheus text formats 0.0.4 and 1.0.0, which differ only in the names that their readers know.
///
/// What the format does not know is shown as it does in all client libraries: info and state sets as gauges, a gauge
/// histogram as a histogram with two gauges beside it, unknown as untyped, a native histogram as its count and sum.
/// Exemplars, units and creation times are left out, and of several points the last one counts, because a series may
/// appear only once.
struct PrometheusTextWriter: ~Copyable {
  private let escaping: EscapingScheme
  private var buffer = TextBuffer()
  private var labels: LabelWriter

  init(options: Exposition.Options) {
    escaping = options.escaping
    labels = LabelWriter(options.escaping, marksFloat: false)
  }

  mutating func write(_ families: [MetricFamily]) -> [UInt8] {
    buffer.reserve(ExpositionSize.estimate(families))
    for family in families { write(family) }
    return buffer.take()
  }

  private mutating func write(_ family: MetricFamily) {
    let names = FamilyNames(suffixed: family, escaping)
    writeHeader(names.family, family.help, Self.type(of: family.type))
    switch family.type {
    case .histogram: writeHistograms(family, names)
    case .gaugehistogram:
      writeHistograms(family, names, hasTotals: false)
      writeGaugeHistogramTotals(family, names)
    case .summary: writeSummaries(family, names)
    default:
      let name = names.sample()
      switch family.metrics.storage {
      case .counters(let columns), .gauges(let columns): return write(columns, name)
      case .rows: break
      }
      for metric in family.metrics {
        if let point = metric.points.last { write(name, names, metric.labels, point) }
      }
    }
  }

  private mutating func write(_ columns: ScalarColumns, _ name: SampleName) {
    columns.labels.withUnsafeBufferPointer { labels in
      columns.values.withUnsafeBufferPointer { values in
        for position in values.indices {
          LabelWriter.prefetch(labels, after: position)
          if self.labels.writeLine(labels[position], values[position], after: name, to: &buffer) { continue }
          write(name, labels[position], values[position], nil)
        }
      }
    }
  }

  private static func type(of type: MetricType) -> StaticString {
    switch type {
    case .counter: "counter"
    case .gauge, .stateset, .info: "gauge"
    case .unknown: "untyped"
    case .histogram, .gaugehistogram: "histogram"
    case .summary: "summary"
    }
  }

  private mutating func writeHeader(_ name: String, _ help: String, _ type: StaticString) {
    let shown = SampleName.metadata(name)
    // Readers take leading blanks for part of the separator.
    let help = help.unicodeScalars.drop { $0 == " " || $0 == "\t" }
    if !help.isEmpty {
      buffer.append("# HELP " as StaticString)
      buffer.append(shown)
      buffer.append(" ")
      buffer.appendEscaped(String(help), quotes: false)
      buffer.append("\n")
    }
    buffer.append("# TYPE " as StaticString)
    buffer.append(shown)
    buffer.append(" ")
    buffer.append(type)
    buffer.append("\n")
  }

  @inline(__always)
  private mutating func write(
    _ name: SampleName, _ names: FamilyNames, _ labels: LabelSet, _ point: MetricPoint
  ) {
    switch point.value {
    case .counter(let counter): write(name, labels, counter.total, point.timestamp)
    case .gauge(let value), .unknown(let value): write(name, labels, value, point.timestamp)
    case .info(let information): write(name, labels.appending(information), 1, point.timestamp)
    case .stateSet(let states):
      for state in states {
        let label = LabelWriter.Extra.state(label: names.stateLabel, state.name)
        write(name, labels, state.isEnabled ? 1 : 0, point.timestamp, extra: label)
      }
    case .histogram, .gaugeHistogram, .summary: break
    }
  }

  private mutating func writeHistograms(
    _ family: MetricFamily, _ names: FamilyNames, hasTotals: Bool = true
  ) {
    let bucketName = names.sample("_bucket")
    let sumName = names.sample("_sum")
    let countName = names.sample("_count")
    for metric in family.metrics {
      guard let point = metric.points.last, let histogram = point.value.histogram else { continue }
      for (position, bucket) in histogram.classicBuckets.enumerated() {
        write(
          bucketName, metric.labels, bucket.cumulativeCount, point.timestamp,
          extra: .threshold(bucket.upperBound, position: position))
      }
      if hasTotals, let sum = histogram.sum {
        write(sumName, metric.labels, sum, point.timestamp)
        write(countName, metric.labels, histogram.count, point.timestamp)
      }
    }
  }

  private mutating func writeSummaries(_ family: MetricFamily, _ names: FamilyNames) {
    let name = names.sample()
    let sumName = names.sample("_sum")
    let countName = names.sample("_count")
    for metric in family.metrics {
      guard let point = metric.points.last, case .summary(let summary) = point.value else { continue }
      for quantile in summary.ascendingQuantiles {
        write(name, metric.labels, quantile.value, point.timestamp, extra: .quantile(quantile.quantile))
      }
      if let sum = summary.sum { write(sumName, metric.labels, sum, point.timestamp) }
      if let count = summary.count { write(countName, metric.labels, count, point.timestamp) }
    }
  }

  /// They may fall, so they must not be the histogram's own count and sum.
  private mutating func writeGaugeHistogramTotals(_ family: MetricFamily, _ names: FamilyNames) {
    let points = family.metrics.compactMap {
      metric -> (LabelSet, HistogramPoint, MetricValue, MetricTimestamp?)? in
      guard let last = metric.points.last, let histogram = last.value.histogram, let sum = histogram.sum
      else { return nil }
      return (metric.labels, histogram, sum, last.timestamp)
    }
    guard !points.isEmpty else { return }
    writeHeader(names.family + "_gcount", family.help, "gauge")
    let count = names.sample("_gcount")
    for (labels, histogram, _, time) in points { write(count, labels, histogram.count, time) }
    writeHeader(names.family + "_gsum", family.help, "gauge")
    let total = names.sample("_gsum")
    for (labels, _, sum, time) in points { write(total, labels, sum, time) }
  }

  @inline(__always)
  private mutating func write(
    _ name: SampleName, _ labels: LabelSet, _ value: MetricValue, _ time: MetricTimestamp?,
    extra: LabelWriter.Extra? = nil
  ) {
    // Prometheus refuses a whole scrape for a time before 1970.
    if let time, time.millisecondsSinceEpoch < 0 { return }
    buffer.append(name.opening)
    self.labels.write(labels, extra, after: name, to: &buffer)
    buffer.append(" ")
    buffer.append(value, marksFloat: false)
    if let time {
      buffer.append(" ")
      buffer.append(time.millisecondsSinceEpoch)
    }
    buffer.append("\n")
  }
}
