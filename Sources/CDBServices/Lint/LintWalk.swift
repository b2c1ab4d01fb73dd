import OpenMetrics

/// The findings of one lint as they come together.
struct LintWalk {
  private(set) var scope: LintScope
  private(set) var findings: [LintFinding] = []
  private(set) var expressions = 0
  private(set) var metrics: Set<String> = []

  init(_ vocabulary: MetricVocabulary) { scope = LintScope(vocabulary) }

  private mutating func report(_ kind: LintFinding.Kind, _ message: String, _ file: String, _ line: Int) {
    findings.append(LintFinding(file: file, line: line, kind: kind, message: message))
  }

  /// Learns the recording rules of all files: first their names, then the labels, which may follow from others.
  mutating func learn(_ files: [RuleFile]) {
    let records = files.flatMap(\.rules).filter { $0.kind == .record }
    for rule in records { scope.learn(record: rule.name, labels: nil) }
    for rule in records {
      guard let expression = try? PromQLParser.parse(rule.expression.text) else { continue }
      scope.learn(record: rule.name, labels: scope.labels(of: expression)?.union(rule.labels))
    }
  }

  /// - Returns: the expression, where it is one.
  ///
  /// - Parameter isRated: whether counters may stand in it as they are.
  @discardableResult
  mutating func check(
    _ text: LintText, dialect: PromQLDialect, isRated: Bool = false
  ) -> PromQLExpression? {
    expressions += 1
    do throws(PromQLError) {
      let expression = try PromQLParser.parse(text.text, dialect: dialect)
      var lint = ExpressionLint(scope, dialect: dialect)
      lint.check(expression, isRated: isRated)
      metrics.formUnion(lint.metrics)
      for issue in lint.issues { report(issue.kind, issue.message, text.file, text.line(at: issue.offset)) }
      return expression
    } catch {
      report(
        .syntax, "\(error.reason), at byte \(error.offset + 1) of the expression", text.file,
        text.line(at: error.offset))
      return nil
    }
  }

  mutating func check(_ file: RuleFile) {
    for rule in file.rules {
      let expression = check(rule.expression, dialect: .prometheus)
      guard let expression else { continue }
      if let labels = scope.labels(of: expression)?.union(rule.labels) {
        for annotation in rule.annotations.values { check(annotation, of: rule, labels: labels) }
      }
      if rule.kind == .alert { checkRunbook(of: rule, expression) }
    }
  }

  /// The labels that a template names.
  private mutating func check(_ annotation: LintText, of rule: RuleFile.Rule, labels: Set<String>) {
    for match in annotation.text.matches(of: /\$labels\.([A-Za-z_][A-Za-z0-9_]*)/) {
      let label = String(match.output.1)
      guard !labels.contains(label) else { continue }
      let offset = annotation.text.utf8.distance(
        from: annotation.text.startIndex, to: match.range.lowerBound)
      report(
        .unknownLabel, "\(rule.name) has no label \(label)", annotation.file, annotation.line(at: offset))
    }
  }

  private mutating func checkRunbook(of rule: RuleFile.Rule, _ expression: PromQLExpression) {
    guard let link = rule.annotations["runbook_url"] else {
      report(.noRunbook, "\(rule.name) has no runbook_url", rule.expression.file, rule.line)
      return
    }
    let scope = self.scope
    let fault = RunbookLink.fault(link.text) { label in
      expression.selectors.lazy.compactMap {
        $0.name.flatMap { scope.vocabulary[$0.text]?.closed[label]?.values }
      }
      .first
    }
    if let fault { report(.unknownRunbook, "\(rule.name): \(fault)", link.file, link.line) }
  }

  mutating func check(_ dashboard: DashboardFile) {
    for expression in dashboard.expressions { check(expression, dialect: .grafana) }
    for (selector, label) in dashboard.labelQueries {
      // Which series there are is asked, and not what they are worth.
      guard let expression = check(selector, dialect: .grafana, isRated: true), !label.contains("$"),
        let labels = scope.labels(of: expression), !labels.contains(label)
      else { continue }
      report(.unknownLabel, "\(selector.text) has no label \(label)", selector.file, selector.line)
    }
  }

  /// Every alert has a test in which it fires and one in which it does not.
  mutating func check(_ tests: [RuleTestFile], of files: [RuleFile]) {
    for file in files {
      let expectations = tests.filter { $0.isOf(file.path) }.flatMap(\.expectations)
      for rule in file.rules where rule.kind == .alert {
        let own = expectations.filter { $0.alert == rule.name }
        if !own.contains(where: \.fires) {
          report(.noFiringTest, "no test shows that \(rule.name) fires", file.path, rule.line)
        }
        if !own.contains(where: { !$0.fires }) {
          report(.noSilentTest, "no test shows that \(rule.name) keeps silent", file.path, rule.line)
        }
      }
    }
    for test in tests {
      // A test of what nobody exports shows nothing.
      for series in test.series { check(series, dialect: .prometheus, isRated: true) }
      let tested = files.filter { test.isOf($0.path) }
      guard !tested.isEmpty else { continue }
      let alerts = Set(tested.flatMap(\.rules).filter { $0.kind == .alert }.map(\.name))
      for expectation in test.expectations where !alerts.contains(expectation.alert) {
        report(.unknownAlert, "there is no alert \(expectation.alert)", test.path, expectation.line)
      }
    }
  }

  /// Whatever of ours a scrape has, the catalogue declares, with these labels and with these values.
  mutating func check(_ scrape: DriftLint.Scrape, against catalogue: [MetricDescriptor]) {
    let declared = Dictionary(catalogue.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for family in scrape.families where family.name.hasPrefix("cdb_") {
      guard let descriptor = MetricVocabulary.descriptor(of: family.name, in: declared) else {
        report(.undeclared, "the catalogue does not declare \(family.name)", scrape.place, 1)
        continue
      }
      let closed = ClosedLabels.values(of: descriptor, source: .catalogue)
      // The older format shows the states of a set as a label.
      let labels = Set(descriptor.labels).union(descriptor.type == .stateset ? [descriptor.name] : [])
      var told: Set<String> = []
      for label in family.metrics.flatMap({ Array($0.labels) }) {
        let isDeclared = labels.contains(label.name) || ["le", "quantile"].contains(label.name)
        let isPossible = closed[label.name]?.values.contains(label.value) ?? true
        guard !isDeclared || !isPossible else { continue }
        let what = isDeclared ? "\(label.name)=\"\(label.value)\"" : "the label \(label.name)"
        guard told.insert(what).inserted else { continue }
        report(.undeclared, "the catalogue does not declare \(what) of \(family.name)", scrape.place, 1)
      }
    }
  }
}

extension PromQLExpression {
  /// All selectors in it.
  var selectors: [PromQLSelector] {
    switch self {
    case .scalar, .text: []
    case .selector(let selector): [selector]
    case .subquery(let inner): inner.selectors
    case .call(let call): call.arguments.flatMap(\.selectors)
    case .aggregation(let aggregation):
      aggregation.operand.selectors + (aggregation.parameter?.selectors ?? [])
    case .binary(let binary): binary.left.selectors + binary.right.selectors
    }
  }
}
