/// A metric whose samples are being read.
struct OpenMetric {
  let labels: LabelSet
  let position: Int
  private let family: String
  private let type: MetricType
  private let dialect: TextDialect
  private var points: [MetricPoint] = []
  private var point: PointAssembler
  private var states: StateSeries?

  init(
    _ family: String, _ type: MetricType, _ dialect: TextDialect, _ labels: LabelSet, position: Int,
    first sample: SampleLine
  ) {
    self.family = family
    self.type = type
    self.dialect = dialect
    self.labels = labels
    self.position = position
    point = PointAssembler(type, dialect, first: sample)
    if type == .stateset, dialect.format == .openMetrics2 { states = StateSeries(line: sample.line) }
  }

  /// A metric of one point without a time, which is not known to be complete.
  init(
    _ family: String, _ type: MetricType, _ dialect: TextDialect, position: Int, line: Int,
    goingOn metric: Metric
  ) {
    self.family = family
    self.type = type
    self.dialect = dialect
    self.labels = metric.labels
    self.position = position
    point = PointAssembler(type, dialect, line: line, goingOn: metric.points.first?.value)
  }

  @inline(__always)
  mutating func add(
    _ sample: SampleLine, _ role: SampleRole, _ structural: Int?, _ lexer: inout LineLexer
  ) throws(ParseError) {
    if states != nil {
      try point.checkKind(sample, role, lexer)
      if !sample.exemplars.isEmpty { _ = try point.allowed(sample.exemplars, role, &lexer) }
      guard let state = try StateSample(sample, structural, &lexer) else { return }
      try states?.add(state, &lexer)
      return
    }
    if sample.timestamp != point.timestamp {
      guard try startPoint(sample, &lexer) else { return }
    }
    try point.add(sample, role, structural, &lexer)
  }

  /// - Returns: `nil` if the metric breaks a rule and is left out.
  mutating func finish(_ lexer: inout LineLexer) throws(ParseError) -> Metric? {
    if let states { return try finish(states, &lexer) }
    do throws(ParseError) {
      let value = try point.finish(family: family, &lexer)
      let last = MetricPoint(value, timestamp: point.timestamp)
      guard points.isEmpty else { return Metric(labels: labels, points: points + [last]) }
      return Metric(labels: labels, value, timestamp: point.timestamp)
    } catch {
      try lexer.overlook(.metricLeftOut, error)
      return points.isEmpty ? nil : Metric(labels: labels, points: points)
    }
  }

  private func finish(_ states: StateSeries, _ lexer: inout LineLexer) throws(ParseError) -> Metric? {
    let points = states.points
    guard points.count > 1, points.contains(where: { $0.timestamp == nil }) else {
      return points.isEmpty ? nil : Metric(labels: labels, points: points)
    }
    let error = ParseError(.rule(.timestampPresenceMixed), line: states.line, "\(family)\(labels)")
    try lexer.overlook(.metricLeftOut, error)
    return nil
  }

  /// - Returns: false if the sample is left out.
  private mutating func startPoint(
    _ sample: SampleLine, _ lexer: inout LineLexer
  ) throws(ParseError) -> Bool {
    guard let reason = reasonAgainstPoint(sample) else {
      do throws(ParseError) {
        let value = try point.finish(family: family, &lexer)
        points.append(MetricPoint(value, timestamp: point.timestamp))
      } catch {
        try lexer.overlook(.metricLeftOut, error)
      }
      point = PointAssembler(type, dialect, first: sample)
      return true
    }
    try lexer.overlook(
      .repeatedSample, lexer.error(reason, at: lexer.start, "\(family)\(labels)"))
    return false
  }

  private func reasonAgainstPoint(_ sample: SampleLine) -> ParseError.Reason? {
    // The Prometheus formats know one sample for each series and no points in sequence.
    guard dialect.isOpenMetrics else { return .duplicateSample }
    guard let earlier = point.timestamp, let later = sample.timestamp else {
      return .rule(.timestampPresenceMixed)
    }
    return earlier < later ? nil : .rule(.timestampsNotIncreasing)
  }
}
