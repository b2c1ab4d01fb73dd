/// Collects families in their order and refuses those that come twice or clash.
struct MetricSetAssembler {
  private let dialect: TextDialect
  private let limits: ParseLimits
  private var families: [MetricFamily] = []
  private var current: FamilyAssembler?
  private var familyNames = Set<String>()
  private var sampleNames = Set<String>()
  private var samples = 0

  init(_ dialect: TextDialect, _ limits: ParseLimits) {
    self.dialect = dialect
    self.limits = limits
  }

  mutating func setMetadata(_ keyword: MetadataLine, _ lexer: LineLexer) throws(ParseError) {
    if current?.name != keyword.name { try open(keyword.name, line: lexer.line) }
    guard current?.hasSamples == false else { throw lexer.error(.metadataAfterSamples, keyword.name) }
    switch keyword.content {
    case .type(let type): try current?.setType(type, lexer)
    case .help(let text): try current?.setHelp(text, lexer)
    case .unit(let text): try current?.setUnit(text, lexer)
    }
  }

  mutating func add(_ sample: SampleLine) throws(ParseError) {
    samples += 1
    guard samples <= limits.samples else { throw ParseError(.tooManySamples, line: sample.line) }
    if try current?.add(sample) == true { return }
    // A sample of no declared family begins one of type unknown.
    try open(sample.name, line: sample.line)
    _ = try current?.add(sample)
  }

  mutating func finish() throws(ParseError) -> [MetricFamily] {
    try close()
    return families
  }

  private mutating func open(_ name: String, line: Int) throws(ParseError) {
    try close()
    guard familyNames.insert(name).inserted else { throw ParseError(.duplicateFamily, line: line, name) }
    if dialect.reservesLeadingUnderscore, name.hasPrefix("_") {
      throw ParseError(.rule(.reservedName), line: line, name)
    }
    current = FamilyAssembler(name, line: line, dialect)
  }

  private mutating func close() throws(ParseError) {
    guard let current else { return }
    families.append(try current.finish())
    for name in current.type.claimedNames(current.name, dialect) where !sampleNames.insert(name).inserted {
      throw ParseError(.clashingFamilies, line: current.line, "\(current.name) would expose \(name)")
    }
  }
}
