/// Collects the samples of one metric point and turns them into a value of the model.
struct PointAssembler {
  let line: Int
  let timestamp: MetricTimestamp?
  private let type: MetricType
  private let dialect: TextDialect
  private var scalar: MetricValue?
  private var exemplar: Exemplar?
  private var created: MetricTimestamp?
  private var count: UInt64?
  private var sum: MetricValue?
  private var buckets: [HistogramBucket] = []
  private var quantiles: [SummaryPoint.Quantile] = []
  private var states: [StatePoint] = []

  init(_ type: MetricType, _ dialect: TextDialect, first sample: SampleLine) {
    self.type = type
    self.dialect = dialect
    line = sample.line
    timestamp = sample.timestamp
  }

  mutating func add(_ sample: SampleLine, _ role: SampleRole, family: String) throws(ParseError) {
    if sample.exemplar != nil, role != .total, role != .bucket {
      throw ParseError(.exemplarNotAllowed, line: sample.line, sample.name)
    }
    switch role {
    case .value: try fill(&scalar, sample.value, sample)
    case .total:
      try fill(&scalar, sample.value, sample)
      exemplar = sample.exemplar
    case .info:
      guard sample.value.doubleValue == 1 else { throw valueError(sample, "an info is always 1") }
      try fill(&scalar, sample.value, sample)
    case .created: try fill(&created, try creationTime(sample), sample)
    case .count: try fill(&count, try integer(sample), sample)
    case .sum: try fill(&sum, sample.value, sample)
    case .bucket: try addBucket(sample)
    case .quantile: try addQuantile(sample)
    case .state: try addState(sample, family)
    }
  }

  /// The finished point's value, checked by the rules of the model and, in OpenMetrics, of the format.
  func finish(family: String) throws(ParseError) -> MetricPointValue {
    let value = try assemble(family)
    var rule = value.brokenRule()
    if dialect == .openMetrics { rule = rule ?? value.brokenOpenMetricsRule() }
    if let rule { throw ParseError(.rule(rule), line: line, family) }
    return value
  }

  private func assemble(_ family: String) throws(ParseError) -> MetricPointValue {
    func required<Value>(_ value: Value?, _ what: String) throws(ParseError) -> Value {
      guard let value else { throw ParseError(.incompletePoint, line: line, "\(family) lacks its \(what)") }
      return value
    }
    switch type {
    case .gauge: return .gauge(try required(scalar, "value"))
    case .unknown: return .unknown(try required(scalar, "value"))
    case .counter:
      let total = try required(scalar, "total")
      return .counter(CounterPoint(total: total, created: created, exemplar: exemplar))
    case .info: return .info(.empty)
    case .stateset: return .stateSet(states)
    case .summary:
      return .summary(
        SummaryPoint(count: count.map { .integer($0) }, sum: sum, quantiles: quantiles, created: created))
    case .histogram: return .histogram(try histogram(family))
    case .gaugehistogram: return .gaugeHistogram(try histogram(family))
    }
  }

  private func histogram(_ family: String) throws(ParseError) -> HistogramPoint {
    guard let last = buckets.last else { throw ParseError(.rule(.noBuckets), line: line, family) }
    if let count, last.upperBound == .infinity, !MetricValue.isSame(.integer(count), last.cumulativeCount) {
      throw ParseError(.rule(.countMismatch), line: line, family)
    }
    // "If and only if a Sum Value is present" there is a count; 0.0.4 asks for both, but has none for gauges.
    if (count == nil) != (sum == nil) {
      throw ParseError(.incompletePoint, line: line, "\(family) has only one of sum and count")
    }
    return HistogramPoint(buckets: buckets, sum: sum, created: created)
  }

  private func fill<Value>(_ slot: inout Value?, _ value: Value, _ sample: SampleLine) throws(ParseError) {
    guard slot == nil else {
      throw ParseError(.duplicateSample, line: sample.line, "\(sample.name)\(sample.labels)")
    }
    slot = value
  }

  private mutating func addBucket(_ sample: SampleLine) throws(ParseError) {
    let bound = try threshold(sample, "le")
    if let last = buckets.last, !(last.upperBound < bound) {
      let isRepeated = buckets.contains { $0.upperBound == bound }
      throw ParseError(
        isRepeated ? .duplicateSample : .rule(.bucketsNotAscending), line: sample.line, sample.name)
    }
    buckets.append(
      HistogramBucket(
        upperBound: bound, cumulativeCount: .integer(try integer(sample)), exemplar: sample.exemplar))
  }

  private mutating func addQuantile(_ sample: SampleLine) throws(ParseError) {
    let quantile = try threshold(sample, "quantile")
    guard (0...1).contains(quantile) else {
      throw ParseError(.rule(.quantileOutOfRange), line: sample.line, "\(sample.labels)")
    }
    guard !quantiles.contains(where: { $0.quantile == quantile }) else {
      throw ParseError(.duplicateSample, line: sample.line, "\(sample.name)\(sample.labels)")
    }
    quantiles.append(SummaryPoint.Quantile(quantile, sample.value))
  }

  private mutating func addState(_ sample: SampleLine, _ family: String) throws(ParseError) {
    guard let name = sample.labels[family], !name.isEmpty else {
      throw ParseError(.missingLabel, line: sample.line, family)
    }
    let value = sample.value.doubleValue
    guard value == 0 || value == 1 else { throw valueError(sample, "a state is 0 or 1") }
    guard !states.contains(where: { $0.name == name }) else {
      throw ParseError(.duplicateSample, line: sample.line, "\(sample.name)\(sample.labels)")
    }
    states.append(StatePoint(name, value == 1))
  }

  /// The number in a label; infinity only as `+Inf` (OpenMetrics 1.0, "Canonical Numbers").
  private func threshold(_ sample: SampleLine, _ label: String) throws(ParseError) -> Double {
    guard let text = sample.labels[label] else { throw ParseError(.missingLabel, line: sample.line, label) }
    guard let value = try? NumberGrammar.value(Array(text.utf8)[...]).doubleValue, !value.isNaN,
      value.isFinite || text == "+Inf"
    else { throw ParseError(.invalidThreshold, line: sample.line, "\(label)=\"\(text)\"") }
    return value
  }

  private func integer(_ sample: SampleLine) throws(ParseError) -> UInt64 {
    guard let count = sample.value.count else {
      throw ParseError(.rule(.countNotInteger), line: sample.line, sample.name)
    }
    return count
  }

  private func creationTime(_ sample: SampleLine) throws(ParseError) -> MetricTimestamp {
    guard let time = try? NumberGrammar.timestamp(sample.valueToken) else {
      throw ParseError(.invalidTimestamp, line: sample.line, sample.name)
    }
    return time
  }

  private func valueError(_ sample: SampleLine, _ rule: String) -> ParseError {
    ParseError(.valueNotAllowed, line: sample.line, "\(sample.name): \(rule)")
  }
}
