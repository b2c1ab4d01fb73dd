import OpenMetrics

/// What the Prometheus text format 0.0.4 refuses.
enum Text004 {
  static let refused = SpecCase.table(
    ExpositionParser(format: .text004),
    [
      SpecCase(section: "Lines", "no final line feed", text: "a 1", reason: .missingFinalNewline, line: 1),
      SpecCase(
        section: "Comments", "two TYPE lines", text: "# TYPE a gauge\n# TYPE a gauge\n",
        reason: .duplicateMetadata, line: 2),
      SpecCase(
        section: "Comments", "two HELP lines", text: "# HELP a x\n# HELP a x\n", reason: .duplicateMetadata,
        line: 2),
      SpecCase(
        section: "Comments", "TYPE after samples", text: "a 1\n# TYPE a gauge\n",
        reason: .metadataAfterSamples, line: 2),
      SpecCase(
        section: "Comments", "an OpenMetrics type", text: "# TYPE a info\n", reason: .unknownType, line: 1),
      SpecCase(
        section: "Comments", "an escape in HELP", text: "# HELP a \\x\n", reason: .invalidEscape, line: 1),
      SpecCase(
        section: "Labels", "an undefined escape", text: "a{b=\"\\x\"} 1\n", reason: .invalidEscape, line: 1),
      SpecCase(
        section: "Labels", "__name__", text: "a{__name__=\"b\"} 1\n", reason: .rule(.reservedName), line: 1),
      SpecCase(
        section: "Labels", "duplicates", text: "a{b=\"1\",b=\"2\"} 1\n", reason: .rule(.duplicateLabel),
        line: 1),
      SpecCase(section: "Values", "no number", text: "a x\n", reason: .invalidNumber, line: 1),
      SpecCase(section: "Timestamps", "a fraction", text: "a 1 1.5\n", reason: .invalidTimestamp, line: 1),
      SpecCase(section: "Values", "an exemplar", text: "a 1 # {} 1\n", reason: .invalidTimestamp, line: 1),
      SpecCase(
        section: "Grouping", "a series twice", text: "a{b=\"c\"} 1\na{b=\"c\"} 2\n", reason: .duplicateSample,
        line: 2),
      SpecCase(
        section: "Grouping", "a series twice with timestamps", text: "a 1 1\na 1 2\n",
        reason: .duplicateSample, line: 2),
      SpecCase(
        section: "Grouping", "a family in two groups", text: "# TYPE a gauge\na 1\nb 1\na{x=\"y\"} 1\n",
        reason: .duplicateFamily, line: 4),
      SpecCase(
        section: "Histograms", "no +Inf",
        text: "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        reason: .rule(.infinityBucketMissing), line: 2),
      SpecCase(
        section: "Histograms", "count is not +Inf",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
        reason: .rule(.countMismatch), line: 2),
      SpecCase(
        section: "Lines", "invalid UTF-8", bytes: bytes("a{b=\"", [0xC0], "\"} 1\n"), reason: .invalidUTF8,
        line: 1),
    ])
}
