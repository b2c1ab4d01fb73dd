/// One metric of a family: its labels and one or more points in ascending time.
public struct Metric: Sendable, Hashable {
  public let labels: LabelSet
  public let points: MetricPoints

  public init(labels: LabelSet = .empty, points: some Collection<MetricPoint>) {
    self.labels = labels
    self.points = MetricPoints(points)
  }

  public init(labels: LabelSet = .empty, _ value: MetricPointValue, timestamp: MetricTimestamp? = nil) {
    self.labels = labels
    points = MetricPoints(MetricPoint(value, timestamp: timestamp))
  }
}

/// The points of a metric; one, as is usual, needs no memory of its own.
public struct MetricPoints: Sendable, Hashable, RandomAccessCollection {
  private let only: MetricPoint?
  private let others: [MetricPoint]

  public init(_ point: MetricPoint) {
    only = point
    others = []
  }

  public init(_ points: some Collection<MetricPoint>) {
    only = points.count == 1 ? points.first : nil
    others = points.count == 1 ? [] : Array(points)
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { only == nil ? others.count : 1 }
  public subscript(position: Int) -> MetricPoint { only ?? others[position] }
}

/// A metric family as it is at one moment: the immutable model between instruments, collectors and formats.
///
/// The initializers accept anything; ``violation()`` says whether a family obeys the data model, and the registry
/// asks it about everything a collector returns.
public struct MetricFamily: Sendable, Hashable {
  /// The name of OpenMetrics 1.0, without the suffixes of samples. Any text that is not empty.
  public let name: String
  public let type: MetricType
  public let help: String
  public let unit: String
  public let metrics: MetricList
  /// Whether a counter's samples are called as the family is, without `_total`. Only formats in which a sample has its
  /// family's own name show it: OpenMetrics 1.0 adds the suffix in any case.
  public let hasBareTotal: Bool

  public init(
    name: String, type: MetricType, help: String = "", unit: String = "", metrics: [Metric] = [],
    hasBareTotal: Bool = false
  ) {
    self.init(
      name: name, type: type, help: help, unit: unit, columns: MetricList(metrics), hasBareTotal: hasBareTotal
    )
  }

  init(
    name: String, type: MetricType, help: String, unit: String, columns metrics: MetricList,
    hasBareTotal: Bool
  ) {
    self.name = name
    self.type = type
    self.help = help
    self.unit = unit
    self.metrics = metrics
    self.hasBareTotal = hasBareTotal
  }

  init(_ descriptor: MetricDescriptor, columns metrics: MetricList) {
    name = descriptor.name
    type = descriptor.type
    help = descriptor.help
    unit = descriptor.unit
    self.metrics = metrics
    hasBareTotal = false
  }

  public init(_ descriptor: MetricDescriptor, metrics: [Metric]) {
    self.init(
      name: descriptor.name, type: descriptor.type, help: descriptor.help, unit: descriptor.unit,
      metrics: metrics)
  }

  /// Every name a sample of this family may have in OpenMetrics text.
  public var sampleNames: [String] { type.sampleSuffixes.map { name + $0 } }
}
