/// Writes OpenMetrics text 1.0.
struct OpenMetricsWriter {
  private let options: Exposition.Options
  private var buffer = TextBuffer()

  init(options: Exposition.Options) { self.options = options }

  mutating func write(_ families: [MetricFamily]) -> [UInt8] {
    for family in families { write(family) }
    buffer.append("# EOF\n" as StaticString)
    return buffer.bytes
  }

  private mutating func write(_ family: MetricFamily) {
    buffer.append("# TYPE \(family.name) \(family.type.rawValue)\n")
    if !family.unit.isEmpty { buffer.append("# UNIT \(family.name) \(family.unit)\n") }
    if !family.help.isEmpty {
      buffer.append("# HELP \(family.name) ")
      buffer.appendEscaped(family.help, quotes: true)
      buffer.append("\n")
    }
    for metric in family.metrics {
      for point in metric.points {
        var sample = SampleContext(name: family.name, labels: metric.labels, timestamp: point.timestamp)
        write(point.value, &sample)
      }
    }
  }

  /// What all samples of one point have in common.
  private struct SampleContext {
    let name: String
    var labels: LabelSet
    let timestamp: MetricTimestamp?
  }

  private mutating func write(_ value: MetricPointValue, _ sample: inout SampleContext) {
    switch value {
    case .gauge(let value), .unknown(let value): write(sample, "", value)
    case .counter(let point):
      write(sample, "_total", point.total, exemplar: point.exemplar)
      writeCreated(sample, point.created)
    case .histogram(let point):
      writeBuckets(sample, point)
      if value.brokenOpenMetricsRule() == nil { writeSum(sample, point, count: "_count", sum: "_sum") }
      writeCreated(sample, point.created)
    case .gaugeHistogram(let point):
      writeBuckets(sample, point)
      if value.brokenOpenMetricsRule() == nil { writeSum(sample, point, count: "_gcount", sum: "_gsum") }
    case .summary(let point): write(sample, point)
    case .info(let information):
      sample.labels = sample.labels.appending(information)
      write(sample, "_info", 1)
    case .stateSet(let states):
      for state in states {
        write(sample, "", state.isEnabled ? 1 : 0, extra: Label(sample.name, state.name))
      }
    }
  }

  private mutating func writeBuckets(_ sample: SampleContext, _ point: HistogramPoint) {
    for bucket in point.buckets {
      let threshold = Label("le", TextBuffer.canonical(bucket.upperBound, marksFloat: true))
      write(
        sample, "_bucket", bucket.cumulativeCount, extra: threshold, exemplar: bucket.exemplar)
    }
  }

  /// The count appears if and only if the sum does (OpenMetrics 1.0, "Histogram").
  private mutating func writeSum(
    _ sample: SampleContext, _ point: HistogramPoint, count: String, sum: String
  ) {
    guard let value = point.sum else { return }
    write(sample, count, point.count)
    write(sample, sum, value)
  }

  private mutating func write(_ sample: SampleContext, _ point: SummaryPoint) {
    for quantile in point.quantiles where !(quantile.value.doubleValue < 0) {
      let label = Label("quantile", TextBuffer.canonical(quantile.quantile, marksFloat: true))
      write(sample, "", quantile.value, extra: label)
    }
    if let count = point.count { write(sample, "_count", count) }
    // A negative or undefined sum is not a counter, and so not OpenMetrics.
    if let sum = point.sum, sum.doubleValue >= 0 { write(sample, "_sum", sum) }
    writeCreated(sample, point.created)
  }

  private mutating func writeCreated(_ sample: SampleContext, _ created: MetricTimestamp?) {
    guard options.includesCreated, let created else { return }
    begin(sample, "_created", extra: nil)
    buffer.append(created)
    end(sample, exemplar: nil)
  }

  private mutating func write(
    _ sample: SampleContext, _ suffix: String, _ value: MetricValue, extra: Label? = nil,
    exemplar: Exemplar? = nil
  ) {
    begin(sample, suffix, extra: extra)
    buffer.append(value, marksFloat: true)
    end(sample, exemplar: exemplar)
  }

  private mutating func begin(_ sample: SampleContext, _ suffix: String, extra: Label?) {
    buffer.append(sample.name)
    buffer.append(suffix)
    buffer.append(sample.labels, and: extra)
    buffer.append(" ")
  }

  private mutating func end(_ sample: SampleContext, exemplar: Exemplar?) {
    if let timestamp = sample.timestamp {
      buffer.append(" ")
      buffer.append(timestamp)
    }
    if let exemplar {
      buffer.append(" # " as StaticString)
      buffer.append(exemplar.labels, alwaysBraces: true)
      buffer.append(" ")
      buffer.append(exemplar.value, marksFloat: true)
      if let timestamp = exemplar.timestamp {
        buffer.append(" ")
        buffer.append(timestamp)
      }
    }
    buffer.append("\n")
  }
}
