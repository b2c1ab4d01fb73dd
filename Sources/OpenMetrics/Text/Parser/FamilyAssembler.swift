/// Collects metadata and samples of one family, metric by metric and point by point.
struct FamilyAssembler {
  let name: String
  let line: Int
  let dialect: TextDialect
  private var declaredType: MetricType?
  private var help: String?
  private var unit: String?
  private var naming = CounterNaming()
  private var metrics: MetricAssembler
  /// The names of samples seen, and what they are.
  private var roles: [(name: RawName, role: SampleRole)] = []

  init(_ name: String, line: Int, _ dialect: TextDialect) {
    self.name = name
    self.line = line
    self.dialect = dialect
    metrics = MetricAssembler(name, .unknown, dialect)
  }

  var type: MetricType { declaredType ?? .unknown }
  var hasSamples: Bool { !metrics.isEmpty }

  mutating func setType(_ type: MetricType, _ lexer: inout LineLexer) throws(ParseError) {
    guard declaredType == nil else { return try repeated("TYPE", &lexer) }
    if type == .info, dialect.format == .openMetrics2, !name.endsExactly(in: "_info") {
      try lexer.overlook(.bareInfo, lexer.error(.infoSuffixMissing, at: lexer.start, name))
    }
    use(type)
  }

  mutating func setHelp(_ text: String, _ lexer: inout LineLexer) throws(ParseError) {
    guard help == nil else { return try repeated("HELP", &lexer) }
    help = text
  }

  mutating func setUnit(_ text: String, _ lexer: inout LineLexer) throws(ParseError) {
    guard unit == nil else { return try repeated("UNIT", &lexer) }
    unit = text
    guard text.isEmpty || dialect.format != .openMetrics1 || name.endsExactly(in: "_" + text) else {
      throw lexer.error(.rule(.unitNotSuffix), at: lexer.start, "\(name), \(text)")
    }
  }

  /// - Returns: whether the sample belongs to this family.
  @inline(__always)
  mutating func add(_ sample: SampleLine, _ lexer: inout LineLexer) throws(ParseError) -> Bool {
    guard let role = try role(of: sample.name, &lexer) else {
      guard ExactText(lexer.text(sample.name.text)) == ExactText(name) else { return false }
      try lexer.overlook(
        .sampleLeftOut, lexer.error(.wrongSuffix, at: lexer.start, "\(type.rawValue) \(name)"))
      return true
    }
    if let composite = sample.composite, type == .unknown, !hasSamples {
      // Of no type that is known, but it shows of which it is.
      use(composite.type)
      try metrics.add(sample, .composite, &lexer)
    } else {
      try metrics.add(sample, role, &lexer)
    }
    return true
  }

  /// The finished family, under its OpenMetrics 1.0 name.
  mutating func finish(_ lexer: inout LineLexer) throws(ParseError) -> MetricFamily {
    let finished = try metrics.finish(&lexer)
    if let unit, !unit.isEmpty, type == .info || type == .stateset {
      let error = ParseError(.rule(.unitNotAllowed), line: line, "\(name), \(unit)")
      try lexer.overlook(.unitNotAllowed, error)
      self.unit = nil
    }
    let (modelName, hasBareTotal) = naming.modelName(name, type, dialect)
    let family = MetricFamily(
      name: modelName, type: type, help: help ?? "", unit: unit ?? "", columns: finished,
      hasBareTotal: hasBareTotal)
    if let violation = family.metadataViolation() {
      throw ParseError(.rule(violation.rule), line: line, violation.subject)
    }
    return family
  }

  private mutating func use(_ type: MetricType) {
    declaredType = type
    metrics = MetricAssembler(name, type, dialect)
    roles = []
  }

  private func repeated(_ keyword: String, _ lexer: inout LineLexer) throws(ParseError) {
    try lexer.overlook(
      .repeatedMetadata, lexer.error(.duplicateMetadata, at: lexer.start, "\(keyword) of \(name)"))
  }

  @inline(__always)
  private mutating func role(
    of name: RawName, _ lexer: inout LineLexer
  ) throws(ParseError) -> SampleRole? {
    for known in roles where lexer.isSame(known.name.token, name.token) { return known.role }
    return try newRole(of: name, &lexer)
  }

  private mutating func newRole(
    of raw: RawName, _ lexer: inout LineLexer
  ) throws(ParseError) -> SampleRole? {
    let sample = lexer.text(raw.text)
    guard sample.utf8.starts(with: name.utf8) else { return nil }
    let suffix = Substring(sample.utf8.dropFirst(name.utf8.count))
    guard let role = type.role(suffix: suffix, dialect) else { return nil }
    naming.note(role, suffix: suffix)
    if let kind = role.bareName(type, suffix: suffix, dialect) {
      try lexer.overlook(kind, lexer.error(.wrongSuffix, at: lexer.start, "\(type.rawValue) \(name)"))
    }
    if roles.count < 8 { roles.append((raw, role)) }
    return role
  }
}

/// Finds the OpenMetrics 1.0 name of a family from what its samples are called.
struct CounterNaming {
  private var hasBareSample = false
  private var hasSuffixedSample = false

  mutating func note(_ role: SampleRole, suffix: Substring) {
    guard role == .total || role == .info else { return }
    if suffix.isEmpty { hasBareSample = true } else { hasSuffixedSample = true }
  }

  func modelName(_ name: String, _ type: MetricType, _ dialect: TextDialect) -> (String, hasBareTotal: Bool) {
    guard dialect.hasSuffixedFamilies || hasBareSample, !hasSuffixedSample else { return (name, false) }
    switch type {
    case .counter:
      guard let stripped = name.droppingLast("_total") else { return (name, true) }
      return (stripped, false)
    case .info: return (name.droppingLast("_info") ?? name, false)
    default: return (name, false)
    }
  }
}
