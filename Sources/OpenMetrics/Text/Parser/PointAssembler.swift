/// Collects the samples of one metric point and turns them into a value of the model.
struct PointAssembler {
  let line: Int
  let timestamp: MetricTimestamp?
  let type: MetricType
  let dialect: TextDialect
  private var scalar: MetricValue?
  private var exemplars: [Exemplar] = []
  private(set) var created: MetricTimestamp?
  private(set) var count: MetricValue?
  private(set) var sum: MetricValue?
  private var composite: CompositeValue?
  private(set) var buckets: [HistogramBucket] = []
  private(set) var quantiles: [SummaryPoint.Quantile] = []
  private var states: [StatePoint] = []
  /// Only of many states; few are compared one by one.
  private var stateNames = Set<ExactText>()

  init(_ type: MetricType, _ dialect: TextDialect, first sample: SampleLine) {
    self.type = type
    self.dialect = dialect
    line = sample.line
    timestamp = sample.timestamp
  }

  init(_ type: MetricType, _ dialect: TextDialect, line: Int, goingOn value: MetricPointValue?) {
    self.type = type
    self.dialect = dialect
    self.line = line
    timestamp = nil
    switch value {
    case .gauge(let value): scalar = value
    case .counter(let point):
      scalar = point.total
      created = point.created
      exemplars = point.exemplars
    default: break
    }
  }

  @inline(__always)
  mutating func add(
    _ sample: SampleLine, _ role: SampleRole, _ structural: Int?, _ lexer: inout LineLexer
  ) throws(ParseError) {
    let exemplars = sample.exemplars.isEmpty ? [] : try allowed(sample.exemplars, role, &lexer)
    try checkKind(sample, role, lexer)
    switch role {
    case .value: try fill(&scalar, sample.value, &lexer)
    case .total:
      try fill(&scalar, sample.value, &lexer)
      if self.exemplars.isEmpty { self.exemplars = exemplars }
      created = created ?? sample.startTimestamp
    case .info:
      if sample.value.doubleValue != 1 {
        try lexer.overlook(.infoValue, valueError(sample, "an info is always 1", lexer))
      }
      try fill(&scalar, 1, &lexer)
    case .created:
      if let time = try creationTime(sample, &lexer) { try fill(&created, time, &lexer) }
    case .count:
      if let value = try countValue(sample, &lexer) { try fill(&count, value, &lexer) }
    case .sum: try fill(&sum, sample.value, &lexer)
    case .bucket: try addBucket(sample, exemplars.first, structural, &lexer)
    case .quantile: try addQuantile(sample, structural, &lexer)
    case .state: try addState(sample, structural, &lexer)
    case .composite:
      try fill(&composite, sample.composite, &lexer)
      if self.exemplars.isEmpty { self.exemplars = exemplars }
      created = created ?? sample.startTimestamp
    }
  }

  /// The finished point's value, checked by the rules of the model and of the format.
  func finish(family: String, _ lexer: inout LineLexer) throws(ParseError) -> MetricPointValue {
    let value = try assemble(family, &lexer)
    if let rule = value.brokenRule() { throw ParseError(.rule(rule), line: line, family) }
    if let reason = value.brokenRule(of: dialect.format) {
      try lexer.overlook(.valueRange, ParseError(reason, line: line, family))
    }
    return value
  }

  private func assemble(_ family: String, _ lexer: inout LineLexer) throws(ParseError) -> MetricPointValue {
    switch type {
    case .gauge: return .gauge(try required(scalar, "value", family))
    case .unknown: return .unknown(try required(scalar, "value", family))
    case .counter:
      let total = try required(scalar, "total", family)
      return .counter(CounterPoint(total: total, created: created, exemplars: exemplars))
    case .info: return .info(.empty)
    case .stateset:
      // All of them may have been left out.
      if states.isEmpty { throw ParseError(.incompletePoint, line: line, family) }
      return .stateSet(states)
    case .summary:
      guard case .summary(let point)? = composite else { return .summary(try summary(family, &lexer)) }
      return .summary(
        SummaryPoint(count: point.count, sum: point.sum, quantiles: point.quantiles, created: created))
    case .histogram:
      guard case .histogram(let point)? = composite else { return .histogram(try histogram(family, &lexer)) }
      return .histogram(point.adding(created, exemplars))
    case .gaugehistogram:
      guard case .gaugeHistogram(let point)? = composite else {
        return .gaugeHistogram(try histogram(family, &lexer))
      }
      return .gaugeHistogram(point.adding(nil, exemplars))
    }
  }

  func required<Value>(_ value: Value?, _ what: String, _ family: String) throws(ParseError) -> Value {
    guard let value else { throw ParseError(.incompletePoint, line: line, "\(family) lacks its \(what)") }
    return value
  }

  /// A second value of the same is a fault; the first one counts.
  private func fill<Value>(
    _ slot: inout Value?, _ value: Value?, _ lexer: inout LineLexer
  ) throws(ParseError) {
    guard slot == nil else {
      try lexer.overlook(.repeatedSample, lexer.duplicateSample())
      return
    }
    slot = value
  }

  private mutating func addBucket(
    _ sample: SampleLine, _ exemplar: Exemplar?, _ structural: Int?, _ lexer: inout LineLexer
  ) throws(ParseError) {
    guard let bound = try threshold(structural, &lexer), let count = try countValue(sample, &lexer) else {
      return
    }
    if let last = buckets.last, !(last.upperBound < bound), !dialect.isLenient {
      let isRepeated = buckets.contains { $0.upperBound == bound }
      throw isRepeated
        ? lexer.duplicateSample()
        : lexer.error(.rule(.bucketsNotAscending), at: lexer.start, lexer.text(sample.name.text))
    }
    buckets.append(HistogramBucket(upperBound: bound, cumulativeCount: count, exemplar: exemplar))
  }

  private mutating func addQuantile(
    _ sample: SampleLine, _ structural: Int?, _ lexer: inout LineLexer
  ) throws(ParseError) {
    guard let quantile = try threshold(structural, &lexer) else { return }
    guard (0...1).contains(quantile) else {
      try lexer.overlook(
        .sampleLeftOut, lexer.error(.rule(.quantileOutOfRange), at: lexer.start, "\(quantile)"))
      return
    }
    quantiles.append(SummaryPoint.Quantile(quantile, sample.value))
  }

  private mutating func addState(
    _ sample: SampleLine, _ structural: Int?, _ lexer: inout LineLexer
  ) throws(ParseError) {
    guard let state = try StateSample(sample, structural, &lexer) else { return }
    if states.count == 8 { stateNames = Set(states.map { ExactText($0.name) }) }
    let name = ExactText(state.name)
    let isNew =
      states.count < 8
      ? !states.contains { ExactText($0.name) == name } : stateNames.insert(name).inserted
    guard isNew else {
      try lexer.overlook(.repeatedSample, lexer.duplicateSample())
      return
    }
    states.append(StatePoint(state.name, state.isEnabled))
  }
}
