/// Writes OpenMetrics text 2.0, as of its release candidate 0.
///
/// A sample is called as its family is, distributions are one composite value each, and creation times are part of
/// the sample they belong to, so that they are always shown.
struct OpenMetrics2Writer: ~Copyable {
  private let escaping: EscapingScheme
  private var buffer = TextBuffer()
  private var labels: LabelWriter

  init(options: Exposition.Options) {
    escaping = options.escaping
    labels = LabelWriter(options.escaping, marksFloat: true)
  }

  mutating func write(_ families: [MetricFamily]) -> [UInt8] {
    buffer.reserve(ExpositionSize.estimate(families))
    for family in families { write(family) }
    buffer.append("# EOF\n" as StaticString)
    return buffer.take()
  }

  private mutating func write(_ family: MetricFamily) {
    let names = FamilyNames(suffixed: family, escaping)
    buffer.writeMetadata(family, as: names.family, unitIsSuffix: false)
    let name = names.sample()
    switch family.metrics.storage {
    case .counters(let columns), .gauges(let columns): return write(columns, name)
    case .rows: break
    }
    for metric in family.metrics {
      // Every state is a metric by itself, with its own points one after the other.
      if family.type == .stateset {
        writeStates(metric, name, names)
        continue
      }
      for point in metric.points { write(metric.labels, point, name) }
    }
  }

  private mutating func write(_ columns: ScalarColumns, _ name: SampleName) {
    columns.labels.withUnsafeBufferPointer { labels in
      columns.values.withUnsafeBufferPointer { values in
        for position in values.indices {
          LabelWriter.prefetch(labels, after: position)
          begin(name, labels[position])
          buffer.append(values[position], marksFloat: true)
          end(
            nil, created: columns.created.isEmpty ? nil : columns.created[position],
            columns.exemplars.isEmpty ? [] : columns.exemplars[position].map { [$0] } ?? [])
        }
      }
    }
  }

  private mutating func writeStates(_ metric: Metric, _ name: SampleName, _ names: FamilyNames) {
    var positions: [ExactText: Int] = [:]
    var series: [(name: String, points: [(isEnabled: Bool, timestamp: MetricTimestamp?)])] = []
    for point in metric.points {
      guard case .stateSet(let states) = point.value else { continue }
      for state in states {
        let position = positions[ExactText(state.name), default: series.count]
        if position == series.count {
          positions[ExactText(state.name)] = position
          series.append((state.name, []))
        }
        series[position].points.append((state.isEnabled, point.timestamp))
      }
    }
    for state in series {
      for point in state.points {
        begin(name, metric.labels, .state(label: names.stateLabel, state.name))
        buffer.append(byte: UInt8(ascii: point.isEnabled ? "1" : "0"))
        end(point.timestamp)
      }
    }
  }

  private mutating func write(_ labels: LabelSet, _ point: MetricPoint, _ name: SampleName) {
    switch point.value {
    case .gauge(let value), .unknown(let value):
      begin(name, labels)
      buffer.append(value, marksFloat: true)
      end(point.timestamp)
    case .counter(let counter):
      begin(name, labels)
      buffer.append(counter.total, marksFloat: true)
      end(point.timestamp, created: counter.created, counter.exemplars)
    case .info(let information):
      begin(name, labels.appending(information))
      buffer.append("1")
      end(point.timestamp)
    case .histogram(let histogram):
      begin(name, labels)
      write(histogram, count: "{count:", sum: ",sum:")
      end(point.timestamp, created: histogram.created, histogram.shownExemplars)
    case .gaugeHistogram(let histogram):
      begin(name, labels)
      write(histogram, count: "{gcount:", sum: ",gsum:")
      end(point.timestamp, histogram.shownExemplars)
    case .summary(let summary):
      // A count that is not whole has no place here, and there is no composite value without one.
      if let count = summary.count, count.count == nil { return }
      begin(name, labels)
      write(summary)
      end(point.timestamp, created: summary.created)
    case .stateSet: break
    }
  }

