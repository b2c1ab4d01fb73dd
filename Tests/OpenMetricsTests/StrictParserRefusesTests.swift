import Testing

@testable import OpenMetrics

struct RefusedCase: Sendable, CustomTestStringConvertible {
  let text: [UInt8]
  let reason: ParseError.Reason
  let line: Int
  let testDescription: String

  init(_ section: String, _ what: String, _ text: String, _ reason: ParseError.Reason, line: Int) {
    self.init(section, what, Array(text.utf8), reason, line: line)
  }

  init(_ section: String, _ what: String, _ bytes: [UInt8], _ reason: ParseError.Reason, line: Int) {
    text = bytes
    self.reason = reason
    self.line = line
    testDescription = "\(section): \(what)"
  }
}

@Suite("OpenMetrics 1.0: the strict parser refuses what the specification forbids")
struct StrictParserRefusesTests {
  @Test(
    "an invalid exposition is refused with its reason and line",
    arguments: structure + metadata + values + types)
  func refuses(_ invalid: RefusedCase) throws {
    let error = try #require(throws: ParseError.self) { try OpenMetricsParser.parse(invalid.text) }
    #expect(error.reason == invalid.reason)
    #expect(error.line == invalid.line)
  }

  static func bytes(_ before: String, _ raw: [UInt8], _ after: String) -> [UInt8] {
    Array(before.utf8) + raw + Array(after.utf8)
  }

  static let structure: [RefusedCase] = [
    .init("ABNF exposition", "nothing at all", "", .missingEOF, line: 1),
    .init("ABNF exposition", "no EOF", "a 1\n", .missingEOF, line: 2),
    .init("ABNF exposition", "a cut line", "a 1", .missingEOF, line: 1),
    .init("ABNF exposition", "content after EOF", "# EOF\na 1\n", .contentAfterEOF, line: 2),
    .init("ABNF exposition", "a second line feed after EOF", "# EOF\n\n", .contentAfterEOF, line: 2),
    .init("ABNF exposition", "a blank after EOF", "# EOF \n", .invalidMetadata, line: 1),
    .init("ABNF exposition", "a blank line", "a 1\n\n# EOF\n", .blankLine, line: 2),
    .init(
      "Overall Structure", "a byte order mark", bytes("", [0xEF, 0xBB, 0xBF], "# EOF\n"), .byteOrderMark,
      line: 1),
    .init("Overall Structure", "carriage returns", "a 1\r\n# EOF\n", .invalidNumber, line: 1),
    .init(
      "Overall Structure", "invalid UTF-8 in a label", bytes("a{b=\"", [0xFF], "\"} 1\n# EOF\n"),
      .invalidUTF8, line: 1),
    .init(
      "Overall Structure", "a surrogate in HELP", bytes("# HELP a ", [0xED, 0xA0, 0x80], "\n# EOF\n"),
      .invalidUTF8, line: 1),
    .init("ABNF sample", "a name that begins with a digit", "0a 1\n# EOF\n", .invalidMetricName, line: 1),
    .init("ABNF sample", "leading blank", " a 1\n# EOF\n", .invalidMetricName, line: 1),
    .init("ABNF sample", "two blanks", "a  1\n# EOF\n", .invalidNumber, line: 1),
    .init("ABNF sample", "a tab", "a\t1\n# EOF\n", .unexpectedCharacter, line: 1),
    .init("ABNF sample", "trailing blank", "a 1 \n# EOF\n", .invalidTimestamp, line: 1),
    .init("ABNF sample", "no value", "a\n# EOF\n", .unexpectedCharacter, line: 1),
    .init("ABNF sample", "too many tokens", "a 1 2 3\n# EOF\n", .invalidExemplar, line: 1),
    .init("ABNF label", "trailing comma", "a{b=\"c\",} 1\n# EOF\n", .rule(.invalidLabelName), line: 1),
    .init("ABNF label", "blank inside braces", "a{ b=\"c\"} 1\n# EOF\n", .rule(.invalidLabelName), line: 1),
    .init("ABNF label", "colon in a label name", "a{b:c=\"d\"} 1\n# EOF\n", .invalidLabels, line: 1),
    .init("ABNF label", "single quotes", "a{b='c'} 1\n# EOF\n", .invalidLabels, line: 1),
    .init("ABNF label", "unterminated value", "a{b=\"c} 1\n# EOF\n", .invalidLabels, line: 1),
    .init("ABNF label", "missing comma", "a{b=\"c\"d=\"e\"} 1\n# EOF\n", .invalidLabels, line: 1),
    .init("Label", "leading underscore", "a{_b=\"c\"} 1\n# EOF\n", .rule(.reservedName), line: 1),
    .init("LabelSet", "duplicate label", "a{b=\"c\",b=\"d\"} 1\n# EOF\n", .rule(.duplicateLabel), line: 1),
    .init("MetricFamily Name", "leading underscore", "_a 1\n# EOF\n", .rule(.reservedName), line: 1),
  ]

