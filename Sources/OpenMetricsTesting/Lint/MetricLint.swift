import OpenMetrics

/// Looks for bad manners in families and declarations.
public enum MetricLint {
  /// In the order of the families, and within one in the order of ``LintRule``.
  public static func findings(in families: [MetricFamily]) -> [LintFinding] {
    families.flatMap { findings(in: LintSubject($0)) }
  }

  public static func findings(in descriptors: [MetricDescriptor]) -> [LintFinding] {
    descriptors.flatMap { findings(in: LintSubject($0)) }
  }

  private static func findings(in subject: LintSubject) -> [LintFinding] {
    let problems =
      help(subject) + units(subject) + suffixes(subject) + reservedLabels(subject) + spelling(subject)
      + subject.duplicates.map { (.duplicateMetric, "the labels \($0) are there twice") }
    return problems.map { LintFinding(family: subject.name, rule: $0.0, text: $0.1) }
  }

  private typealias Problem = (LintRule, String)

  private static func help(_ subject: LintSubject) -> [Problem] {
    subject.help.allSatisfy(\.isWhitespace) ? [(.helpMissing, "there is no help text")] : []
  }

  private static func units(_ subject: LintSubject) -> [Problem] {
    var problems: [Problem] = []
    for word in subject.words {
      if let unit = UnitVocabulary.baseUnit(insteadOf: word) {
        problems.append((.notBaseUnit, "use \(unit) instead of \(word)"))
      }
    }
    // The first word names what is measured, as in "s_expressions".
    for word in subject.words.dropFirst() where UnitVocabulary.abbreviations.contains(word) {
      problems.append((.abbreviatedUnit, "write out the unit \(word)"))
    }
    return problems
  }

  private static func suffixes(_ subject: LintSubject) -> [Problem] {
    var problems: [Problem] = []
    if subject.hasBareTotal {
      problems.append((.counterWithoutTotal, "a counter's sample should be called \(subject.name)_total"))
    }
    if subject.name.hasSuffix("_total") {
      switch subject.type {
      case .counter:
        problems.append((.counterNamedTotal, "leave _total out of the family's name: it is added"))
      case .unknown: break
      default: problems.append((.totalOfNoCounter, "only counters end in _total"))
      }
    }
    if subject.name.hasSuffix("_timestamp_seconds"), subject.type != .gauge, subject.type != .unknown {
      problems.append((.timestampOfNoGauge, "a point in time is a gauge, not a \(subject.type.rawValue)"))
    }
    for suffix in ["_bucket", "_count", "_sum"] where subject.name.hasSuffix(suffix) {
      if subject.type == .unknown || (suffix != "_bucket" && subject.type == .summary) { continue }
      if subject.type == .histogram { continue }
      problems.append((.reservedSuffix, "\(suffix) is for the samples of histograms and summaries"))
    }
    return problems
  }

  private static func reservedLabels(_ subject: LintSubject) -> [Problem] {
    guard subject.type != .unknown else { return [] }
    var problems: [Problem] = []
    if subject.labels.contains("le") {
      problems.append((.reservedLabel, "the label le is for the bounds of buckets"))
    }
    if subject.labels.contains("quantile") {
      problems.append((.reservedLabel, "the label quantile is for summaries"))
    }
    return problems
  }

  private static func spelling(_ subject: LintSubject) -> [Problem] {
    var problems: [Problem] = []
    let lowercase = subject.name.lowercased()
    for type in ["counter", "gauge", "histogram", "gauge_histogram", "gaugehistogram", "summary", "stateset"]
    where lowercase.hasSuffix("_\(type)") || lowercase.contains("_\(type)_") {
      problems.append((.typeInName, "leave the type out of the name: \(type)"))
    }
    if subject.name.contains(":") {
      problems.append((.colonInName, "colons are for the names of recording rules"))
    }
    if isCamelCase(subject.name) { problems.append((.camelCaseName, "write names in snake_case")) }
    for label in subject.labels where isCamelCase(label) {
      problems.append((.camelCaseLabel, "write the label \(label) in snake_case"))
    }
    return problems
  }

  /// A small letter with a capital after it.
  private static func isCamelCase(_ name: String) -> Bool {
    zip(name.utf8, name.utf8.dropFirst()).contains { left, right in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(left)
        && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(right)
    }
  }
}
