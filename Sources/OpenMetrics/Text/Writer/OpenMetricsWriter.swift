/// Writes OpenMetrics text 1.0.
struct OpenMetricsWriter: ~Copyable {
  private let options: Exposition.Options
  private var buffer = TextBuffer()
  private var labels: LabelWriter

  init(options: Exposition.Options) {
    self.options = options
    labels = LabelWriter(options.escaping, marksFloat: true)
  }

  mutating func write(_ families: [MetricFamily]) -> [UInt8] {
    buffer.reserve(ExpositionSize.estimate(families))
    for family in families { write(family) }
    buffer.append("# EOF\n" as StaticString)
    return buffer.take()
  }

  private mutating func write(_ family: MetricFamily) {
    let names = FamilyNames(suffixless: family, options.escaping)
    buffer.writeMetadata(family, as: names.family, unitIsSuffix: true)
    switch family.type {
    case .counter: writeCounters(family, names)
    case .gauge, .unknown: writeNumbers(family, names)
    case .info: writeInfos(family, names)
    case .stateset: writeStates(family, names)
    case .histogram: writeHistograms(family, names, count: "_count", sum: "_sum")
    case .gaugehistogram: writeHistograms(family, names, count: "_gcount", sum: "_gsum")
    case .summary: writeSummaries(family, names)
    }
  }

  private mutating func writeCounters(_ family: MetricFamily, _ names: FamilyNames) {
    let total = names.sample("_total")
    let created = names.sample("_created")
    if case .counters(let columns) = family.metrics.storage {
      write(columns, total, created)
      return
    }
    for metric in family.metrics {
      for point in metric.points {
        guard case .counter(let value) = point.value else { continue }
        write(total, metric.labels, value.total, point.timestamp, exemplar: value.exemplars.last)
        writeCreated(created, metric.labels, value.created, point.timestamp)
      }
    }
  }

  private mutating func write(_ columns: ScalarColumns, _ name: SampleName, _ created: SampleName?) {
    let isPlain = columns.exemplars.isEmpty && !(options.includesCreated && created != nil)
    columns.labels.withUnsafeBufferPointer { labels in
      columns.values.withUnsafeBufferPointer { values in
        for position in values.indices {
          LabelWriter.prefetch(labels, after: position)
          if isPlain, self.labels.writeLine(labels[position], values[position], after: name, to: &buffer) {
            continue
          }
          begin(name, labels[position], nil)
          buffer.append(values[position], marksFloat: true)
          if columns.exemplars.isEmpty {
            buffer.append("\n")
          } else {
            end(nil, columns.exemplars[position])
          }
          if options.includesCreated, let created, !columns.created.isEmpty {
            writeCreated(created, labels[position], columns.created[position], nil)
          }
        }
      }
    }
  }

  private mutating func writeNumbers(_ family: MetricFamily, _ names: FamilyNames) {
    let name = names.sample()
    if case .gauges(let columns) = family.metrics.storage {
      write(columns, name, nil)
      return
    }
    for metric in family.metrics {
      for point in metric.points {
        switch point.value {
        case .gauge(let value), .unknown(let value): write(name, metric.labels, value, point.timestamp)
        default: continue
        }
      }
    }
  }

  private mutating func writeInfos(_ family: MetricFamily, _ names: FamilyNames) {
    let name = names.sample("_info")
    for metric in family.metrics {
      for point in metric.points {
        guard case .info(let information) = point.value else { continue }
        write(name, metric.labels.appending(information), 1, point.timestamp)
      }
    }
  }

  private mutating func writeStates(_ family: MetricFamily, _ names: FamilyNames) {
    let name = names.sample()
    for metric in family.metrics {
      for point in metric.points {
        guard case .stateSet(let states) = point.value else { continue }
        for state in states {
          write(
            name, metric.labels, state.isEnabled ? 1 : 0, point.timestamp,
            extra: .state(label: names.stateLabel, state.name))
        }
      }
    }
  }

  private mutating func writeHistograms(
    _ family: MetricFamily, _ names: FamilyNames, count: String, sum: String
  ) {
    let bucketName = names.sample("_bucket")
    let countName = names.sample(count)
    let sumName = names.sample(sum)
    let createdName = names.sample("_created")
    for metric in family.metrics {
      for point in metric.points {
        guard let histogram = point.value.histogram, histogram.countsAreWhole else { continue }
        for (position, bucket) in histogram.classicBuckets.enumerated() {
          write(
            bucketName, metric.labels, bucket.cumulativeCount.asWhole, point.timestamp,
            extra: .threshold(bucket.upperBound, position: position), exemplar: bucket.exemplar)
        }
        // The count appears if and only if the sum does (OpenMetrics 1.0, "Histogram").
        if let value = histogram.sum, point.value.brokenOpenMetricsRule() == nil {
          write(countName, metric.labels, histogram.count.asWhole, point.timestamp)
          write(sumName, metric.labels, value, point.timestamp)
        }
        if family.type == .histogram {
          writeCreated(createdName, metric.labels, histogram.created, point.timestamp)
        }
      }
    }
  }

  private mutating func writeSummaries(_ family: MetricFamily, _ names: FamilyNames) {
    let name = names.sample()
    let countName = names.sample("_count")
    let sumName = names.sample("_sum")
    let createdName = names.sample("_created")
    for metric in family.metrics {
      for point in metric.points {
        guard case .summary(let summary) = point.value else { continue }
        for quantile in summary.ascendingQuantiles where !(quantile.value.doubleValue < 0) {
          write(name, metric.labels, quantile.value, point.timestamp, extra: .quantile(quantile.quantile))
        }
        if let count = summary.count?.asWhole, count.count != nil {
          write(countName, metric.labels, count, point.timestamp)
        }
        // A negative or undefined sum is not a counter, and so not OpenMetrics.
        if let sum = summary.sum, sum.doubleValue >= 0 {
          write(sumName, metric.labels, sum, point.timestamp)
        }
        writeCreated(createdName, metric.labels, summary.created, point.timestamp)
      }
    }
  }

  private mutating func writeCreated(
    _ name: SampleName, _ labels: LabelSet, _ created: MetricTimestamp?, _ timestamp: MetricTimestamp?
  ) {
    guard options.includesCreated, let created else { return }
    begin(name, labels, nil)
    buffer.append(created)
    end(timestamp, nil)
  }

  @inline(__always)
  private mutating func write(
    _ name: SampleName, _ labels: LabelSet, _ value: MetricValue, _ timestamp: MetricTimestamp?,
    extra: LabelWriter.Extra? = nil, exemplar: Exemplar? = nil
  ) {
    begin(name, labels, extra)
    buffer.append(value, marksFloat: true)
    end(timestamp, exemplar)
  }

  @inline(__always)
  private mutating func begin(_ name: SampleName, _ labels: LabelSet, _ extra: LabelWriter.Extra?) {
    buffer.append(name.opening)
    self.labels.write(labels, extra, after: name, to: &buffer)
    buffer.append(" ")
  }

  @inline(__always)
  private mutating func end(_ timestamp: MetricTimestamp?, _ exemplar: Exemplar?) {
    if let timestamp {
      buffer.append(" ")
      buffer.append(timestamp)
    }
    if let exemplar, exemplar.isShown(in: .openMetrics1, options.escaping) {
      buffer.append(" # " as StaticString)
      labels.writeExemplar(exemplar.labels, to: &buffer)
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