  static let metadata: [RefusedCase] = [
    .init("MetricFamily metadata", "a comment", "# hello world\n# EOF\n", .invalidMetadata, line: 1),
    .init(
      "MetricFamily metadata", "no blank after the hash", "#TYPE a gauge\n# EOF\n", .invalidMetadata, line: 1),
    .init("MetricFamily metadata", "TYPE without type", "# TYPE a\n# EOF\n", .unexpectedCharacter, line: 1),
    .init("MetricFamily metadata", "TYPE untyped", "# TYPE a untyped\n# EOF\n", .unknownType, line: 1),
    .init("MetricFamily metadata", "TYPE in capitals", "# TYPE a Gauge\n# EOF\n", .unknownType, line: 1),
    .init(
      "MetricFamily metadata", "two TYPE lines", "# TYPE a gauge\n# TYPE a gauge\n# EOF\n",
      .duplicateMetadata, line: 2),
    .init(
      "MetricFamily metadata", "two HELP lines", "# HELP a x\n# HELP a x\n# EOF\n", .duplicateMetadata,
      line: 2),
    .init(
      "MetricFamily metadata", "two UNIT lines", "# UNIT a_s s\n# UNIT a_s s\n# EOF\n", .duplicateMetadata,
      line: 2),
    .init(
      "MetricFamily metadata", "TYPE after samples", "a 1\n# TYPE a gauge\n# EOF\n", .metadataAfterSamples,
      line: 2),
    .init(
      "MetricFamily metadata", "an unescaped quote in HELP", "# HELP a \"x\"\n# EOF\n", .invalidEscape,
      line: 1),
    .init(
      "MetricFamily metadata", "a lone backslash ends HELP", "# HELP a x\\\n# EOF\n", .invalidEscape, line: 1),
    .init(
      "Unit", "not the suffix", "# TYPE a counter\n# UNIT a seconds\n# EOF\n", .rule(.unitNotSuffix), line: 2),
    .init(
      "Unit", "a suffix without underscore", "# TYPE aseconds counter\n# UNIT aseconds seconds\n# EOF\n",
      .rule(.unitNotSuffix), line: 2),
    .init("Info", "a unit", "# TYPE a_x info\n# UNIT a_x x\n# EOF\n", .rule(.unitNotAllowed), line: 1),
    .init(
      "StateSet", "a unit", "# TYPE a_x stateset\n# UNIT a_x x\n# EOF\n", .rule(.unitNotAllowed), line: 1),
    .init(
      "MetricFamily", "interleaved families", "# TYPE a gauge\na 1\nb 1\na{x=\"y\"} 2\n# EOF\n",
      .duplicateFamily, line: 4),
    .init(
      "MetricFamily", "a family twice", "# TYPE a gauge\n# TYPE b gauge\n# TYPE a counter\n# EOF\n",
      .duplicateFamily, line: 3),
    .init(
      "Suffixes", "clashing sample names",
      "# TYPE foo counter\nfoo_total 1\n# TYPE foo_created gauge\nfoo_created 1\n# EOF\n", .clashingFamilies,
      line: 3),
    .init(
      "Metric", "interleaved metrics",
      "# TYPE f summary\nf_count{a=\"b\"} 0\nf_count{a=\"c\"} 0\nf_sum{a=\"b\"} 0\n# EOF\n",
      .interleavedMetrics, line: 4),
    .init(
      "MetricPoint", "interleaved points",
      "# TYPE f summary\nf_count 0 123\nf_count 0 456\nf_sum 0 123\n# EOF\n", .rule(.timestampsNotIncreasing),
      line: 4),
    .init("Metric", "the same sample twice", "# TYPE f gauge\nf 1\nf 2\n# EOF\n", .duplicateSample, line: 3),
    .init(
      "Label", "an empty label is no label", "# TYPE f gauge\nf 1\nf{a=\"\"} 2\n# EOF\n", .duplicateSample,
      line: 3),
    .init(
      "Metric", "the same labels in another order",
      "# TYPE f gauge\nf{a=\"1\",b=\"2\"} 1\nf{b=\"2\",a=\"1\"} 2\n# EOF\n", .duplicateSample, line: 3),
  ]

