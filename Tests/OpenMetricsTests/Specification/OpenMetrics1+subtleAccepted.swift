import OpenMetrics

extension OpenMetrics1Subtle {
  static let accepted = SpecCase.table(
    ExpositionParser(format: .openMetrics1),
    [
      SpecCase(
        section: "Histogram", "an exemplar of a lower bucket",
        text: "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 1 # {} 0.5\n# EOF\n"),
      SpecCase(
        section: "Histogram", "an infinite exemplar",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1 # {} +Inf\n# EOF\n"),
      SpecCase(
        section: "GaugeHistogram", "an exemplar",
        text: "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1 # {x=\"y\"} 3 1.5\n# EOF\n"),
      SpecCase(
        section: "Exemplars", "127 escapes and a name are 128 code points",
        text: "# TYPE a counter\na_total 1 # {a=\"\(String(repeating: "\\n", count: 127))\"} 1\n# EOF\n"),
      SpecCase(
        section: "Counter", "an exemplar that is not a number",
        text: "# TYPE a counter\na_total 1 # {} NaN\n# EOF\n"),
      SpecCase(
        section: "Counter", "infinity, and a creation time before 1970",
        text: "# TYPE a counter\na_total +Inf\na_created -1\n# EOF\n"),
      SpecCase(
        section: "Counter", "a creation time before the total",
        text: "# TYPE a counter\na_created 1\na_total 17\n# EOF\n"),
      SpecCase(section: "Summary", "a creation time alone", text: "# TYPE a summary\na_created 2\n# EOF\n"),
      SpecCase(
        section: "MetricFamily", "a creation time of a type that has none is a family",
        text: "# TYPE a gauge\na 1\na_created 2\n# EOF\n"),
      SpecCase(
        section: "Histogram", "samples of a point in any order",
        text:
          "# TYPE a histogram\na_created 5\na_count 1\na_bucket{le=\"1\"} 1\na_sum 2\na_bucket{le=\"+Inf\"} 1\n# EOF\n"
      ),
      SpecCase(
        section: "MetricPoint", "two points of a counter, each with its creation time",
        text: "# TYPE a counter\na_total 1 1\na_created 0 1\na_total 2 2\na_created 0 2\n# EOF\n"),
      SpecCase(
        section: "MetricPoint", "two points of a histogram",
        text:
          "# TYPE a histogram\na_bucket{le=\"1.0\"} 1 1\na_bucket{le=\"+Inf\"} 1 1\na_bucket{le=\"1.0\"} 1 2\na_bucket{le=\"+Inf\"} 2 2\n# EOF\n"
      ),
      SpecCase(
        section: "MetricPoint", "metrics with timestamps and without",
        text: "# TYPE a gauge\na{b=\"1\"} 1 5\na{b=\"2\"} 1\na{b=\"3\"} 1 1\n# EOF\n"),
      SpecCase(
        section: "Info", "1 in other spellings",
        text:
          "# TYPE a info\na_info{x=\"1\"} 1.0\na_info{x=\"2\"} 1e0\na_info{x=\"3\"} +1\na_info{x=\"4\"} 01\n# EOF\n"
      ),
      SpecCase(
        section: "StateSet", "0 in other spellings, all states or none",
        text:
          "# TYPE a stateset\na{a=\"x\"} 0.0\na{a=\"y\"} -0\n# TYPE b stateset\nb{b=\"x\"} 1\nb{b=\"y\"} 1\n# EOF\n"
      ),
      SpecCase(
        section: "Unit", "an empty one of an info, and one of two parts",
        text: "# TYPE a_x info\n# UNIT a_x \n# TYPE b_c_d gauge\n# UNIT b_c_d c_d\n# EOF\n"),
      SpecCase(
        section: "ABNF escaped-string", "an even number of backslashes ends HELP",
        text: "# HELP a \\\\\n# EOF\n"),
      SpecCase(
        section: "ABNF escaped-string", "HELP that looks like metadata",
        text: "# HELP a # TYPE b gauge\n# EOF\n"),
      SpecCase(
        section: "Summary", "quantiles at both ends, in any spelling and order",
        text:
          "# TYPE a summary\na{quantile=\"1\"} 1\na{quantile=\"-0.0\"} 0\na{quantile=\"5e-1\"} +Inf\n# EOF\n"),
      SpecCase(
        section: "Summary", "only a sum, which is infinite", text: "# TYPE a summary\na_sum +Inf\n# EOF\n"),
      SpecCase(
        section: "Histogram", "a sum beside a threshold of -0",
        text:
          "# TYPE a histogram\na_bucket{le=\"-0.0\"} 1\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 0\n# EOF\n"),
      SpecCase(
        section: "Histogram", "whole numbers with point and exponent",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 17.0\na_count 1.7e1\na_sum +Inf\n# EOF\n"),
      SpecCase(
        section: "Histogram", "the greatest count",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 18446744073709551615\n# EOF\n"),
      SpecCase(
        section: "Suffixes", "a family that only looks like a sample of another",
        text:
          "# TYPE foo summary\n# TYPE foo_bucket gauge\n# TYPE bar gaugehistogram\n# TYPE bar_sum gauge\n# TYPE bar_created gauge\n# EOF\n"
      ),
    ])
}
