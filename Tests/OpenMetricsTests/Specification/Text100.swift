import OpenMetrics

/// What the Prometheus text format 1.0.0 allows and refuses beyond 0.0.4: names in quotes.
enum Text100 {
  private static let parser = ExpositionParser(format: .text100)

  static let accepted = SpecCase.table(
    parser,
    [
      SpecCase(
        section: "Comments", "quoted metadata", text: "# HELP \"a.b\" x\n# TYPE \"a.b\" gauge\n{\"a.b\"} 1\n"),
      SpecCase(
        section: "Line format", "blanks in braces", text: "{ \"a.b\" , \"c d\" = \"e\" , f=\"g\", } 1 5\n"),
      SpecCase(section: "Line format", "no blank after the brace", text: "{\"a.b\"}1\n"),
      SpecCase(section: "Line format", "quotes that are not needed", text: "a{\"b\"=\"c\"} 1\n"),
      SpecCase(section: "Line format", "escapes in names", text: "{\"a\\\"\\\\\\n\",\"\\n\"=\"x\"} 1\n"),
      SpecCase(
        section: "Histograms and summaries", "a quoted histogram",
        text:
          "# TYPE \"a.b\" histogram\n{\"a.b_bucket\",le=\"+Inf\"} 1\n{\"a.b_sum\"} 1\n{\"a.b_count\"} 1\n"),
    ])

  static let refused = SpecCase.table(
    parser,
    [
      SpecCase(
        section: "Line format", "the document's example, which has no value",
        text: "{\"my.dotted.metric\", \"error.message\"=\"Not Found\"}\n", reason: .invalidNumber, line: 1),
      SpecCase(
        section: "Line format", "a name without quotes", text: "a.b 1\n", reason: .unexpectedCharacter,
        line: 1),
      SpecCase(
        section: "Line format", "a label without quotes", text: "a{b.c=\"d\"} 1\n", reason: .invalidLabels,
        line: 1),
      SpecCase(
        section: "Line format", "a name after a label", text: "{a=\"b\",\"c\"} 1\n", reason: .invalidLabels,
        line: 1),
      SpecCase(section: "Line format", "two names", text: "a{\"b\"} 1\n", reason: .invalidLabels, line: 1),
      SpecCase(section: "Line format", "no name", text: "{} 1\n", reason: .invalidMetricName, line: 1),
      SpecCase(section: "Line format", "an empty name", text: "{\"\"} 1\n", reason: .invalidLabels, line: 1),
      SpecCase(
        section: "Line format", "an undefined escape in a name", text: "{\"a\\x\"} 1\n",
        reason: .invalidEscape,
        line: 1),
      SpecCase(
        section: "Comments", "metadata without quotes", text: "# TYPE a.b gauge\n",
        reason: .unexpectedCharacter,
        line: 1),
      SpecCase(
        section: "Grouping and sorting", "a family quoted and not", text: "a 1\nb 1\n{\"a\",c=\"d\"} 1\n",
        reason: .duplicateFamily, line: 3),
      SpecCase(
        section: "Grouping and sorting", "a series quoted and not", text: "a 1\n{\"a\"} 1\n",
        reason: .duplicateSample, line: 2),
    ])
}
