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

extension NativeBuckets {
  /// The spans without those of no length, whose gaps are added to the next.
  var compactSpans: [Span] {
    guard spans.contains(where: { $0.length == 0 }) else { return spans }
    var result: [Span] = []
    var gap: Int64 = 0
    for span in spans {
      gap += Int64(span.offset)
      guard span.length > 0 else { continue }
      result.append(Span(offset: Int32(truncatingIfNeeded: gap), length: span.length))
      gap = 0
    }
    return result
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
    if !family.unit.isEmpty, isReadable, !unitIsSuffix || shownName.hasSuffix("_" + family.unit) {
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
