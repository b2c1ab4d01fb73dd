import Testing

@testable import OpenMetrics

struct AcceptedCase: Sendable, CustomTestStringConvertible {
  let section: String
  let text: String
  let testDescription: String

  init(_ section: String, _ what: String, _ text: String) {
    self.section = section
    self.text = text
    testDescription = "\(section): \(what)"
  }
}

@Suite("OpenMetrics 1.0: the strict parser accepts what the specification allows")
struct StrictParserAcceptsTests {
  @Test("a valid exposition parses", arguments: accepted)
  func accepts(_ valid: AcceptedCase) throws {
    let families = try OpenMetricsParser.parse(Array(valid.text.utf8))
    for family in families { #expect(family.violation() == nil) }
  }

  static let histogram = """
    # TYPE foo histogram
    foo_bucket{le="0.0"} 0
    foo_bucket{le="1e-05"} 0
    foo_bucket{le="0.1"} 8 # {} 0.054
    foo_bucket{le="1.0"} 10 # {trace_id="KOO5S4vxi0o"} 0.67
    foo_bucket{le="10"} 11 # {trace_id="oHg5SJYRHA0"} 9.8 1520879607.789
    foo_bucket{le="1e+23"} 16
    foo_bucket{le="1.1e+23"} 17
    foo_bucket{le="+Inf"} 17
    foo_count 17
    foo_sum 324789.3
    foo_created 1520430000.123
    # EOF

    """

  static let accepted: [AcceptedCase] = [
    .init("ABNF exposition", "an empty metric set", "# EOF\n"),
    .init("ABNF exposition", "no line feed after EOF", "# EOF"),
    .init("ABNF labels", "empty braces", "# TYPE a gauge\na{} 0\n# EOF\n"),
    .init("ABNF number", "exponents, signs and bare points", "a 1.e2\nb +.5E-3\nc -0\n# EOF\n"),
    .init("ABNF number", "leading zeros", "a 0042\n# EOF\n"),
    .init("ABNF number", "infinities in any case", "a INF\nb -infinity\nc +Inf\n# EOF\n"),
    .init("ABNF number", "NaN in any case", "# TYPE a gauge\na nan\n# EOF\n"),
    .init("ABNF escaped-string", "an undefined escape", "a{b=\"\\x\"} 1\n# EOF\n"),
    .init("ABNF normal-char", "tabs, NUL, carriage returns in values", "a{b=\"\t\u{0}\r\"} 1\n# EOF\n"),
    .init("ABNF label", "separators inside a value", "a{b=\"},=# {\"} 1\n# EOF\n"),
    .init(
      "Overall Structure", "the document's example",
      "# TYPE go_goroutines gauge\n# HELP go_goroutines N.\ngo_goroutines 69\n# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\nprocess_cpu_seconds_total 4.20072246e+06\n# EOF\n"
    ),
    .init("Timestamps", "nanoseconds", "a 1 1604676851.123456789\n# EOF\n"),
    .init("Timestamps", "negative and exponential", "a 1 -1.5e3\nb 1 -0.5\n# EOF\n"),
    .init(
      "MetricFamily metadata", "empty UNIT and HELP", "# TYPE a gauge\n# UNIT a \n# HELP a \na 1\n# EOF\n"),
    .init("MetricFamily metadata", "HELP before TYPE", "# HELP a x\n# TYPE a gauge\na 1\n# EOF\n"),
    .init("MetricFamily metadata", "no TYPE is unknown", "# HELP a x\na 1\nb 2\n# EOF\n"),
    .init("MetricFamily metadata", "escaped HELP", "# HELP a x\\n \\\" \\\\ y\n# EOF\n"),
    .init(
      "MetricPoint", "several points with rising timestamps",
      "# TYPE foo_seconds summary\n# UNIT foo_seconds seconds\nfoo_seconds_count{a=\"bb\"} 0 123\nfoo_seconds_sum{a=\"bb\"} 0 123\nfoo_seconds_count{a=\"bb\"} 0 456\nfoo_seconds_sum{a=\"bb\"} 0 456\nfoo_seconds_count{a=\"ccc\"} 0 123\nfoo_seconds_sum{a=\"ccc\"} 0 123\n# EOF\n"
    ),
    .init("Gauge", "a family without metrics", "# TYPE foo gauge\n# EOF\n"),
    .init(
      "Counter", "timestamp and created",
      "# TYPE foo counter\nfoo_total 17.0 1520879607.789\nfoo_created 1520430000.123 1520879607.789\n# EOF\n"),
    .init("Counter", "an exemplar", "# TYPE foo counter\nfoo_total 17.0 # {trace_id=\"x\"} 0.5\n# EOF\n"),
    .init(
      "Counter", "an exemplar after a timestamp", "# TYPE foo counter\nfoo_total 17.0 5 # {} 0.5 4\n# EOF\n"),
    .init(
      "Exemplars", "128 code points, of many bytes each",
      "# TYPE foo counter\nfoo_total 1 # {a=\"\(String(repeating: "é", count: 127))\"} 1\n# EOF\n"),
    .init(
      "StateSet", "states of an entity",
      "# TYPE foo stateset\nfoo{e=\"c\",foo=\"a\"} 1.0\nfoo{e=\"c\",foo=\"bb\"} 0\nfoo{e=\"r\",foo=\"a\"} 0\n# EOF\n"
    ),
    .init(
      "Info", "entities",
      "# TYPE foo info\nfoo_info{e=\"c\",name=\"x y\",version=\"8.2.7\"} 1\nfoo_info{e=\"r\",name=\"z\",version=\"8.1.9\"} 1.0\n# EOF\n"
    ),
    .init(
      "Summary", "only quantiles, NaN among them",
      "# TYPE foo summary\nfoo{quantile=\"0.95\"} 123.7\nfoo{quantile=\"0.99\"} NaN\n# EOF\n"),
    .init("Summary", "no samples but count", "# TYPE foo summary\nfoo_count 17.0\n# EOF\n"),
    .init("Histogram", "the document's example", histogram),
    .init("Histogram", "only the +Inf bucket", "# TYPE foo histogram\nfoo_bucket{le=\"+Inf\"} 3\n# EOF\n"),
    .init(
      "Histogram", "negative thresholds without a sum",
      "# TYPE foo histogram\nfoo_bucket{le=\"-1.0\"} 1\nfoo_bucket{le=\"+Inf\"} 3\n# EOF\n"),
    .init(
      "GaugeHistogram", "the document's example",
      "# TYPE foo gaugehistogram\nfoo_bucket{le=\"0.01\"} 20.0\nfoo_bucket{le=\"+Inf\"} 42.0\nfoo_gcount 42.0\nfoo_gsum 3289.3\n# EOF\n"
    ),
    .init(
      "GaugeHistogram", "a negative sum beside negative thresholds",
      "# TYPE foo gaugehistogram\nfoo_bucket{le=\"-1.0\"} 2\nfoo_bucket{le=\"+Inf\"} 2\nfoo_gcount 2\nfoo_gsum -9\n# EOF\n"
    ),
    .init(
      "Canonical Numbers", "an uncanonical threshold",
      "# TYPE foo histogram\nfoo_bucket{le=\"1.1e-4\"} 2\nfoo_bucket{le=\"+Inf\"} 2\n# EOF\n"),
    .init("Unknown", "the document's example", "# TYPE foo unknown\nfoo 42.23\n# EOF\n"),
  ]
}
