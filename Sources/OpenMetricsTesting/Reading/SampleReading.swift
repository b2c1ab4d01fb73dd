import OpenMetrics

/// One line of an exposition as a test thinks of it: a sample's name, its labels and its number.
public struct SampleReading: Sendable, Hashable, CustomStringConvertible {
  /// With its type's suffix: `http_requests_total`, `latency_seconds_bucket`.
  public let name: String
  /// With `le`, `quantile` or the state's label, where the type has one.
  public let labels: LabelSet
  public let value: Double

  public var description: String { "\(name)\(labels.isEmpty ? "" : labels.description) \(value)" }
}

extension MetricFamily {
  /// The samples that this family shows in text, by OpenMetrics 1.0's names; of several points the latest.
  public var sampleReadings: [SampleReading] {
    metrics.flatMap { metric -> [SampleReading] in
      guard let point = metric.points.last else { return [] }
      return readings(of: point.value, metric.labels)
    }
  }

  private func readings(of value: MetricPointValue, _ labels: LabelSet) -> [SampleReading] {
    switch value {
    case .counter(let point): [reading(hasBareTotal ? "" : "_total", labels, point.total)]
    case .gauge(let value), .unknown(let value): [reading("", labels, value)]
    case .histogram(let point): readings(of: point, labels, count: "_count", sum: "_sum")
    case .gaugeHistogram(let point): readings(of: point, labels, count: "_gcount", sum: "_gsum")
    case .summary(let point):
      point.quantiles.map {
        reading("", labels.appending(["quantile": $0.quantile.description]), $0.value)
      }
        + (point.count.map { [reading("_count", labels, $0)] } ?? [])
        + (point.sum.map { [reading("_sum", labels, $0)] } ?? [])
    case .info(let information): [reading("_info", labels.appending(information), 1)]
    case .stateSet(let states):
      states.map { reading("", labels.appending(LabelSet([Label(name, $0.name)])), $0.isEnabled ? 1 : 0) }
    }
  }

  private func readings(
    of point: HistogramPoint, _ labels: LabelSet, count: String, sum: String
  ) -> [SampleReading] {
    point.buckets.map {
      let bound = $0.upperBound == .infinity ? "+Inf" : $0.upperBound.description
      return reading("_bucket", labels.appending(["le": bound]), $0.cumulativeCount)
    }
      + [reading(count, labels, point.count)]
      + (point.sum.map { [reading(sum, labels, $0)] } ?? [])
  }

  private func reading(_ suffix: String, _ labels: LabelSet, _ value: MetricValue) -> SampleReading {
    SampleReading(name: name + suffix, labels: labels, value: value.doubleValue)
  }
}

extension LabelSet {
  /// What two sets must have in common to name the same sample: labels without a value do not count, and bounds are
  /// compared by number, so that `le="1"` is `le="1.0"`.
  var comparable: LabelSet {
    LabelSet(
      filter { !$0.value.isEmpty }.map { label in
        guard label.name == "le" || label.name == "quantile", let number = Double(label.value) else {
          return label
        }
        return Label(label.name, number.description)
      })
  }
}
