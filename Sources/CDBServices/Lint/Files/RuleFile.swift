import Yams

/// A file of recording and alert rules.
struct RuleFile {
  struct Rule {
    enum Kind: Sendable, Hashable {
      case record, alert
    }

    var kind: Kind
    var name: String
    var line: Int
    var expression: LintText
    /// Labels that it adds.
    var labels: Set<String>
    var annotations: [String: LintText]
  }

  let path: String
  var rules: [Rule] = []

  static func isOne(_ document: LintDocument) -> Bool { document.root.fields["groups"] != nil }

  /// - Throws: ``LintRefusal`` where a rule is neither recorded nor an alert, or has no expression.
  init(_ document: LintDocument) throws(LintRefusal) {
    path = document.path
    for group in document.root.fields["groups"]?.items ?? [] {
      for node in group.fields["rules"]?.items ?? [] { rules.append(try Self.rule(node, in: document)) }
    }
  }

  private static func rule(_ node: Node, in document: LintDocument) throws(LintRefusal) -> Rule {
    let fields = node.fields
    let place = "\(document.path):\(node.line)"
    guard let name = (fields["alert"] ?? fields["record"])?.scalarText,
      (fields["alert"] == nil) != (fields["record"] == nil)
    else { throw LintRefusal(place: place, reason: "a rule has either `alert` or `record`") }
    guard let expression = document.text(fields["expr"]) else {
      throw LintRefusal(place: place, reason: "\(name) has no `expr`")
    }
    return Rule(
      kind: fields["alert"] == nil ? .record : .alert, name: name, line: node.line, expression: expression,
      labels: Set((fields["labels"]?.fields ?? [:]).keys),
      annotations: (fields["annotations"]?.fields ?? [:]).compactMapValues { document.text($0) })
  }
}

/// A file of tests for `promtool test rules`.
struct RuleTestFile {
  /// What one test says of an alert at one time.
  struct Expectation: Sendable, Hashable {
    var alert: String
    var fires: Bool
    var line: Int
  }

  let path: String
  /// As they are written, relative to the file's folder.
  var ruleFiles: [String]
  var expectations: [Expectation] = []
  /// What the tests pretend to have scraped.
  var series: [LintText] = []

  static func isOne(_ document: LintDocument) -> Bool { document.root.fields["tests"] != nil }

  init(_ document: LintDocument) {
    path = document.path
    ruleFiles = document.root.fields["rule_files"]?.items.compactMap(\.scalarText) ?? []
    for test in document.root.fields["tests"]?.items ?? [] {
      series += test.fields["input_series"]?.items.compactMap { document.text($0.fields["series"]) } ?? []
      for alert in test.fields["alert_rule_test"]?.items ?? [] {
        guard let name = alert.fields["alertname"]?.scalarText else { continue }
        let fires = !(alert.fields["exp_alerts"]?.items.isEmpty ?? true)
        expectations.append(Expectation(alert: name, fires: fires, line: alert.line))
      }
    }
  }
}