  /// A sum that is not known is not a number: the format has no composite value without one.
  private mutating func write(_ histogram: HistogramPoint, count: StaticString, sum: StaticString) {
    buffer.append(count)
    buffer.append(histogram.count, marksFloat: true)
    buffer.append(sum)
    buffer.append(histogram.sum ?? .double(.nan), marksFloat: true)
    let native = histogram.nativeOfOpenMetrics2
    if let native { write(native) }
    let buckets = native == nil ? histogram.classicBuckets : histogram.buckets
    if !buckets.isEmpty {
      buffer.append(",bucket:[" as StaticString)
      for (index, bucket) in buckets.enumerated() {
        if index > 0 { buffer.append(",") }
        buffer.append(bucket.upperBound, marksFloat: true)
        buffer.append(":")
        buffer.append(bucket.cumulativeCount, marksFloat: true)
      }
      buffer.append("]")
    }
    buffer.append("}")
  }

  private mutating func write(_ native: NativeHistogram) {
    buffer.append(",schema:" as StaticString)
    buffer.append(Int64(native.schema))
    buffer.append(",zero_threshold:" as StaticString)
    buffer.append(native.zeroThreshold, marksFloat: true)
    buffer.append(",zero_count:" as StaticString)
    buffer.append(native.zeroCount, marksFloat: true)
    write(native.negative, ",negative_spans:[", ",negative_buckets:[")
    write(native.positive, ",positive_spans:[", ",positive_buckets:[")
  }

  private mutating func write(_ buckets: NativeBuckets, _ spans: StaticString, _ counts: StaticString) {
    guard !buckets.counts.isEmpty else { return }
    buffer.append(spans)
    for (index, span) in (buckets.compactSpans ?? []).enumerated() {
      if index > 0 { buffer.append(",") }
      buffer.append(Int64(span.offset))
      buffer.append(":")
      buffer.append(UInt64(span.length))
    }
    buffer.append("]")
    buffer.append(counts)
    for (index, count) in buckets.counts.enumerated() {
      if index > 0 { buffer.append(",") }
      buffer.append(count, marksFloat: true)
    }
    buffer.append("]")
  }

  private mutating func write(_ summary: SummaryPoint) {
    buffer.append("{count:" as StaticString)
    buffer.append(summary.count?.asWhole ?? 0, marksFloat: true)
    buffer.append(",sum:" as StaticString)
    // Counter semantics: neither negative nor undefined.
    buffer.append(summary.sum.flatMap { $0.isCount ? $0 : nil } ?? 0, marksFloat: true)
    buffer.append(",quantile:[" as StaticString)
    var isFirst = true
    for quantile in summary.ascendingQuantiles where !(quantile.value.doubleValue < 0) {
      if !isFirst { buffer.append(",") }
      isFirst = false
      buffer.append(quantile.quantile, marksFloat: true)
      buffer.append(":")
      buffer.append(quantile.value, marksFloat: true)
    }
    buffer.append("]}" as StaticString)
  }

  @inline(__always)
  private mutating func begin(_ name: SampleName, _ labels: LabelSet, _ extra: LabelWriter.Extra? = nil) {
    buffer.append(name.opening)
    self.labels.write(labels, extra, after: name, to: &buffer)
    buffer.append(" ")
  }

  @inline(__always)
  private mutating func end(
    _ timestamp: MetricTimestamp?, created: MetricTimestamp? = nil, _ exemplars: [Exemplar] = []
  ) {
    if let timestamp {
      buffer.append(" ")
      buffer.append(timestamp)
    }
    if let created {
      buffer.append(" st@" as StaticString)
      buffer.append(created)
    }
    for exemplar in exemplars {
      // An exemplar without a time is not OpenMetrics 2.0.
      guard let timestamp = exemplar.timestamp, exemplar.isShown(in: .openMetrics2, escaping) else {
        continue
      }
      buffer.append(" # " as StaticString)
      labels.writeExemplar(exemplar.labels, to: &buffer)
      buffer.append(" ")
      buffer.append(exemplar.value, marksFloat: true)
      buffer.append(" ")
      buffer.append(timestamp)
    }
    buffer.append("\n")
  }
}
