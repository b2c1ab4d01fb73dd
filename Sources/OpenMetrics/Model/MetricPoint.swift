/// One value of a metric, at a time or, as is usual, without one.
public struct MetricPoint: Sendable, Hashable {
  public let value: MetricPointValue
  public let timestamp: MetricTimestamp?

  public init(_ value: MetricPointValue, timestamp: MetricTimestamp? = nil) {
    self.value = value
    self.timestamp = timestamp
  }
}

/// What a point holds, by the type of its family.
public enum MetricPointValue: Sendable, Hashable {
  case counter(CounterPoint)
  case gauge(MetricValue)
  case histogram(HistogramPoint)
  case gaugeHistogram(HistogramPoint)
  case summary(SummaryPoint)
  /// The information's labels. Text cannot tell them from the metric's own, so a parser leaves this empty and
  /// puts all labels on the metric.
  case info(LabelSet)
  case stateSet([StatePoint])
  case unknown(MetricValue)

  public var type: MetricType {
    switch self {
    case .counter: .counter
    case .gauge: .gauge
    case .histogram: .histogram
    case .gaugeHistogram: .gaugehistogram
    case .summary: .summary
    case .info: .info
    case .stateSet: .stateset
    case .unknown: .unknown
    }
  }
}

public struct CounterPoint: Sendable, Hashable {
  /// Not NaN, not negative.
  public let total: MetricValue
  /// When the count began at zero.
  public let created: MetricTimestamp?
  public let exemplar: Exemplar?

  public init(total: MetricValue, created: MetricTimestamp? = nil, exemplar: Exemplar? = nil) {
    self.total = total
    self.created = created
    self.exemplar = exemplar
  }
}

public struct HistogramBucket: Sendable, Hashable {
  /// Inclusive upper threshold; `+infinity` for the last bucket.
  public let upperBound: Double
  /// Observations of at most `upperBound`, those of smaller buckets included.
  public let cumulativeCount: UInt64
  /// Its value is at most `upperBound`.
  public let exemplar: Exemplar?

  public init(upperBound: Double, cumulativeCount: UInt64, exemplar: Exemplar? = nil) {
    self.upperBound = upperBound
    self.cumulativeCount = cumulativeCount
    self.exemplar = exemplar
  }
}

public struct HistogramPoint: Sendable, Hashable {
  /// Ascending and cumulative; the last one is `+infinity`.
  public let buckets: [HistogramBucket]
  /// Sum of all observed values, where it is known. OpenMetrics text leaves it out where it would not be a counter.
  public let sum: MetricValue?
  public let created: MetricTimestamp?

  public init(buckets: [HistogramBucket], sum: MetricValue?, created: MetricTimestamp? = nil) {
    self.buckets = buckets
    self.sum = sum
    self.created = created
  }

  /// All observations: by definition the value of the `+Inf` bucket.
  public var count: UInt64 { buckets.last?.cumulativeCount ?? 0 }

  var hasNegativeThreshold: Bool { (buckets.first?.upperBound ?? 0) < 0 }
}

public struct SummaryPoint: Sendable, Hashable {
  public struct Quantile: Sendable, Hashable {
    /// 0 ... 1
    public let quantile: Double
    /// NaN when there was no recent observation.
    public let value: MetricValue

    public init(_ quantile: Double, _ value: MetricValue) {
      self.quantile = quantile
      self.value = value
    }
  }

  public let count: UInt64?
  public let sum: MetricValue?
  public let quantiles: [Quantile]
  public let created: MetricTimestamp?

  public init(
    count: UInt64?, sum: MetricValue?, quantiles: [Quantile] = [], created: MetricTimestamp? = nil
  ) {
    self.count = count
    self.sum = sum
    self.quantiles = quantiles
    self.created = created
  }
}

public struct StatePoint: Sendable, Hashable {
  public let name: String
  public let isEnabled: Bool

  public init(_ name: String, _ isEnabled: Bool) {
    self.name = name
    self.isEnabled = isEnabled
  }
}
