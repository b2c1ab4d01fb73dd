import OpenMetrics

/// Numbers, timestamps and exemplars that OpenMetrics 1.0 refuses.
enum OpenMetrics1Values {
  static let refused = SpecCase.table(
    ExpositionParser(format: .openMetrics1),
    [
      SpecCase(
        section: "ABNF number", "an underscore", text: "a 1_000\n# EOF\n", reason: .invalidNumber, line: 1),
      SpecCase(
        section: "ABNF number", "hexadecimal", text: "a 0x1p3\n# EOF\n", reason: .invalidNumber, line: 1),
      SpecCase(
        section: "ABNF number", "a signed NaN", text: "a -nan\n# EOF\n", reason: .invalidNumber, line: 1),
      SpecCase(section: "ABNF number", "a lone point", text: "a .\n# EOF\n", reason: .invalidNumber, line: 1),
      SpecCase(
        section: "ABNF number", "an empty exponent", text: "a 1e\n# EOF\n", reason: .invalidNumber, line: 1),
      SpecCase(
        section: "Numbers", "beyond a double", text: "a 1e999\n# EOF\n", reason: .numberOutOfRange, line: 1),
      SpecCase(section: "Timestamps", "NaN", text: "a 1 NaN\n# EOF\n", reason: .invalidTimestamp, line: 1),
      SpecCase(
        section: "Timestamps", "infinite", text: "a 1 +Inf\n# EOF\n", reason: .invalidTimestamp, line: 1),
      SpecCase(
        section: "Timestamps", "beyond 64 bits", text: "a 1 99999999999999999999\n# EOF\n",
        reason: .invalidTimestamp, line: 1),
      SpecCase(
        section: "MetricPoint", "timestamps go back", text: "# TYPE a gauge\na 1 2\na 1 1\n# EOF\n",
        reason: .rule(.timestampsNotIncreasing), line: 3),
      SpecCase(
        section: "MetricPoint", "timestamps stand still", text: "# TYPE a gauge\na 1 2\na 1 2\n# EOF\n",
        reason: .duplicateSample, line: 3),
      SpecCase(
        section: "MetricPoint", "only some timestamps", text: "# TYPE a gauge\na 1\na 1 2\n# EOF\n",
        reason: .rule(.timestampPresenceMixed), line: 3),
      SpecCase(
        section: "Exemplars", "on a gauge", text: "# TYPE a gauge\na 1 # {} 1\n# EOF\n",
        reason: .exemplarNotAllowed, line: 2),
      SpecCase(
        section: "Exemplars", "on a sum",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1 # {} 1\n# EOF\n",
        reason: .exemplarNotAllowed, line: 4),
      SpecCase(
        section: "Exemplars", "129 code points",
        text: "# TYPE a counter\na_total 1 # {b=\"\(String(repeating: "x", count: 128))\"} 1\n# EOF\n",
        reason: .exemplarTooLong, line: 2),
      SpecCase(
        section: "Exemplars", "no value", text: "# TYPE a counter\na_total 1 # {}\n# EOF\n",
        reason: .unexpectedCharacter, line: 2),
      SpecCase(
        section: "Exemplars", "no labels", text: "# TYPE a counter\na_total 1 # 1\n# EOF\n",
        reason: .invalidExemplar, line: 2),
      SpecCase(
        section: "Exemplars", "no blank before the hash", text: "# TYPE a counter\na_total 1# {} 1\n# EOF\n",
        reason: .invalidNumber, line: 2),
      SpecCase(
        section: "Exemplars", "two of them", text: "# TYPE a counter\na_total 1 # {} 1 # {} 1\n# EOF\n",
        reason: .unexpectedCharacter, line: 2),
      SpecCase(
        section: "Exemplars", "outside of its bucket",
        text: "# TYPE a histogram\na_bucket{le=\"1.0\"} 1 # {} 2\na_bucket{le=\"+Inf\"} 1\n# EOF\n",
        reason: .rule(.exemplarOutsideBucket), line: 2),
    ])
}
