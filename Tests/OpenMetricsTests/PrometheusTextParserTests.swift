import Testing

@testable import OpenMetrics

@Suite("Prometheus text 0.0.4: what the strict parser reads")
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
    let families = try ExpositionParser(format: .text004).parse(text.utf8).families
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
    #expect(try ExpositionParser(format: .text004).parse(text.utf8).families[0].metrics.count == 2)
  }
}
