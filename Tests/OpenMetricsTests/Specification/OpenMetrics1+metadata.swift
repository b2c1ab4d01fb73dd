import OpenMetrics

/// Metadata and groups that OpenMetrics 1.0 refuses.
enum OpenMetrics1Metadata {
  static let refused = SpecCase.table(
    ExpositionParser(format: .openMetrics1),
    [
      SpecCase(
        section: "MetricFamily metadata", "a comment", text: "# hello world\n# EOF\n",
        reason: .invalidMetadata, line: 1),
      SpecCase(
        section: "MetricFamily metadata", "no blank after the hash", text: "#TYPE a gauge\n# EOF\n",
        reason: .invalidMetadata, line: 1),
      SpecCase(
        section: "MetricFamily metadata", "TYPE without type", text: "# TYPE a\n# EOF\n",
        reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "MetricFamily metadata", "TYPE untyped", text: "# TYPE a untyped\n# EOF\n",
        reason: .unknownType, line: 1),
      SpecCase(
        section: "MetricFamily metadata", "TYPE in capitals", text: "# TYPE a Gauge\n# EOF\n",
        reason: .unknownType, line: 1),
      SpecCase(
        section: "MetricFamily metadata", "two TYPE lines", text: "# TYPE a gauge\n# TYPE a gauge\n# EOF\n",
        reason: .duplicateMetadata, line: 2),
      SpecCase(
        section: "MetricFamily metadata", "two HELP lines", text: "# HELP a x\n# HELP a x\n# EOF\n",
        reason: .duplicateMetadata, line: 2),
      SpecCase(
        section: "MetricFamily metadata", "two UNIT lines", text: "# UNIT a_s s\n# UNIT a_s s\n# EOF\n",
        reason: .duplicateMetadata, line: 2),
      SpecCase(
        section: "MetricFamily metadata", "TYPE after samples", text: "a 1\n# TYPE a gauge\n# EOF\n",
        reason: .metadataAfterSamples, line: 2),
      SpecCase(
        section: "MetricFamily metadata", "an unescaped quote in HELP", text: "# HELP a \"x\"\n# EOF\n",
        reason: .invalidEscape, line: 1),
      SpecCase(
        section: "MetricFamily metadata", "a lone backslash ends HELP", text: "# HELP a x\\\n# EOF\n",
        reason: .invalidEscape, line: 1),
      SpecCase(
        section: "Unit", "not the suffix", text: "# TYPE a counter\n# UNIT a seconds\n# EOF\n",
        reason: .rule(.unitNotSuffix), line: 2),
      SpecCase(
        section: "Unit", "a suffix without underscore",
        text: "# TYPE aseconds counter\n# UNIT aseconds seconds\n# EOF\n", reason: .rule(.unitNotSuffix),
        line: 2),
      SpecCase(
        section: "Info", "a unit", text: "# TYPE a_x info\n# UNIT a_x x\n# EOF\n",
        reason: .rule(.unitNotAllowed), line: 1),
      SpecCase(
        section: "StateSet", "a unit", text: "# TYPE a_x stateset\n# UNIT a_x x\n# EOF\n",
        reason: .rule(.unitNotAllowed), line: 1),
      SpecCase(
        section: "MetricFamily", "interleaved families",
        text: "# TYPE a gauge\na 1\nb 1\na{x=\"y\"} 2\n# EOF\n", reason: .duplicateFamily, line: 4),
      SpecCase(
        section: "MetricFamily", "a family twice",
        text: "# TYPE a gauge\n# TYPE b gauge\n# TYPE a counter\n# EOF\n", reason: .duplicateFamily, line: 3),
      SpecCase(
        section: "Suffixes", "clashing sample names",
        text: "# TYPE foo counter\nfoo_total 1\n# TYPE foo_created gauge\nfoo_created 1\n# EOF\n",
        reason: .clashingFamilies, line: 3),
      SpecCase(
        section: "Metric", "interleaved metrics",
        text: "# TYPE f summary\nf_count{a=\"b\"} 0\nf_count{a=\"c\"} 0\nf_sum{a=\"b\"} 0\n# EOF\n",
        reason: .interleavedMetrics, line: 4),
      SpecCase(
        section: "MetricPoint", "interleaved points",
        text: "# TYPE f summary\nf_count 0 123\nf_count 0 456\nf_sum 0 123\n# EOF\n",
        reason: .rule(.timestampsNotIncreasing), line: 4),
      SpecCase(
        section: "Metric", "the same sample twice", text: "# TYPE f gauge\nf 1\nf 2\n# EOF\n",
        reason: .duplicateSample, line: 3),
      SpecCase(
        section: "Label", "an empty label is no label", text: "# TYPE f gauge\nf 1\nf{a=\"\"} 2\n# EOF\n",
        reason: .duplicateSample, line: 3),
      SpecCase(
        section: "Metric", "the same labels in another order",
        text: "# TYPE f gauge\nf{a=\"1\",b=\"2\"} 1\nf{b=\"2\",a=\"1\"} 2\n# EOF\n", reason: .duplicateSample,
        line: 3),
    ])
}
