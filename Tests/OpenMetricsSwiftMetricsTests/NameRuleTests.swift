import Testing

@testable import OpenMetricsSwiftMetrics

@Suite("Names")
struct NameRuleTests {
  @Test(
    "by default every reader can take them",
    arguments: [
      ("http_requests", "http_requests"), ("http.requests", "http_requests"), ("a-b c:d", "a_b_c_d"),
      ("größe", "gr__e"), ("__x", "x"), (".x", "x"), ("9lives", "metric_9lives"), ("", "metric_unnamed"),
      ("___", "metric_unnamed"), ("😀", "metric_unnamed"), ("x\u{0}y\n", "x_y_"), ("e\u{301}t", "e_t"),
    ])
  func metrics(_ label: String, _ name: String) {
    #expect(NameRule.underscores.metricName(label) == name)
  }

  @Test(
    "labels that belong to histograms and summaries get a prefix",
    arguments: [
      ("le", "label_le"), ("quantile", "label_quantile"), ("status.code", "status_code"), ("_le", "label_le"),
      ("4xx", "label_4xx"), ("", "label_unnamed"), ("__name__", "name__"),
    ])
  func labels(_ dimension: String, _ name: String) {
    #expect(NameRule.underscores.labelName(dimension) == name)
  }

  @Test("names in UTF-8 stay as they are, but for what no format allows")
  func utf8() {
    #expect(NameRule.utf8.metricName("http.größe") == "http.größe")
    #expect(NameRule.utf8.metricName("_x") == "x")
    #expect(NameRule.utf8.metricName("") == "metric_unnamed")
    #expect(NameRule.utf8.labelName("status.code") == "status.code")
    #expect(NameRule.utf8.labelName("le") == "label_le")
  }

  @Test(
    "a counter's family is named without _total, a timer's with its unit",
    arguments: [
      (InstrumentKind.counter, "requests_total", "requests"), (.counter, "_total", "_total"),
      (.gauge, "requests_total", "requests_total"), (.timer, "latency", "latency_seconds"),
      (.timer, "latency_seconds", "latency_seconds"), (.timer, "latency_ms", "latency_seconds"),
      (.timer, "latency_nanoseconds", "latency_seconds"), (.timer, "_ms", "_ms_seconds"),
      (.recorder, "size", "size"),
    ])
  func families(_ kind: InstrumentKind, _ name: String, _ family: String) {
    #expect(kind.familyName(name, addsUnit: true) == family)
  }

  @Test("a timer's name can be left alone")
  func withoutUnit() {
    #expect(InstrumentKind.timer.familyName("latency_ms", addsUnit: false) == "latency_ms")
  }
}