  static let values: [RefusedCase] = [
    .init("ABNF number", "an underscore", "a 1_000\n# EOF\n", .invalidNumber, line: 1),
    .init("ABNF number", "hexadecimal", "a 0x1p3\n# EOF\n", .invalidNumber, line: 1),
    .init("ABNF number", "a signed NaN", "a -nan\n# EOF\n", .invalidNumber, line: 1),
    .init("ABNF number", "a lone point", "a .\n# EOF\n", .invalidNumber, line: 1),
    .init("ABNF number", "an empty exponent", "a 1e\n# EOF\n", .invalidNumber, line: 1),
    .init("Numbers", "beyond a double", "a 1e999\n# EOF\n", .numberOutOfRange, line: 1),
    .init("Timestamps", "NaN", "a 1 NaN\n# EOF\n", .invalidTimestamp, line: 1),
    .init("Timestamps", "infinite", "a 1 +Inf\n# EOF\n", .invalidTimestamp, line: 1),
    .init("Timestamps", "beyond 64 bits", "a 1 99999999999999999999\n# EOF\n", .invalidTimestamp, line: 1),
    .init(
      "MetricPoint", "timestamps go back", "# TYPE a gauge\na 1 2\na 1 1\n# EOF\n",
      .rule(.timestampsNotIncreasing), line: 3),
    .init(
      "MetricPoint", "timestamps stand still", "# TYPE a gauge\na 1 2\na 1 2\n# EOF\n", .duplicateSample,
      line: 3),
    .init(
      "MetricPoint", "only some timestamps", "# TYPE a gauge\na 1\na 1 2\n# EOF\n",
      .rule(.timestampPresenceMixed), line: 3),
    .init("Exemplars", "on a gauge", "# TYPE a gauge\na 1 # {} 1\n# EOF\n", .exemplarNotAllowed, line: 2),
    .init(
      "Exemplars", "on a sum",
      "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1 # {} 1\n# EOF\n", .exemplarNotAllowed,
      line: 4),
    .init(
      "Exemplars", "129 code points",
      "# TYPE a counter\na_total 1 # {b=\"\(String(repeating: "x", count: 128))\"} 1\n# EOF\n",
      .exemplarTooLong, line: 2),
    .init(
      "Exemplars", "no value", "# TYPE a counter\na_total 1 # {}\n# EOF\n", .unexpectedCharacter, line: 2),
    .init("Exemplars", "no labels", "# TYPE a counter\na_total 1 # 1\n# EOF\n", .invalidExemplar, line: 2),
    .init(
      "Exemplars", "no blank before the hash", "# TYPE a counter\na_total 1# {} 1\n# EOF\n", .invalidNumber,
      line: 2),
    .init(
      "Exemplars", "two of them", "# TYPE a counter\na_total 1 # {} 1 # {} 1\n# EOF\n", .unexpectedCharacter,
      line: 2),
    .init(
      "Exemplars", "outside of its bucket",
      "# TYPE a histogram\na_bucket{le=\"1.0\"} 1 # {} 2\na_bucket{le=\"+Inf\"} 1\n# EOF\n",
      .rule(.exemplarOutsideBucket), line: 2),
  ]

