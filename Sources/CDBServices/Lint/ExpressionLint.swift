import ServiceRuntime

/// Holds one expression against a vocabulary: every metric, label and value in it.
struct ExpressionLint {
  struct Issue: Sendable, Hashable {
    var kind: LintFinding.Kind
    var message: String
    /// Of the byte in the expression that it is about.
    var offset: Int
  }

  let scope: LintScope
  let dialect: PromQLDialect
  private(set) var issues: [Issue] = []
  /// The names of metrics that it uses, of other exporters too.
  private(set) var metrics: Set<String> = []

  init(_ scope: LintScope, dialect: PromQLDialect) {
    self.scope = scope
    self.dialect = dialect
  }

  /// Functions whose result means something of what only grows.
  private static let ratings: Set = ["rate", "irate", "increase", "resets"]
  /// Functions and aggregations that ask whether there are series or samples, and not what they are worth.
  private static let censuses: Set = [
    "absent", "absent_over_time", "present_over_time", "count_over_time", "changes", "timestamp", "count",
    "group",
  ]

  /// - Parameter isRated: whether a counter may stand here as it is.
  mutating func check(_ expression: PromQLExpression, isRated: Bool = false) {
    switch expression {
    case .scalar, .text: break
    case .selector(let selector): check(selector, isRated: isRated)
    case .subquery(let inner): check(inner, isRated: isRated)
    case .call(let call): check(call, isRated: isRated)
    case .aggregation(let aggregation): check(aggregation, isRated: isRated)
    case .binary(let binary): check(binary, isRated: isRated)
    }
  }

  private mutating func report(_ kind: LintFinding.Kind, _ message: String, at offset: Int) {
    // Both sides of an operator may lack the same label.
    let issue = Issue(kind: kind, message: message, offset: offset)
    if !issues.contains(issue) { issues.append(issue) }
  }

  private mutating func check(_ call: PromQLCall, isRated: Bool) {
    let function = call.function.text
    let rates = Self.ratings.contains(function)
    if rates, function != "resets", case .selector(let selector)? = call.arguments.first,
      let name = selector.name, let sample = scope.vocabulary[name.text], sample.kind == .other
    {
      report(
        .rateOfGauge, "\(function)() of \(name.text), which does not only grow: it is no counter",
        at: call.function.offset)
    }
    if function == "histogram_quantile", let buckets = call.arguments.last, sumsBoundsAway(buckets) {
      report(
        .quantileWithoutLe,
        "histogram_quantile() needs the label le, and the aggregation in it does not keep it",
        at: call.function.offset)
    }
    for argument in call.arguments {
      check(argument, isRated: isRated || rates || Self.censuses.contains(function))
    }
  }

  private mutating func check(_ aggregation: PromQLAggregation, isRated: Bool) {
    let operation = aggregation.operation.text
    check(aggregation.operand, isRated: isRated || Self.censuses.contains(operation))
    if let parameter = aggregation.parameter { check(parameter) }
    require(aggregation.labels, of: [aggregation.operand], in: "\(operation)()")
  }

  private mutating func check(_ binary: PromQLBinary, isRated: Bool) {
    let isRated = isRated || asksForNewSeries(binary)
    check(binary.left, isRated: isRated)
    check(binary.right, isRated: isRated)
    let place = binary.matching?.rawValue ?? ""
    switch binary.matching {
    case .on:
      require(binary.labels, of: [binary.left], in: "\(place)()")
      require(binary.labels, of: [binary.right], in: "\(place)()")
    case .ignoring:
      require(binary.labels, of: [binary.left, binary.right], in: "\(place)()")
    case nil: break
    }
    if let many = binary.many {
      require(binary.borrowed, of: [many == .left ? binary.right : binary.left], in: "group_\(many)()")
    }
  }

  /// `x unless x offset 10m`: a counter that begins with its first event has no increase at that.
  private func asksForNewSeries(_ binary: PromQLBinary) -> Bool {
    guard binary.operation == "unless", case .selector(let now) = binary.left,
      case .selector(let before) = binary.right
    else { return false }
    return before.hasOffset && !now.hasOffset && now.name != nil && now.name?.text == before.name?.text
  }

  /// Reports the labels that none of the operands has, where it is known of all what they have.
  private mutating func require(_ labels: [PromQLWord], of operands: [PromQLExpression], in place: String) {
    var known: Set<String> = []
    for operand in operands {
      guard let labels = scope.labels(of: operand) else { return }
      known.formUnion(labels)
    }
    for label in labels where !label.isVariable && !known.contains(label.text) {
      report(
        .unknownLabel, "no label \(label.text) in what \(place) is asked of" + suggestion(label.text, known),
        at: label.offset)
    }
  }

