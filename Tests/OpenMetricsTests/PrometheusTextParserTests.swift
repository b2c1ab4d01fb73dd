import Testing

@testable import OpenMetrics

@Suite("Prometheus text 0.0.4: the strict parser")
struct PrometheusTextParserTests {
  @Test("free comments, blank lines, tabs, trailing commas and untyped samples are allowed")
  func lenience() throws {
    let text = """
      # a free comment
      #nothing

      # HELP http_requests_total The total.
      # TYPE http_requests_total counter
      http_requests_total{method="post",code="200",} 1027 1395066363000
      \thttp_requests_total { method = "post" , code="400" }\t3   1395066363000
      metric_without_timestamp_and_labels 12.47
      something_weird{problem="division by zero"}+Inf -3982045
      # EOF is but a comment here

      """
    let families = try PrometheusTextParser.parse(Array(text.utf8))
    #expect(
      families.map(\.name) == ["http_requests", "metric_without_timestamp_and_labels", "something_weird"])
    #expect(families.map(\.type) == [.counter, .unknown, .unknown])
    #expect(families[0].metrics.count == 2)
    #expect(families[0].metrics[0].points[0].timestamp == MetricTimestamp(seconds: 1_395_066_363))
    #expect(families[2].metrics[0].points[0].timestamp?.millisecondsSinceEpoch == -3_982_045)
  }

  @Test("metrics of one family may be interleaved")
  func interleaving() throws {
    let text =
      "# TYPE f summary\nf_count{a=\"b\"} 0\nf_count{a=\"c\"} 0\nf_sum{a=\"b\"} 0\nf_sum{a=\"c\"} 0\n"
    #expect(try PrometheusTextParser.parse(Array(text.utf8))[0].metrics.count == 2)
  }

  static let refused: [RefusedCase] = [
    .init("Lines", "no final line feed", "a 1", .missingFinalNewline, line: 1),
    .init("Comments", "two TYPE lines", "# TYPE a gauge\n# TYPE a gauge\n", .duplicateMetadata, line: 2),
    .init("Comments", "two HELP lines", "# HELP a x\n# HELP a x\n", .duplicateMetadata, line: 2),
    .init("Comments", "TYPE after samples", "a 1\n# TYPE a gauge\n", .metadataAfterSamples, line: 2),
    .init("Comments", "an OpenMetrics type", "# TYPE a info\n", .unknownType, line: 1),
    .init("Comments", "an escape in HELP", "# HELP a \\x\n", .invalidEscape, line: 1),
    .init("Labels", "an undefined escape", "a{b=\"\\x\"} 1\n", .invalidEscape, line: 1),
    .init("Labels", "__name__", "a{__name__=\"b\"} 1\n", .rule(.reservedName), line: 1),
    .init("Labels", "duplicates", "a{b=\"1\",b=\"2\"} 1\n", .rule(.duplicateLabel), line: 1),
    .init("Values", "no number", "a x\n", .invalidNumber, line: 1),
    .init("Timestamps", "a fraction", "a 1 1.5\n", .invalidTimestamp, line: 1),
    .init("Values", "an exemplar", "a 1 # {} 1\n", .invalidTimestamp, line: 1),
    .init("Grouping", "a series twice", "a{b=\"c\"} 1\na{b=\"c\"} 2\n", .duplicateSample, line: 2),
    .init("Grouping", "a series twice with timestamps", "a 1 1\na 1 2\n", .duplicateSample, line: 2),
    .init(
      "Grouping", "a family in two groups", "# TYPE a gauge\na 1\nb 1\na{x=\"y\"} 1\n", .duplicateFamily,
      line: 4),
    .init(
      "Histograms", "no +Inf", "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
      .rule(.infinityBucketMissing), line: 2),
    .init(
      "Histograms", "count is not +Inf", "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
      .rule(.countMismatch), line: 2),
    .init(
      "Lines", "invalid UTF-8", StrictParserRefusesTests.bytes("a{b=\"", [0xC0], "\"} 1\n"), .invalidUTF8,
      line: 1),
  ]

  @Test("an invalid exposition is refused with its reason and line", arguments: refused)
  func refuses(_ invalid: RefusedCase) throws {
    let error = try #require(throws: ParseError.self) { try PrometheusTextParser.parse(invalid.text) }
    #expect(error.reason == invalid.reason)
    #expect(error.line == invalid.line)
  }
}
