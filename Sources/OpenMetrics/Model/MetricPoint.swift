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
  // In boxes, so that the points of a hundred thousand counters do not pay for what only histograms have.
  indirect case histogram(HistogramPoint)
  indirect case gaugeHistogram(HistogramPoint)
  indirect case summary(SummaryPoint)
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
  /// In the order of their recording. OpenMetrics 1.0 and protobuf show the last one.
  public let exemplars: [Exemplar]

  public init(total: MetricValue, created: MetricTimestamp? = nil, exemplars: [Exemplar]) {
    self.total = total
    self.created = created
    self.exemplars = exemplars
  }

  public init(total: MetricValue, created: MetricTimestamp? = nil, exemplar: Exemplar? = nil) {
    self.init(total: total, created: created, exemplars: exemplar.map { [$0] } ?? [])
  }

  public var exemplar: Exemplar? { exemplars.last }
}

public struct HistogramBucket: Sendable, Hashable {
  /// Inclusive upper threshold; `+infinity` for the last bucket.
  public let upperBound: Double
  /// Observations of at most `upperBound`, those of smaller buckets included.
  public let cumulativeCount: MetricValue
  /// Its value is at most `upperBound`.
  public let exemplar: Exemplar?

  public init(upperBound: Double, cumulativeCount: MetricValue, exemplar: Exemplar? = nil) {
    self.upperBound = upperBound
    self.cumulativeCount = cumulativeCount
    self.exemplar = exemplar
  }
}

/// A distribution: classic buckets, native ones, or both of the same observations.
public struct HistogramPoint: Sendable, Hashable {
  /// Ascending and cumulative; the last one is `+infinity`. Empty only where there are native buckets.
  public let buckets: [HistogramBucket]
  /// OpenMetrics 2.0 shows them where they make up the count and none is beyond the bucket of infinity, and else what a
  /// format without native buckets shows.
  public let native: NativeHistogram?
  /// All observations. With classic buckets it is the count of the `+Inf` bucket.
  public let count: MetricValue
  /// Sum of all observed values, where it is known. OpenMetrics 1.0 leaves it out where it is NaN or negative, or
  /// stands beside a negative threshold (of a gauge histogram, such a threshold allows a negative sum), and with it the
  /// count, which appears only beside a sum; the bucket of infinity still has it.
  public let sum: MetricValue?
  public let created: MetricTimestamp?
  /// Exemplars of the distribution as a whole, as native buckets and OpenMetrics 2.0 have them, in the order of their
  /// recording. Those of classic buckets are with their buckets.
  public let exemplars: [Exemplar]

  public init(
    buckets: [HistogramBucket], sum: MetricValue?, created: MetricTimestamp? = nil, exemplars: [Exemplar] = []
  ) {
    self.init(
      buckets: buckets, native: nil, count: buckets.last?.cumulativeCount ?? 0, sum: sum, created: created,
      exemplars: exemplars)
  }

  public init(
    buckets: [HistogramBucket] = [], native: NativeHistogram?, count: MetricValue, sum: MetricValue?,
    created: MetricTimestamp? = nil, exemplars: [Exemplar] = []
  ) {
    self.buckets = buckets
    self.native = native
    self.count = count
    self.sum = sum
    self.created = created
    self.exemplars = exemplars
  }

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

  /// OpenMetrics 2.0 leaves the whole point out where this is no whole number; OpenMetrics 1.0 and protobuf leave out the
  /// count.
  public let count: MetricValue?
  /// OpenMetrics 1.0 leaves it out, and OpenMetrics 2.0 shows zero, where it is negative or NaN.
  public let sum: MetricValue?
  /// In any order; formats show them ascending.
  public let quantiles: [Quantile]
  public let created: MetricTimestamp?

  public init(
    count: MetricValue?, sum: MetricValue?, quantiles: [Quantile] = [], created: MetricTimestamp? = nil
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
