/// Collects the metrics of one family.
struct MetricAssembler {
  private let family: String
  private let type: MetricType
  private let dialect: TextDialect
  /// The label that belongs to a point instead of its metric.
  private let structural: [UInt8]?
  /// Whether a metric may go on after others.
  private let parks: Bool
  private var index = MetricIndex()
  /// While all metrics are as simple as that; there is no other then.
  private var run: ScalarRun?
  private var current: OpenMetric?
  /// The labels of the current metric, as they were written.
  private var raw: [RawLabel] = []
  /// In the order of their first sample.
  private var metrics: [Metric] = []
  /// The same, where they may go on; the current one is not there.
  private var parked: [OpenMetric?] = []

  init(_ family: String, _ type: MetricType, _ dialect: TextDialect) {
    self.family = family
    self.type = type
    self.dialect = dialect
    structural = type.structuralLabel(family: family).map { Array($0.utf8) }
    run = ScalarRun(type)
    parks = dialect.isLenient || (dialect.allowsInterleavedMetrics && type.hasSeveralSamples)
  }

  var isEmpty: Bool { current == nil && metrics.isEmpty && parked.isEmpty && (run?.count ?? 0) == 0 }

  @inline(__always)
  mutating func add(
    _ sample: SampleLine, _ role: SampleRole, _ lexer: inout LineLexer
  ) throws(ParseError) {
    if run != nil, addToRun(sample, role, lexer) { return }
    var excluded: Int?
    if let structural {
      excluded = lexer.position(of: structural)
      guard try isPlaced(excluded, structural, sample, role, &lexer) else { return }
    }
    if current == nil || !lexer.hasLabels(raw, excluding: excluded) {
      try find(sample, excluded, &lexer)
    }
    try current?.add(sample, role, excluded, &lexer)
  }

  mutating func finish(_ lexer: inout LineLexer) throws(ParseError) -> MetricList {
    if let columns = run?.columns { return columns }
    endRun(line: lexer.line)
    try close(&lexer)
    for metric in parked {
      guard var metric else { continue }
      if let finished = try metric.finish(&lexer) { metrics.append(finished) }
    }
    return MetricList(metrics)
  }

  /// - Returns: false if the run is over, and the sample is still to be read.
  @inline(__always)
  private mutating func addToRun(_ sample: SampleLine, _ role: SampleRole, _ lexer: LineLexer) -> Bool {
    guard let count = run?.count else { return false }
    let isLast = count > 0 && lexer.hasLabels(raw, excluding: nil)
    if isLast, role == .created, sample.timestamp == nil, sample.exemplars.isEmpty,
      let time = try? NumberGrammar.timestamp(lexer.slice(sample.valueToken)), run?.setCreated(time) == true
    {
      return true
    }
    if !isLast, run?.takes(sample, role) == true {
      let hash = lexer.identityHash(excluding: nil)
      if position(of: hash, nil, lexer) == nil {
        run?.append(lexer.labelSet(excluding: nil), sample)
        keepRaw(lexer, excluding: nil)
        index.insert(hash)
        return true
      }
    }
    endRun(line: lexer.line)
    return false
  }

  /// From here on metrics are read as any others; the last one may go on.
  private mutating func endRun(line: Int) {
    guard let run = run.take(), run.count > 0 else { return }
    let last = run.count - 1
    func open(_ position: Int) -> OpenMetric {
      OpenMetric(
        family, type, dialect, position: position, line: line, goingOn: run.metric(at: position))
    }
    if parks {
      parked = (0..<last).map(open) + [nil]
    } else {
      metrics = (0..<last).map(run.metric(at:))
    }
    current = open(last)
  }

  /// Makes the sample's metric the current one.
  private mutating func find(
    _ sample: SampleLine, _ excluded: Int?, _ lexer: inout LineLexer
  ) throws(ParseError) {
    let hash = lexer.identityHash(excluding: excluded)
    if let position = position(of: hash, excluded, lexer) {
      return try resume(position, excluded, &lexer)
    }
    try close(&lexer)
    let labels = lexer.labelSet(excluding: excluded)
    keepRaw(lexer, excluding: excluded)
    index.insert(hash)
    let position = parks ? parked.count : metrics.count
    if parks { parked.append(nil) }
    current = OpenMetric(family, type, dialect, labels, position: position, first: sample)
  }

  private func position(of hash: Int, _ excluded: Int?, _ lexer: LineLexer) -> Int? {
    var slot = index.firstSlot(of: hash)
    guard index.position(in: slot) != nil else { return nil }
    let wanted = lexer.labelSet(excluding: excluded).identity
    while let position = index.position(in: slot) {
      if index.hash(of: position) == hash, labels(at: position)?.identity == wanted { return position }
      slot = index.slot(after: slot)
    }
    return nil
  }

  private func labels(at position: Int) -> LabelSet? {
    if run != nil { return run?.labels[position] }
    if let current, current.position == position { return current.labels }
    return parks ? parked[position]?.labels : metrics[position].labels
  }

  private mutating func resume(
    _ position: Int, _ excluded: Int?, _ lexer: inout LineLexer
  ) throws(ParseError) {
    guard current?.position != position else { return }
    let subject = "\(family)\(labels(at: position) ?? .empty)"
    guard dialect.allowsInterleavedMetrics else {
      throw lexer.error(.interleavedMetrics, at: lexer.start, subject)
    }
    guard parks else { throw lexer.error(.duplicateSample, at: lexer.start, subject) }
    if dialect.isOpenMetrics {
      try lexer.overlook(
        .interleavedMetrics, lexer.error(.interleavedMetrics, at: lexer.start, subject))
    }
    try close(&lexer)
    swap(&current, &parked[position])
    // Its labels may come in another order now.
    keepRaw(lexer, excluding: excluded)
  }

  private mutating func close(_ lexer: inout LineLexer) throws(ParseError) {
    guard var metric = current.take() else { return }
    if parks {
      parked[metric.position] = metric
    } else if let finished = try metric.finish(&lexer) {
      metrics.append(finished)
    }
  }

  /// The lexer's labels become the current metric's, in memory that is there already.
  private mutating func keepRaw(_ lexer: LineLexer, excluding excluded: Int?) {
    raw.removeAll(keepingCapacity: true)
    for position in lexer.labels.indices where position != excluded { raw.append(lexer.labels[position]) }
  }

  /// Whether the label of the type's own is where it belongs and nowhere else.
  private func isPlaced(
    _ position: Int?, _ structural: [UInt8], _ sample: SampleLine, _ role: SampleRole,
    _ lexer: inout LineLexer
  ) throws(ParseError) -> Bool {
    let isNeeded = role == .bucket || role == .quantile || role == .state
    guard isNeeded != (position != nil) else { return true }
    let reason: ParseError.Reason = isNeeded ? .missingLabel : .rule(.reservedLabel)
    let detail = "\(lexer.text(sample.name.text)), \(String(decoding: structural, as: UTF8.self))"
    try lexer.overlook(.sampleLeftOut, lexer.error(reason, at: lexer.start, detail))
    return false
  }
}
