/// Writes the Prometheus text format 0.0.4.
///
/// What the format does not know is shown as it does in all client libraries: info and state sets as gauges, a gauge
/// histogram as a histogram with two gauges beside it, unknown as untyped. Exemplars, units and creation times are
/// left out, and of several points the last one counts, because a series may appear only once.
struct PrometheusTextWriter {
  private var buffer = TextBuffer()

  mutating func write(_ families: [MetricFamily]) -> [UInt8] {
    for family in families { write(family) }
    return buffer.bytes
  }

  private mutating func write(_ family: MetricFamily) {
    switch family.type {
    case .counter: writeHeader(family, "_total", "counter")
    case .gauge, .stateset: writeHeader(family, "", "gauge")
    case .info: writeHeader(family, "_info", "gauge")
    case .unknown: writeHeader(family, "", "untyped")
    case .histogram, .gaugehistogram: writeHeader(family, "", "histogram")
    case .summary: writeHeader(family, "", "summary")
    }
    for metric in family.metrics {
      if let point = metric.points.last { write(family.name, metric.labels, point) }
    }
    if family.type == .gaugehistogram { writeGaugeHistogramTotals(family) }
  }

  private mutating func writeHeader(_ family: MetricFamily, _ suffix: String, _ type: String) {
    // Readers take leading blanks for part of the separator.
    let help = family.help.drop { $0 == " " || $0 == "\t" }
    if !help.isEmpty {
      buffer.append("# HELP \(family.name)\(suffix) ")
      buffer.appendEscaped(help, quotes: false)
      buffer.append("\n")
    }
    buffer.append("# TYPE \(family.name)\(suffix) \(type)\n")
  }

  private mutating func write(_ name: String, _ labels: LabelSet, _ point: MetricPoint) {
    let time = point.timestamp
    switch point.value {
    case .gauge(let value), .unknown(let value): write(name, labels, value, time)
    case .counter(let point): write(name + "_total", labels, point.total, time)
    case .info(let information): write(name + "_info", labels.appending(information), 1, time)
    case .stateSet(let states):
      for state in states {
        write(name, labels, extra: Label(name, state.name), state.isEnabled ? 1 : 0, time)
      }
    case .histogram(let point):
      writeBuckets(name, labels, point, time)
      if let sum = point.sum {
        write(name + "_sum", labels, sum, time)
        write(name + "_count", labels, point.count, time)
      }
    case .gaugeHistogram(let point): writeBuckets(name, labels, point, time)
    case .summary(let point):
      for quantile in point.quantiles {
        let label = Label("quantile", TextBuffer.canonical(quantile.quantile, marksFloat: false))
        write(name, labels, extra: label, quantile.value, time)
      }
      if let sum = point.sum { write(name + "_sum", labels, sum, time) }
      if let count = point.count { write(name + "_count", labels, count, time) }
    }
  }

  private mutating func writeBuckets(
    _ name: String, _ labels: LabelSet, _ point: HistogramPoint, _ time: MetricTimestamp?
  ) {
    for bucket in point.buckets {
      let threshold = Label("le", TextBuffer.canonical(bucket.upperBound, marksFloat: false))
      write(name + "_bucket", labels, extra: threshold, bucket.cumulativeCount, time)
    }
  }

  /// They may fall, so they must not be the histogram's own count and sum.
  private mutating func writeGaugeHistogramTotals(_ family: MetricFamily) {
    var points: [(LabelSet, HistogramPoint, MetricValue, MetricTimestamp?)] = []
    for metric in family.metrics {
      if let last = metric.points.last, case .gaugeHistogram(let point) = last.value, let sum = point.sum {
        points.append((metric.labels, point, sum, last.timestamp))
      }
    }
    guard !points.isEmpty else { return }
    writeHeader(family, "_gcount", "gauge")
    for (labels, point, _, time) in points {
      write(family.name + "_gcount", labels, point.count, time)
    }
    writeHeader(family, "_gsum", "gauge")
    for (labels, _, sum, time) in points { write(family.name + "_gsum", labels, sum, time) }
  }

  private mutating func write(
    _ name: String, _ labels: LabelSet, extra: Label? = nil, _ value: MetricValue, _ time: MetricTimestamp?
  ) {
    buffer.append(name)
    buffer.append(labels, and: extra)
    buffer.append(" ")
    buffer.append(value, marksFloat: false)
    if let time {
      buffer.append(" ")
      buffer.append(time.millisecondsSinceEpoch.description)
    }
    buffer.append("\n")
  }
}