  static let types: [RefusedCase] = [
    .init("Counter", "no _total", "# TYPE a counter\na 1\n# EOF\n", .wrongSuffix, line: 2),
    .init("Counter", "NaN", "# TYPE a counter\na_total NaN\n# EOF\n", .rule(.counterNaN), line: 2),
    .init("Counter", "negative", "# TYPE a counter\na_total -1\n# EOF\n", .rule(.counterNegative), line: 2),
    .init(
      "Counter", "created without total", "# TYPE a counter\na_created 1\n# EOF\n", .incompletePoint, line: 2),
    .init(
      "Counter", "created is NaN", "# TYPE a counter\na_total 1\na_created NaN\n# EOF\n", .invalidTimestamp,
      line: 3),
    .init("StateSet", "no state label", "# TYPE a stateset\na 1\n# EOF\n", .missingLabel, line: 2),
    .init("StateSet", "value 2", "# TYPE a stateset\na{a=\"x\"} 2\n# EOF\n", .valueNotAllowed, line: 2),
    .init(
      "StateSet", "a state twice", "# TYPE a stateset\na{a=\"x\"} 1\na{a=\"x\"} 0\n# EOF\n", .duplicateSample,
      line: 3),
    .init("Info", "value 0", "# TYPE a info\na_info{x=\"y\"} 0\n# EOF\n", .valueNotAllowed, line: 2),
    .init("Info", "no _info", "# TYPE a info\na{x=\"y\"} 1\n# EOF\n", .wrongSuffix, line: 2),
    .init(
      "Summary", "a quantile above 1", "# TYPE a summary\na{quantile=\"1.5\"} 1\n# EOF\n",
      .rule(.quantileOutOfRange), line: 2),
    .init(
      "Summary", "a quantile that is no number", "# TYPE a summary\na{quantile=\"x\"} 1\n# EOF\n",
      .invalidThreshold, line: 2),
    .init("Summary", "no quantile label", "# TYPE a summary\na 1\n# EOF\n", .missingLabel, line: 2),
    .init(
      "Summary", "a negative quantile value", "# TYPE a summary\na{quantile=\"0.5\"} -1\n# EOF\n",
      .rule(.quantileValueNegative), line: 2),
    .init(
      "Summary", "a fractional count", "# TYPE a summary\na_count 1.5\n# EOF\n", .rule(.countNotInteger),
      line: 2),
    .init("Summary", "a negative sum", "# TYPE a summary\na_sum -1\n# EOF\n", .rule(.sumNegative), line: 2),
    .init(
      "Histogram", "no bucket", "# TYPE a histogram\na_count 1\na_sum 1\n# EOF\n", .rule(.noBuckets), line: 2),
    .init(
      "Histogram", "no +Inf bucket", "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\n# EOF\n",
      .rule(.infinityBucketMissing), line: 2),
    .init("Histogram", "no le", "# TYPE a histogram\na_bucket 1\n# EOF\n", .missingLabel, line: 2),
    .init(
      "Histogram", "le is NaN", "# TYPE a histogram\na_bucket{le=\"NaN\"} 1\n# EOF\n", .invalidThreshold,
      line: 2),
    .init(
      "Canonical Numbers", "infinity is not +Inf", "# TYPE a histogram\na_bucket{le=\"Inf\"} 1\n# EOF\n",
      .invalidThreshold, line: 2),
    .init(
      "Histogram", "le on the count",
      "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count{le=\"1.0\"} 1\n# EOF\n", .rule(.reservedLabel),
      line: 3),
    .init(
      "Histogram", "thresholds descend",
      "# TYPE a histogram\na_bucket{le=\"2.0\"} 1\na_bucket{le=\"1.0\"} 1\n# EOF\n",
      .rule(.bucketsNotAscending), line: 3),
    .init(
      "Histogram", "a threshold in two spellings",
      "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"1\"} 1\n# EOF\n", .duplicateSample, line: 3),
    .init(
      "Histogram", "not cumulative",
      "# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\n# EOF\n",
      .rule(.bucketsNotCumulative), line: 2),
    .init(
      "Histogram", "count is not +Inf",
      "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_count 1\na_sum 1\n# EOF\n", .rule(.countMismatch),
      line: 2),
    .init(
      "Histogram", "sum without count", "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_sum 1\n# EOF\n",
      .incompletePoint, line: 2),
    .init(
      "Histogram", "count without sum", "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_count 2\n# EOF\n",
      .incompletePoint, line: 2),
    .init(
      "Histogram", "a sum beside negative thresholds",
      "# TYPE a histogram\na_bucket{le=\"-1.0\"} 0\na_bucket{le=\"+Inf\"} 2\na_count 2\na_sum 1\n# EOF\n",
      .rule(.sumWithNegativeThreshold), line: 2),
    .init(
      "Histogram", "a negative sum",
      "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_count 2\na_sum -1\n# EOF\n", .rule(.sumNegative),
      line: 2),
    .init(
      "Histogram", "a negative bucket", "# TYPE a histogram\na_bucket{le=\"+Inf\"} -2\n# EOF\n",
      .rule(.countNotInteger), line: 2),
    .init(
      "GaugeHistogram", "a negative sum",
      "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 2\na_gcount 2\na_gsum -1\n# EOF\n", .rule(.sumNegative),
      line: 2),
    .init(
      "GaugeHistogram", "sum without count",
      "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 2\na_gsum 1\n# EOF\n", .incompletePoint, line: 2),
  ]

