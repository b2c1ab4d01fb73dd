import OpenMetrics

/// Names in quotes in OpenMetrics 1.0, where they are negotiated.
enum OpenMetrics1Quoted {
  private static let parser = ExpositionParser(
    format: .openMetrics1, options: .init(allowsQuotedNames: true))

  static let accepted = SpecCase.table(
    parser,
    [
      SpecCase(
        section: "Escaping schemes", "a quoted counter",
        text: "# TYPE \"my.name\" counter\n{\"my.name_total\",\"label.x\"=\"v\",y=\"w\"} 1\n# EOF\n"),
      SpecCase(
        section: "Escaping schemes", "metadata in quotes",
        text:
          "# TYPE \"a b_seconds\" gauge\n# UNIT \"a b_seconds\" seconds\n# HELP \"a b_seconds\" x\n{\"a b_seconds\"} 1\n# EOF\n"
      ),
      SpecCase(
        section: "Escaping schemes", "quotes that are not needed",
        text: "# TYPE \"a\" gauge\na{\"b\"=\"1\"} 1\n{\"a\",b=\"2\"} 1\n# EOF\n"),
      SpecCase(
        section: "Escaping schemes", "escapes in names",
        text: "{\"a\\\"\\\\\\nb\",\"\\\"\"=\"c\"} 1\n# EOF\n"),
      SpecCase(
        section: "Escaping schemes", "a quoted histogram",
        text: "# TYPE \"é\" histogram\n{\"é_bucket\",le=\"+Inf\"} 1\n{\"é_count\"} 1\n{\"é_sum\"} 1\n# EOF\n"),
    ])

  static let refused = SpecCase.table(
    parser,
    [
      SpecCase(
        section: "Escaping schemes", "an empty name", text: "{\"\"} 1\n# EOF\n", reason: .invalidLabels,
        line: 1),
      SpecCase(
        section: "Escaping schemes", "an empty label name", text: "a{\"\"=\"b\"} 1\n# EOF\n",
        reason: .rule(.invalidLabelName), line: 1),
      SpecCase(
        section: "Escaping schemes", "no name at all", text: "{a=\"b\"} 1\n# EOF\n",
        reason: .invalidMetricName, line: 1),
      SpecCase(
        section: "Escaping schemes", "a name before and in the braces", text: "a{\"b\"} 1\n# EOF\n",
        reason: .invalidLabels, line: 1),
      SpecCase(
        section: "Escaping schemes", "a name after a label", text: "{a=\"b\",\"c\"} 1\n# EOF\n",
        reason: .invalidLabels, line: 1),
      SpecCase(
        section: "Escaping schemes", "two names", text: "{\"a\",\"b\"} 1\n# EOF\n", reason: .invalidLabels,
        line: 1),
      SpecCase(
        section: "Escaping schemes", "an unterminated name", text: "{\"a} 1\n# EOF\n",
        reason: .invalidLabels, line: 1),
      SpecCase(
        section: "Escaping schemes", "a label quoted and not", text: "a{b=\"1\",\"b\"=\"2\"} 1\n# EOF\n",
        reason: .rule(.duplicateLabel), line: 1),
      SpecCase(
        section: "Escaping schemes", "a label in two spellings",
        text: "a{\"b\\n\"=\"1\",\"b\\n\"=\"2\"} 1\n# EOF\n", reason: .rule(.duplicateLabel), line: 1),
      SpecCase(
        section: "Label", "a quoted leading underscore", text: "a{\"_b\"=\"1\"} 1\n# EOF\n",
        reason: .rule(.reservedName), line: 1),
      SpecCase(
        section: "MetricFamily Name", "a quoted leading underscore", text: "{\"_b\"} 1\n# EOF\n",
        reason: .rule(.reservedName), line: 1),
      SpecCase(
        section: "MetricFamily metadata", "an empty quoted name", text: "# TYPE \"\" gauge\n# EOF\n",
        reason: .invalidMetricName, line: 1),
      SpecCase(
        section: "Counter", "a quoted counter without _total",
        text: "# TYPE \"a.b\" counter\n{\"a.b\"} 1\n# EOF\n", reason: .wrongSuffix, line: 2),
    ])

  /// Without the option.
  static let withoutOption = SpecCase.table(
    ExpositionParser(format: .openMetrics1),
    [
      SpecCase(
        section: "ABNF metricname", "a quoted name", text: "{\"a\"} 1\n# EOF\n",
        reason: .quotedNameNotAllowed,
        line: 1),
      SpecCase(
        section: "ABNF label-name", "a quoted label", text: "a{\"b\"=\"c\"} 1\n# EOF\n",
        reason: .quotedNameNotAllowed, line: 1),
      SpecCase(
        section: "ABNF metric-descriptor", "quoted metadata", text: "# TYPE \"a\" gauge\n# EOF\n",
        reason: .quotedNameNotAllowed, line: 1),
    ])
}
