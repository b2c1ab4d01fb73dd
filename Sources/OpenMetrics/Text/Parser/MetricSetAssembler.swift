/// Collects families in their order and refuses, or joins, those that come twice or clash.
struct MetricSetAssembler {
  private let dialect: TextDialect
  private let limits: ParseLimits
  private var families: [MetricFamily] = []
  private var current: FamilyAssembler?
  private var names = Set<ExactText>()
  private var claims = ClaimedNames()
  private var samples = 0
  /// Lenient parsing lets a family go on later.
  private var parked: [FamilyAssembler?] = []
  private var parkedPositions: [ExactText: Int] = [:]

  init(_ dialect: TextDialect, _ limits: ParseLimits) {
    self.dialect = dialect
    self.limits = limits
  }

  mutating func setMetadata(_ keyword: MetadataLine, _ lexer: inout LineLexer) throws(ParseError) {
    if current.map({ ExactText($0.name) }) != ExactText(keyword.name) { try open(keyword.name, &lexer) }
    guard current?.hasSamples == false else {
      try lexer.overlook(.repeatedMetadata, lexer.error(.metadataAfterSamples, at: lexer.start, keyword.name))
      return
    }
    switch keyword.content {
    case .type(let type): try current?.setType(type, &lexer)
    case .help(let text): try current?.setHelp(text, &lexer)
    case .unit(let text): try current?.setUnit(text, &lexer)
    }
  }

  @inline(__always)
  mutating func add(_ sample: SampleLine, _ lexer: inout LineLexer) throws(ParseError) {
    samples += 1 + sample.exemplars.count + (sample.composite?.elements ?? 0)
    guard samples <= limits.samples else { throw ParseError(.tooManySamples, line: sample.line) }
    if try current?.add(sample, &lexer) == true { return }
    // A sample of no declared family begins one of type unknown.
    let name = lexer.text(sample.name.text)
    try open(owner(of: name) ?? name, &lexer)
    _ = try current?.add(sample, &lexer)
  }

  mutating func finish(_ lexer: inout LineLexer) throws(ParseError) -> [MetricFamily] {
    try close(&lexer)
    for family in parked {
      if let family { try finish(family, &lexer) }
    }
    return families
  }

  private mutating func open(_ name: String, _ lexer: inout LineLexer) throws(ParseError) {
    try close(&lexer)
    let key = ExactText(name)
    guard names.insert(key).inserted else {
      try lexer.overlook(.familyInGroups, lexer.error(.duplicateFamily, at: lexer.start, name))
      if let position = parkedPositions[key] { swap(&current, &parked[position]) }
      return
    }
    // A family is no less to remember than a sample.
    samples += 1
    guard samples <= limits.samples else { throw lexer.error(.tooManySamples, at: lexer.start, name) }
    if dialect.reservesLeadingUnderscore, name.utf8.first == UInt8(ascii: "_") {
      try lexer.overlook(.reservedName, lexer.error(.rule(.reservedName), at: lexer.start, name))
    }
    if dialect.isLenient {
      parkedPositions[key] = parked.count
      parked.append(nil)
    }
    current = FamilyAssembler(name, line: lexer.line, dialect)
  }

  private mutating func close(_ lexer: inout LineLexer) throws(ParseError) {
    guard let family = current else { return }
    current = nil
    if let position = parkedPositions[ExactText(family.name)] {
      parked[position] = family
    } else {
      try finish(family, &lexer)
    }
  }

  private mutating func finish(_ family: FamilyAssembler, _ lexer: inout LineLexer) throws(ParseError) {
    var family = family
    families.append(try family.finish(&lexer))
    if let name = claims.claim(family.name, family.type, dialect) {
      let error = ParseError(.clashingFamilies, line: family.line, "\(family.name) would expose \(name)")
      try lexer.overlook(.clashingFamilies, error)
    }
  }

  /// The family seen before that a sample belongs to, in lenient parsing.
  private func owner(of sample: String) -> String? {
    guard dialect.isLenient else { return nil }
    for suffix in ["", "_total", "_bucket", "_count", "_sum", "_created", "_info", "_gcount", "_gsum"] {
      guard let name = sample.droppingLast(suffix), let position = parkedPositions[ExactText(name)],
        let family = parked[position]
      else { continue }
      if suffix.isEmpty || family.type.role(suffix: suffix[...], dialect) != nil { return name }
    }
    return nil
  }
}

/// The sample names that families have taken.
struct ClaimedNames {
  private var names = Set<ExactText>()

  /// - Returns: a name that another family has already.
  mutating func claim(_ family: String, _ type: MetricType, _ dialect: TextDialect) -> String? {
    // There, a family's one name is known to be its own.
    if dialect.format == .openMetrics2 { return nil }
    var taken: String?
    for name in type.claimedNames(family, dialect) where !names.insert(ExactText(name)).inserted {
      taken = taken ?? name
    }
    return taken
  }
}
