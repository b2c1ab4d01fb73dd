/// The metrics of a family, in their order.
///
/// Counters and gauges as a registry reads them are kept in columns: a scrape of a hundred thousand of them then makes
/// two arrays, and none of it an object.
public struct MetricList: Sendable, RandomAccessCollection {
  enum Storage: Sendable {
    case rows([Metric])
    case counters(ScalarColumns)
    case gauges(ScalarColumns)
  }

  let storage: Storage

  public init(_ metrics: [Metric]) { storage = .rows(metrics) }

  init(counters columns: ScalarColumns) { storage = .counters(columns) }

  init(gauges columns: ScalarColumns) { storage = .gauges(columns) }

  public var startIndex: Int { 0 }

  public var endIndex: Int {
    switch storage {
    case .rows(let metrics): metrics.count
    case .counters(let columns), .gauges(let columns): columns.count
    }
  }

  public subscript(position: Int) -> Metric {
    switch storage {
    case .rows(let metrics): metrics[position]
    case .counters(let columns):
      Metric(labels: columns.labels[position], .counter(columns.counter(at: position)))
    case .gauges(let columns): Metric(labels: columns.labels[position], .gauge(columns.values[position]))
    }
  }
}

extension MetricList: Hashable, ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Metric...) { self.init(elements) }

  public static func == (left: MetricList, right: MetricList) -> Bool { left.elementsEqual(right) }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for metric in self { hasher.combine(metric) }
  }
}

/// Metrics of one number each and without a time, a column for every part.
struct ScalarColumns: Sendable {
  let labels: [LabelSet]
  /// As many as there are label sets.
  let values: [MetricValue]
  /// When each count began, or nothing.
  let created: [MetricTimestamp]
  /// By position; few have one.
  let exemplars: [Int: Exemplar]

  /// - Parameters: of unequal length are cut to the shortest, but for an empty `created`.
  init(
    labels: [LabelSet], values: [MetricValue], created: [MetricTimestamp] = [],
    exemplars: [Int: Exemplar] = [:]
  ) {
    let count = Swift.min(labels.count, values.count)
    self.labels = labels.count == count ? labels : Array(labels[..<count])
    self.values = values.count == count ? values : Array(values[..<count])
    self.created = created.count >= count ? created : []
    self.exemplars = exemplars
  }

  var count: Int { values.count }

  func counter(at position: Int) -> CounterPoint {
    CounterPoint(
      total: values[position], created: created.isEmpty ? nil : created[position],
      exemplar: exemplars[position])
  }
}
