/// One metric of a family: its labels and one or more points in ascending time.
public struct Metric: Sendable, Hashable {
  public let labels: LabelSet
  public let points: [MetricPoint]

  public init(labels: LabelSet = .empty, points: [MetricPoint]) {
    self.labels = labels
    self.points = points
  }

  public init(labels: LabelSet = .empty, _ value: MetricPointValue, timestamp: MetricTimestamp? = nil) {
    self.init(labels: labels, points: [MetricPoint(value, timestamp: timestamp)])
  }
}

/// A metric family as it is at one moment: the immutable model between instruments, collectors and formats.
///
/// The initializers accept anything; ``violation()`` says whether a family obeys the data model, and the registry
/// asks it about everything a collector returns.
public struct MetricFamily: Sendable, Hashable {
  /// The OpenMetrics name, without the suffixes of samples.
  public let name: String
  public let type: MetricType
  public let help: String
  public let unit: String
  public let metrics: [Metric]

  public init(
    name: String, type: MetricType, help: String = "", unit: String = "", metrics: [Metric] = []
  ) {
    self.name = name
    self.type = type
    self.help = help
    self.unit = unit
    self.metrics = metrics
  }

  public init(_ descriptor: MetricDescriptor, metrics: [Metric]) {
    self.init(
      name: descriptor.name, type: descriptor.type, help: descriptor.help, unit: descriptor.unit,
      metrics: metrics)
  }

  /// Every name a sample of this family may have in OpenMetrics text.
  public var sampleNames: [String] { type.sampleSuffixes.map { name + $0 } }
}
