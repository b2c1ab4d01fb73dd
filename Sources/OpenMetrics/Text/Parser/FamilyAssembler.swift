/// Collects metadata and samples of one family, metric by metric and point by point.
struct FamilyAssembler {
  let name: String
  let line: Int
  private let dialect: TextDialect
  private var declaredType: MetricType?
  private var help: String?
  private var unit: String?
  private var metrics: [OpenMetric] = []
  private var positions: [LabelSet: Int] = [:]

  private struct OpenMetric {
    let labels: LabelSet
    var points: [MetricPoint] = []
    var current: PointAssembler
  }

  init(_ name: String, line: Int, _ dialect: TextDialect) {
    self.name = name
    self.line = line
    self.dialect = dialect
  }

  var type: MetricType { declaredType ?? .unknown }
  var hasSamples: Bool { !metrics.isEmpty }

  mutating func setType(_ type: MetricType, _ lexer: LineLexer) throws(ParseError) {
    guard declaredType == nil else { throw lexer.error(.duplicateMetadata, "TYPE of \(name)") }
    declaredType = type
  }

  mutating func setHelp(_ text: String, _ lexer: LineLexer) throws(ParseError) {
    guard help == nil else { throw lexer.error(.duplicateMetadata, "HELP of \(name)") }
    help = text
  }

  mutating func setUnit(_ text: String, _ lexer: LineLexer) throws(ParseError) {
    guard unit == nil else { throw lexer.error(.duplicateMetadata, "UNIT of \(name)") }
    unit = text
    guard text.isEmpty || name.hasSuffix("_" + text) else {
      throw lexer.error(.rule(.unitNotSuffix), "\(name), \(text)")
    }
  }

  /// - Returns: whether the sample belongs to this family.
  mutating func add(_ sample: SampleLine) throws(ParseError) -> Bool {
    guard let role = type.role(of: sample.name, in: name, dialect) else {
      if sample.name == name { throw ParseError(.wrongSuffix, line: sample.line, "\(type.rawValue) \(name)") }
      return false
    }
    let labels = try metricLabels(sample, role)
    let key = labels.identity
    guard let position = positions[key] else {
      var point = PointAssembler(type, dialect, first: sample)
      try point.add(sample, role, family: name)
      positions[key] = metrics.count
      metrics.append(OpenMetric(labels: labels, current: point))
      return true
    }
    guard dialect.allowsInterleavedMetrics || position == metrics.count - 1 else {
      throw ParseError(.interleavedMetrics, line: sample.line, "\(name)\(labels)")
    }
    if sample.timestamp != metrics[position].current.timestamp {
      try startPoint(at: position, sample)
    }
    try metrics[position].current.add(sample, role, family: name)
    return true
  }

  /// The finished family, under its OpenMetrics name.
  func finish() throws(ParseError) -> MetricFamily {
    var finished: [Metric] = []
    finished.reserveCapacity(metrics.count)
    for metric in metrics {
      let last = MetricPoint(
        try metric.current.finish(family: name), timestamp: metric.current.timestamp)
      finished.append(Metric(labels: metric.labels, points: metric.points + [last]))
    }
    var familyName = name
    if dialect == .text004, type == .counter, name.hasSuffix("_total"), name.count > "_total".count {
      familyName = String(name.dropLast("_total".count))
    }
    let family = MetricFamily(
      name: familyName, type: type, help: help ?? "", unit: unit ?? "", metrics: finished)
    if let violation = family.metadataViolation() {
      throw ParseError(.rule(violation.rule), line: line, violation.subject)
    }
    return family
  }

  private mutating func startPoint(at position: Int, _ sample: SampleLine) throws(ParseError) {
    let current = metrics[position].current
    let subject = "\(name)\(metrics[position].labels)"
    // 0.0.4 knows one sample for each series and no points in sequence.
    guard dialect == .openMetrics else { throw ParseError(.duplicateSample, line: sample.line, subject) }
    guard let earlier = current.timestamp, let later = sample.timestamp else {
      throw ParseError(.rule(.timestampPresenceMixed), line: sample.line, subject)
    }
    guard earlier < later else {
      throw ParseError(.rule(.timestampsNotIncreasing), line: sample.line, subject)
    }
    metrics[position].points.append(MetricPoint(try current.finish(family: name), timestamp: earlier))
    metrics[position].current = PointAssembler(type, dialect, first: sample)
  }

  /// The sample's labels without the one that belongs to its point.
  private func metricLabels(_ sample: SampleLine, _ role: SampleRole) throws(ParseError) -> LabelSet {
    guard let structural = type.structuralLabel(family: name) else { return sample.labels }
    switch role {
    case .bucket, .quantile, .state: return sample.labels.removing(structural)
    default:
      guard sample.labels[structural] == nil else {
        throw ParseError(.rule(.reservedLabel), line: sample.line, "\(sample.name), \(structural)")
      }
      return sample.labels
    }
  }
}