  @Test("limits are typed errors")
  func limits() {
    func reason(_ text: String, _ limits: ParseLimits) -> ParseError.Reason? {
      #expect(throws: ParseError.self) { try OpenMetricsParser.parse(Array(text.utf8), limits: limits) }?
        .reason
    }
    #expect(reason("# EOF\n", ParseLimits(bytes: 3)) == .tooLarge)
    #expect(reason("a 1111111\n# EOF\n", ParseLimits(lineBytes: 6)) == .lineTooLong)
    #expect(reason("a{b=\"\",c=\"\"} 1\n# EOF\n", ParseLimits(labelsPerSample: 1)) == .tooManyLabels)
    #expect(reason("a 1\nb 1\n# EOF\n", ParseLimits(samples: 1)) == .tooManySamples)
  }

  @Test("an error reads well, with line, column and printable input")
  func description() {
    let error = #expect(throws: ParseError.self) {
      try OpenMetricsParser.parse(Array("# TYPE a gauge\na 1\u{7}x\n# EOF\n".utf8))
    }
    #expect(error?.description == "line 2, column 3: invalid number: \"1\\u{07}x\"")
  }

  @Test("no mutation of a valid exposition crashes the parsers", arguments: 0..<8)
  func mutations(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let seedText = Array(StrictParserAcceptsTests.accepted.map(\.text).joined().utf8)
    for _ in 0..<400 {
      let start = Int.random(in: 0..<seedText.count, using: &random)
      var bytes = Array(seedText[start..<min(seedText.count, start + 300)])
      for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? OpenMetricsParser.parse(bytes)
      _ = try? PrometheusTextParser.parse(bytes)
    }
  }
}
