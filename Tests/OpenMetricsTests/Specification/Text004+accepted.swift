import OpenMetrics

extension Text004 {
  static let accepted = SpecCase.table(
    ExpositionParser(format: .text004),
    [
      SpecCase(section: "Text format details", "nothing", text: ""),
      SpecCase(section: "Text format details", "empty lines", text: "\n\na 1\n\n"),
      SpecCase(section: "Line format", "blanks and tabs", text: "\t a  { b =\t\"c\" }\t1 \t 5 \n"),
      SpecCase(section: "Comments", "comments", text: "# x\n#TYPES a nothing\n#\n# EOF\n# HELPFUL a\na 1\n"),
      SpecCase(section: "Comments", "a help without text", text: "# HELP a\n# TYPE a gauge\na 1\n"),
      SpecCase(section: "Comments", "quotes in a help", text: "# HELP a \"x\" \\\\ \\n\na 1\n"),
      SpecCase(section: "Comments", "no TYPE is untyped", text: "# HELP a x\na 1\nb NaN\n"),
      SpecCase(section: "Comments", "a counter without _total", text: "# TYPE a counter\na 1\n"),
      SpecCase(section: "Line format", "a trailing comma", text: "a{b=\"c\",} 1\n"),
      SpecCase(section: "Line format", "no blank after the brace", text: "a{b=\"c\"}+Inf -5\n"),
      SpecCase(section: "Line format", "reserved names", text: "_a{_b=\"c\",__d=\"e\"} 1\n"),
      SpecCase(
        section: "Histograms and summaries", "metrics that are interleaved",
        text:
          "# TYPE a histogram\na_bucket{b=\"1\",le=\"+Inf\"} 1\na_bucket{b=\"2\",le=\"+Inf\"} 2\na_sum{b=\"1\"} 1\na_sum{b=\"2\"} 1\na_count{b=\"1\"} 1\na_count{b=\"2\"} 2\n"
      ),
      SpecCase(
        section: "Histograms and summaries", "counts that are no integers",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1.5\na_sum -1\na_count 1.5\n"),
      SpecCase(
        section: "Histograms and summaries", "a summary of NaN",
        text: "# TYPE a summary\na{quantile=\"0.5\"} NaN\na_sum NaN\na_count 0\n"),
      SpecCase(
        section: "Histograms and summaries", "a created time is a family of its own",
        text: "# TYPE a_total counter\na_total 1\n# TYPE a_created gauge\na_created 5\n"),
    ])
}
