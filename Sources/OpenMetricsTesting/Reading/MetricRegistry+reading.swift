import OpenMetrics

/// Reading of what a registry shows, as a scrape at this moment would see it.
extension MetricRegistry {
  /// The value of the sample with this name and exactly these labels, or `nil` when there is none.
  ///
  /// - Parameters:
  ///   - name: a sample's name in OpenMetrics 1.0 text, such as `http_requests_total`, `latency_seconds_count` or
  ///     `build_info`.
  ///   - labels: all of the sample's labels, in any order.
  public func value(of name: String, labels: LabelSet = .empty) -> Double? {
    let wanted = labels.comparable
    return readings(of: name).first { $0.labels.comparable == wanted }?.value
  }

  /// All samples with this name.
  public func readings(of name: String) -> [SampleReading] {
    snapshot(names: [name]).flatMap(\.sampleReadings).filter { $0.name == name }
  }

  /// The distribution under this family name and exactly these labels, of a histogram or a gauge histogram.
  public func histogram(named name: String, labels: LabelSet = .empty) -> HistogramPoint? {
    switch point(name, labels) {
    case .histogram(let point), .gaugeHistogram(let point): point
    default: nil
    }
  }

  /// The summary under this family name and exactly these labels.
  public func summary(named name: String, labels: LabelSet = .empty) -> SummaryPoint? {
    if case .summary(let point) = point(name, labels) { point } else { nil }
  }

  /// How much a sample grew while `body` ran; a sample that was not there counts as zero.
  public func change<Failure: Error>(
    of name: String, labels: LabelSet = .empty, during body: () throws(Failure) -> Void
  ) throws(Failure) -> Double {
    let before = value(of: name, labels: labels) ?? 0
    try body()
    return (value(of: name, labels: labels) ?? 0) - before
  }

  /// How much a sample grew while `body` ran, on the caller's own executor.
  public nonisolated(nonsending) func change<Failure: Error>(
    of name: String, labels: LabelSet = .empty,
    during body: nonisolated(nonsending) () async throws(Failure) -> Void
  ) async throws(Failure) -> Double {
    let before = value(of: name, labels: labels) ?? 0
    try await body()
    return (value(of: name, labels: labels) ?? 0) - before
  }

  private func point(_ name: String, _ labels: LabelSet) -> MetricPointValue? {
    let wanted = labels.comparable
    return snapshot(names: [name]).first { $0.name == name }?
      .metrics.first { $0.labels.comparable == wanted }?
      .points.last?.value
  }
}

extension HistogramPoint {
  /// How many observations were at most `bound`; `nil` when no classic bucket ends there.
  public func cumulativeCount(atMost bound: Double) -> Double? {
    buckets.first { $0.upperBound == bound }?.cumulativeCount.doubleValue
  }
}
