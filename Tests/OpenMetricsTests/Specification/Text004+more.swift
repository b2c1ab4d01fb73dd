import OpenMetrics

extension Text004 {
  static let moreRefused = SpecCase.table(
    ExpositionParser(format: .text004),
    [
      SpecCase(section: "Line format", "no value", text: "a\n", reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "Line format", "no value after labels", text: "a{}\n", reason: .invalidNumber, line: 1),
      SpecCase(
        section: "Line format", "a missing comma", text: "a{b=\"c\" d=\"e\"} 1\n", reason: .invalidLabels,
        line: 1),
      SpecCase(
        section: "Line format", "two commas", text: "a{b=\"c\",,} 1\n", reason: .rule(.invalidLabelName),
        line: 1),
      SpecCase(
        section: "Line format", "a quoted name", text: "{\"a\"} 1\n", reason: .quotedNameNotAllowed, line: 1),
      SpecCase(
        section: "Line format", "a quoted label", text: "a{\"b\"=\"c\"} 1\n", reason: .quotedNameNotAllowed,
        line: 1),
      SpecCase(
        section: "Line format", "a timestamp beyond 64 bits", text: "a 1 9223372036854775808\n",
        reason: .invalidTimestamp, line: 1),
      SpecCase(
        section: "Line format", "a third number", text: "a 1 2 3\n", reason: .unexpectedCharacter, line: 1),
      SpecCase(section: "Line format", "an underscore", text: "a 1_0\n", reason: .invalidNumber, line: 1),
      SpecCase(
        section: "Line format", "a hexadecimal number", text: "a 0x1p4\n", reason: .invalidNumber, line: 1),
      SpecCase(section: "Line format", "a signed NaN", text: "a +NaN\n", reason: .invalidNumber, line: 1),
      SpecCase(
        section: "Line format", "a number too large", text: "a 1e309\n", reason: .numberOutOfRange, line: 1),
      SpecCase(
        section: "Comments", "TYPE without a type", text: "# TYPE a\n", reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "Comments", "TYPE with too much", text: "# TYPE a gauge x\n", reason: .invalidMetadata,
        line: 1),
      SpecCase(
        section: "Comments", "HELP without a name", text: "# HELP\n", reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "Comments", "a lone backslash ends HELP", text: "# HELP a x\\\n", reason: .invalidEscape,
        line: 1),
      SpecCase(
        section: "Histograms and summaries", "buckets that descend",
        text: "# TYPE a histogram\na_bucket{le=\"2\"} 1\na_bucket{le=\"1\"} 1\n",
        reason: .rule(.bucketsNotAscending), line: 3),
      SpecCase(
        section: "Histograms and summaries", "quantiles that descend",
        text: "# TYPE a summary\na{quantile=\"0.9\"} 1\na{quantile=\"0.5\"} 1\n",
        reason: .quantilesNotAscending, line: 2),
      SpecCase(
        section: "Histograms and summaries", "a quantile twice",
        text: "# TYPE a summary\na{quantile=\"0.5\"} 1\na{quantile=\"0.50\"} 1\n", reason: .duplicateSample,
        line: 2),
      SpecCase(
        section: "Histograms and summaries", "no le", text: "# TYPE a histogram\na_bucket 1\n",
        reason: .missingLabel, line: 2),
      SpecCase(
        section: "Histograms and summaries", "a negative count",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} -1\n", reason: .rule(.countNegative), line: 2),
      SpecCase(
        section: "Histograms and summaries", "a family called as another's bucket",
        text: "# TYPE a histogram\n# TYPE a_bucket gauge\n", reason: .clashingFamilies, line: 2),
      SpecCase(
        section: "Histograms and summaries", "a bare sample of a histogram",
        text: "# TYPE a histogram\na 1\n", reason: .wrongSuffix, line: 2),
    ])
}