  private func suggestion(_ written: String, _ candidates: some Sequence<String>) -> String {
    NearestName.of(written, among: candidates).map { "; did you mean \($0)?" } ?? ""
  }

  /// Whether buckets are in the expression, and an aggregation over them drops their bounds.
  private func sumsBoundsAway(_ expression: PromQLExpression) -> Bool {
    switch expression {
    case .scalar, .text, .selector: return false
    case .subquery(let inner): return sumsBoundsAway(inner)
    case .call(let call): return call.arguments.contains { sumsBoundsAway($0) }
    case .binary(let binary): return sumsBoundsAway(binary.left) || sumsBoundsAway(binary.right)
    case .aggregation(let aggregation):
      guard scope.hasBuckets(aggregation.operand) else { return false }
      let named = aggregation.labels.contains { $0.text == "le" || $0.isVariable }
      let keeps =
        switch aggregation.grouping {
        case .by: named
        case .without: !aggregation.labels.contains { $0.text == "le" }
        case nil: false
        }
      return !keeps || sumsBoundsAway(aggregation.operand)
    }
  }

  private mutating func check(_ selector: PromQLSelector, isRated: Bool) {
    for matcher in selector.matchers where matcher.label.text == "__name__" { checkNames(matcher) }
    guard let name = selector.name, !name.isVariable, !isVariable(name.text) else { return }
    metrics.insert(name.text)
    guard let sample = scope.vocabulary[name.text] else {
      if !scope.isKnown(name.text) { reportUnknown(name) }
      return
    }
    if sample.kind.onlyGrows, !isRated {
      report(
        .bareCounter, "\(name.text) only grows: it says something within rate() or increase()",
        at: selector.offset)
    }
    for matcher in selector.matchers where !matcher.label.isVariable && matcher.label.text != "__name__" {
      check(matcher, name.text, sample)
    }
  }

  private mutating func check(_ matcher: PromQLMatcher, _ name: String, _ sample: MetricVocabulary.Sample) {
    let label = matcher.label.text
    guard sample.labels.contains(label) || MetricVocabulary.targetLabels.contains(label) else {
      let has = sample.labels.sorted().joined(separator: ", ")
      report(
        .unknownLabel,
        "\(name) has no label \(label)"
          + (sample.labels.isEmpty ? "; it has none" : suggestion(label, sample.labels) + " (it has \(has))"),
        at: matcher.label.offset)
      return
    }
    guard let closed = sample.closed[label], !isVariable(matcher.value.text) else { return }
    for value in Self.alternatives(of: matcher) where !value.isEmpty && !closed.values.contains(value) {
      report(
        .unknownValue,
        "\(label) of \(name) is never \(value), by the \(closed.source.rawValue)"
          + suggestion(value, closed.values), at: matcher.value.offset)
    }
  }

  /// The values that a matcher names: one, or what `|` divides. A real pattern names none.
  private static func alternatives(of matcher: PromQLMatcher) -> [String] {
    let value = matcher.value.text
    switch matcher.operation {
    case .equal, .notEqual: return [value]
    case .matches, .matchesNot:
      let meta: Set<Character> = [".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "^", "$", "\\"]
      guard !value.contains(where: { meta.contains($0) }) else { return [] }
      return value.split(separator: "|").map(String.init)
    }
  }

  private mutating func checkNames(_ matcher: PromQLMatcher) {
    guard !isVariable(matcher.value.text) else { return }
    for name in Self.alternatives(of: matcher) {
      metrics.insert(name)
      if !scope.isKnown(name) {
        reportUnknown(PromQLWord(text: name, offset: matcher.value.offset))
      }
    }
  }

  private mutating func reportUnknown(_ name: PromQLWord) {
    if scope.vocabulary.absent.contains(name.text) {
      report(
        .notExported, "the catalogue declares \(name.text), and the scrape does not have it", at: name.offset)
      return
    }
    let whole = ["_total", "_info", "_bucket"].map { name.text + $0 }.first { scope.isKnown($0) }
    let longer = scope.names.filter { $0.hasPrefix(name.text + "_") }
    let nearest =
      whole ?? (longer.count == 1 ? longer.first : nil) ?? NearestName.of(name.text, among: scope.names)
    report(
      .unknownMetric,
      "nobody exports \(name.text)" + (nearest.map { "; did you mean \($0)?" } ?? ""), at: name.offset)
  }

  private func isVariable(_ text: String) -> Bool {
    dialect == .grafana && (text.contains("$") || text.contains("[["))
  }
}
