import OpenMetrics

/// What OpenMetrics 1.0 allows.
enum OpenMetrics1Accepted {
  static let all = SpecCase.table(
    ExpositionParser(format: .openMetrics1),
    [
      SpecCase(section: "ABNF exposition", "an empty metric set", text: "# EOF\n"),
      SpecCase(section: "ABNF exposition", "no line feed after EOF", text: "# EOF"),
      SpecCase(section: "ABNF labels", "empty braces", text: "# TYPE a gauge\na{} 0\n# EOF\n"),
      SpecCase(
        section: "ABNF number", "exponents, signs and bare points", text: "a 1.e2\nb +.5E-3\nc -0\n# EOF\n"),
      SpecCase(section: "ABNF number", "leading zeros", text: "a 0042\n# EOF\n"),
      SpecCase(section: "ABNF number", "infinities in any case", text: "a INF\nb -infinity\nc +Inf\n# EOF\n"),
      SpecCase(section: "ABNF number", "NaN in any case", text: "# TYPE a gauge\na nan\n# EOF\n"),
      SpecCase(section: "ABNF escaped-string", "an undefined escape", text: "a{b=\"\\x\"} 1\n# EOF\n"),
      SpecCase(
        section: "ABNF normal-char", "tabs, NUL, carriage returns in values",
        text: "a{b=\"\t\u{0}\r\"} 1\n# EOF\n"),
      SpecCase(section: "ABNF label", "separators inside a value", text: "a{b=\"},=# {\"} 1\n# EOF\n"),
      SpecCase(
        section: "Overall Structure", "the document's example",
        text:
          "# TYPE go_goroutines gauge\n# HELP go_goroutines N.\ngo_goroutines 69\n# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\nprocess_cpu_seconds_total 4.20072246e+06\n# EOF\n"
      ),
      SpecCase(section: "Timestamps", "nanoseconds", text: "a 1 1604676851.123456789\n# EOF\n"),
      SpecCase(section: "Timestamps", "negative and exponential", text: "a 1 -1.5e3\nb 1 -0.5\n# EOF\n"),
      SpecCase(
        section: "MetricFamily metadata", "empty UNIT and HELP",
        text: "# TYPE a gauge\n# UNIT a \n# HELP a \na 1\n# EOF\n"),
      SpecCase(
        section: "MetricFamily metadata", "HELP before TYPE", text: "# HELP a x\n# TYPE a gauge\na 1\n# EOF\n"
      ),
      SpecCase(section: "MetricFamily metadata", "no TYPE is unknown", text: "# HELP a x\na 1\nb 2\n# EOF\n"),
      SpecCase(section: "MetricFamily metadata", "escaped HELP", text: "# HELP a x\\n \\\" \\\\ y\n# EOF\n"),
      SpecCase(
        section: "MetricPoint", "several points with rising timestamps",
        text:
          "# TYPE foo_seconds summary\n# UNIT foo_seconds seconds\nfoo_seconds_count{a=\"bb\"} 0 123\nfoo_seconds_sum{a=\"bb\"} 0 123\nfoo_seconds_count{a=\"bb\"} 0 456\nfoo_seconds_sum{a=\"bb\"} 0 456\nfoo_seconds_count{a=\"ccc\"} 0 123\nfoo_seconds_sum{a=\"ccc\"} 0 123\n# EOF\n"
      ),
      SpecCase(section: "Gauge", "a family without metrics", text: "# TYPE foo gauge\n# EOF\n"),
      SpecCase(
        section: "Counter", "timestamp and created",
        text:
          "# TYPE foo counter\nfoo_total 17.0 1520879607.789\nfoo_created 1520430000.123 1520879607.789\n# EOF\n"
      ),
      SpecCase(
        section: "Counter", "an exemplar",
        text: "# TYPE foo counter\nfoo_total 17.0 # {trace_id=\"x\"} 0.5\n# EOF\n"),
      SpecCase(
        section: "Counter", "an exemplar after a timestamp",
        text: "# TYPE foo counter\nfoo_total 17.0 5 # {} 0.5 4\n# EOF\n"),
      SpecCase(
        section: "Exemplars", "128 code points, of many bytes each",
        text: "# TYPE foo counter\nfoo_total 1 # {a=\"\(String(repeating: "é", count: 127))\"} 1\n# EOF\n"),
      SpecCase(
        section: "StateSet", "states of an entity",
        text:
          "# TYPE foo stateset\nfoo{e=\"c\",foo=\"a\"} 1.0\nfoo{e=\"c\",foo=\"bb\"} 0\nfoo{e=\"r\",foo=\"a\"} 0\n# EOF\n"
      ),
      SpecCase(
        section: "Info", "entities",
        text:
          "# TYPE foo info\nfoo_info{e=\"c\",name=\"x y\",version=\"8.2.7\"} 1\nfoo_info{e=\"r\",name=\"z\",version=\"8.1.9\"} 1.0\n# EOF\n"
      ),
      SpecCase(
        section: "Summary", "only quantiles, NaN among them",
        text: "# TYPE foo summary\nfoo{quantile=\"0.95\"} 123.7\nfoo{quantile=\"0.99\"} NaN\n# EOF\n"),
      SpecCase(
        section: "Summary", "no samples but count", text: "# TYPE foo summary\nfoo_count 17.0\n# EOF\n"),
      SpecCase(section: "Histogram", "the document's example", text: OpenMetrics1Accepted.histogram),
      SpecCase(
        section: "Histogram", "only the +Inf bucket",
        text: "# TYPE foo histogram\nfoo_bucket{le=\"+Inf\"} 3\n# EOF\n"),
      SpecCase(
        section: "Histogram", "negative thresholds without a sum",
        text: "# TYPE foo histogram\nfoo_bucket{le=\"-1.0\"} 1\nfoo_bucket{le=\"+Inf\"} 3\n# EOF\n"),
      SpecCase(
        section: "GaugeHistogram", "the document's example",
        text:
          "# TYPE foo gaugehistogram\nfoo_bucket{le=\"0.01\"} 20.0\nfoo_bucket{le=\"+Inf\"} 42.0\nfoo_gcount 42.0\nfoo_gsum 3289.3\n# EOF\n"
      ),
      SpecCase(
        section: "GaugeHistogram", "a negative sum beside negative thresholds",
        text:
          "# TYPE foo gaugehistogram\nfoo_bucket{le=\"-1.0\"} 2\nfoo_bucket{le=\"+Inf\"} 2\nfoo_gcount 2\nfoo_gsum -9\n# EOF\n"
      ),
      SpecCase(
        section: "Canonical Numbers", "an uncanonical threshold",
        text: "# TYPE foo histogram\nfoo_bucket{le=\"1.1e-4\"} 2\nfoo_bucket{le=\"+Inf\"} 2\n# EOF\n"),
      SpecCase(section: "Unknown", "the document's example", text: "# TYPE foo unknown\nfoo 42.23\n# EOF\n"),
    ])

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
}
