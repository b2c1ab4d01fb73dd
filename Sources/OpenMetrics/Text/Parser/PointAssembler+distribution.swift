/// Distributions that are put together from samples.
extension PointAssembler {
  func summary(_ family: String, _ lexer: inout LineLexer) throws(ParseError) -> SummaryPoint {
    var quantiles = quantiles
    let isAscending = zip(quantiles, quantiles.dropFirst()).allSatisfy { $0.quantile < $1.quantile }
    if !isAscending {
      let sorted = quantiles.sorted { $0.quantile < $1.quantile }
      let hasDuplicates = zip(sorted, sorted.dropFirst()).contains { $0.quantile == $1.quantile }
      if hasDuplicates {
        try lexer.overlook(
          .repeatedSample, ParseError(.duplicateSample, line: line, "a quantile of \(family)"))
        quantiles = sorted.enumerated().filter { index, quantile in
          index == 0 || sorted[index - 1].quantile != quantile.quantile
        }.map(\.element)
      } else if dialect.ordersQuantiles {
        try lexer.overlook(.notAscending, ParseError(.quantilesNotAscending, line: line, family))
        quantiles = sorted
      }
    }
    return SummaryPoint(count: count, sum: sum, quantiles: quantiles, created: created)
  }

  func histogram(_ family: String, _ lexer: inout LineLexer) throws(ParseError) -> HistogramPoint {
    var buckets = self.buckets
    if dialect.isLenient { try mend(&buckets, family, &lexer) }
    guard let last = buckets.last else { throw ParseError(.rule(.noBuckets), line: line, family) }
    if let count, last.upperBound == .infinity, !MetricValue.isSame(count, last.cumulativeCount) {
      try lexer.overlook(.countMismatch, ParseError(.rule(.countMismatch), line: line, family))
    }
    // "If and only if a Sum Value is present" there is a count; 0.0.4 asks for both, but has none for gauges.
    if (count == nil) != (sum == nil) {
      let error = ParseError(.incompletePoint, line: line, "\(family) has only one of sum and count")
      try lexer.overlook(.incompletePoint, error)
    }
    return HistogramPoint(buckets: buckets, sum: sum, created: created)
  }

  /// Puts buckets in order, adds that of infinity, and takes exemplars out that are in the wrong one.
  private func mend(
    _ buckets: inout [HistogramBucket], _ family: String, _ lexer: inout LineLexer
  ) throws(ParseError) {
    if !zip(buckets, buckets.dropFirst()).allSatisfy({ $0.upperBound < $1.upperBound }) {
      try lexer.overlook(
        .notAscending, ParseError(.rule(.bucketsNotAscending), line: line, family))
      var sorted: [HistogramBucket] = []
      for bucket in buckets.sorted(by: { $0.upperBound < $1.upperBound })
      where sorted.last?.upperBound != bucket.upperBound { sorted.append(bucket) }
      buckets = sorted
    }
    if buckets.last?.upperBound != .infinity, let count = count ?? buckets.last?.cumulativeCount {
      try lexer.overlook(
        .missingInfinityBucket, ParseError(.rule(.infinityBucketMissing), line: line, family))
      buckets.append(HistogramBucket(upperBound: .infinity, cumulativeCount: count))
    }
    for (position, bucket) in buckets.enumerated() {
      guard let exemplar = bucket.exemplar, !(exemplar.value <= bucket.upperBound) else { continue }
      try lexer.overlook(
        .valueRange, ParseError(.rule(.exemplarOutsideBucket), line: line, family))
      buckets[position] = HistogramBucket(
        upperBound: bucket.upperBound, cumulativeCount: bucket.cumulativeCount)
    }
  }
}
