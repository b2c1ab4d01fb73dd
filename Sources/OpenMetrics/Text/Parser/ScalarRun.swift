/// Counters or gauges as they usually come: one number each, no time, every metric once. A column for every part.
///
/// What is more than that ends the run; its metrics are then read on as all others are.
struct ScalarRun {
  let type: MetricType
  private(set) var labels: [LabelSet] = []
  private var values: [MetricValue] = []
  /// One for each metric, or none at all.
  private var created: [MetricTimestamp] = []
  private var exemplars: [Int: Exemplar] = [:]

  /// `nil` for types that have no runs.
  init?(_ type: MetricType) {
    guard type == .counter || type == .gauge else { return nil }
    self.type = type
  }

  var count: Int { values.count }

  /// Whether a further metric of this sample keeps the run as it is.
  @inline(__always)
  func takes(_ sample: SampleLine, _ role: SampleRole) -> Bool {
    guard sample.timestamp == nil, sample.composite == nil, role == .total || role == .value else {
      return false
    }
    let hasCreated = sample.startTimestamp != nil
    if type == .gauge { return sample.exemplars.isEmpty && !hasCreated }
    guard sample.value.isCount, sample.exemplars.count <= 1 else { return false }
    return hasCreated ? created.count == count : created.isEmpty || created.count == count
  }

  /// Only for a sample that the run takes.
  @inline(__always)
  mutating func append(_ labels: LabelSet, _ sample: SampleLine) {
    if let exemplar = sample.exemplars.first { exemplars[count] = exemplar }
    if let start = sample.startTimestamp { created.append(start) }
    self.labels.append(labels)
    values.append(sample.value)
  }

  /// Gives the last metric its creation time.
  ///
  /// - Returns: false if it has one, or another metric has none.
  mutating func setCreated(_ time: MetricTimestamp) -> Bool {
    guard count > 0, created.count == count - 1 else { return false }
    created.append(time)
    return true
  }

  /// The finished metrics; `nil` where some have a creation time and others do not.
  var columns: MetricList? {
    guard created.isEmpty || created.count == count else { return nil }
    let columns = ScalarColumns(labels: labels, values: values, created: created, exemplars: exemplars)
    return type == .counter ? MetricList(counters: columns) : MetricList(gauges: columns)
  }

  func metric(at position: Int) -> Metric { Metric(labels: labels[position], value(at: position)) }

  private func value(at position: Int) -> MetricPointValue {
    guard type == .counter else { return .gauge(values[position]) }
    return .counter(
      CounterPoint(
        total: values[position], created: position < created.count ? created[position] : nil,
        exemplar: exemplars[position]))
  }
}
