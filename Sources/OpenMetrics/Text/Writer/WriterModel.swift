extension MetricPointValue {
  /// The distribution of a histogram of either kind.
  var histogram: HistogramPoint? {
    switch self {
    case .histogram(let point), .gaugeHistogram(let point): point
    default: nil
    }
  }
}

extension HistogramPoint {
  /// What a format without native buckets shows of a histogram that has no others: that everything was at most infinite.
  var classicBuckets: [HistogramBucket] {
    buckets.isEmpty ? [HistogramBucket(upperBound: .infinity, cumulativeCount: count)] : buckets
  }

  /// Whether OpenMetrics 1.0 can show it: counts are integers there.
  var countsAreWhole: Bool {
    count.count != nil && buckets.allSatisfy { $0.cumulativeCount.count != nil }
  }

  /// Those of the classic buckets, or, where they have none, those of the whole: an instrument with both keeps each
  /// exemplar twice (OpenMetrics 2.0, "Exemplars and Start Timestamp").
  var shownExemplars: [Exemplar] {
    let ofBuckets = buckets.compactMap(\.exemplar)
    return ofBuckets.isEmpty ? exemplars : ofBuckets
  }
}

extension HistogramPoint {
  /// The native buckets, where OpenMetrics 2.0 can show them: they make up the count, and end with that of infinity.
  var nativeOfOpenMetrics2: NativeHistogram? {
    guard let native, MetricPointValue.brokenRule(native, self) == nil, native.negative.compactSpans != nil,
      native.positive.compactSpans != nil
    else { return nil }
    return native
  }
}

extension NativeBuckets {
  /// The spans without those of no length, whose gaps are added to the next; `nil` where a gap becomes too wide for one.
  var compactSpans: [Span]? {
    guard spans.contains(where: { $0.length == 0 }) else { return spans }
    var result: [Span] = []
    var gap: Int64 = 0
    for span in spans {
      gap += Int64(span.offset)
      guard span.length > 0 else { continue }
      guard let offset = Int32(exactly: gap) else { return nil }
      result.append(Span(offset: offset, length: span.length))
      gap = 0
    }
    return result
  }
}

extension SummaryPoint {
  /// As readers of most formats ask for them, and all others take them.
  var ascendingQuantiles: [Quantile] {
    let isAscending = zip(quantiles, quantiles.dropFirst()).allSatisfy { $0.quantile < $1.quantile }
    return isAscending ? quantiles : quantiles.sorted { $0.quantile < $1.quantile }
  }
}

extension MetricValue {
  /// As an integer, where it is one.
  var asWhole: MetricValue { count.map { .integer($0) } ?? self }
}

extension TextBuffer {
  /// TYPE, UNIT and HELP, in the order that OpenMetrics asks for. A unit that the format could not read is left out.
  ///
  /// - Parameter unitIsSuffix: whether the name must end in the unit, as in OpenMetrics 1.0.
  mutating func writeMetadata(_ family: MetricFamily, as shownName: String, unitIsSuffix: Bool) {
    let name = SampleName.metadata(shownName)
    append("# TYPE " as StaticString)
    append(name)
    append(" ")
    append(family.type.rawValue)
    let isReadable = family.unit.utf8.allSatisfy(NameGrammar.isMetricContinuation)
    if !family.unit.isEmpty, isReadable, !unitIsSuffix || shownName.endsExactly(in: "_" + family.unit) {
      append("\n# UNIT " as StaticString)
      append(name)
      append(" ")
      append(family.unit)
    }
    if !family.help.isEmpty {
      append("\n# HELP " as StaticString)
      append(name)
      append(" ")
      appendEscaped(family.help)
    }
    append("\n")
  }
}
