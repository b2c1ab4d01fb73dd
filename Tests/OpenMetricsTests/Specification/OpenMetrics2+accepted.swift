import OpenMetrics

/// What OpenMetrics 2.0 allows.
enum OpenMetrics2Accepted {
  static let all = SpecCase.table(
    ExpositionParser(format: .openMetrics2),
    [
      SpecCase(section: "ABNF exposition", "an empty metric set", text: "# EOF"),
      SpecCase(
        section: "Overall Structure", "the document's kinds of families",
        text: """
          # TYPE request_seconds summary
          # UNIT request_seconds seconds
          # HELP request_seconds Latency.
          request_seconds{path="/a"} {count:807283,sum:9036.32,quantile:[0.95:2,0.99:20]} st@1605281325.0
          request_seconds{path="/b"} {count:34,sum:479.3,quantile:[]} st@1605301325.0
          # TYPE goroutines gauge
          goroutines 69
          # TYPE cpu_seconds_total counter
          # UNIT cpu_seconds_total seconds
          cpu_seconds_total 4.20072246e+06
          # TYPE sizes histogram
          sizes{path="/a"} {count:2,sum:1.2e2,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[1:2],positive_buckets:[1,1],bucket:[0.5:1,1:2,+Inf:2]} st@1605301325.0
          # TYPE sizes:rate5m gaugehistogram
          sizes:rate5m {gcount:0.01,gsum:2.0,schema:0,zero_threshold:1e-4,zero_count:0.0,positive_spans:[1:2],positive_buckets:[0.005,0.005]}
          # TYPE "db.errors" counter
          {"db.errors","service.name"="mine"} 3482
          # EOF

          """),
      SpecCase(
        section: "UTF-8 Quoting", "names that need no quotes, in quotes",
        text: "# TYPE \"a\" gauge\n# HELP \"a\" x\n{\"a\",\"b\"=\"c\"} 4.5\n# EOF\n"),
      SpecCase(
        section: "Escaping", "escapes in names", text: "{\"\\\"a\\\".b\",\"c\\\\\"=\"\\\" \\n \"} 0\n# EOF\n"),
      SpecCase(
        section: "Label", "the reserved names of metadata",
        text: "a{__type__=\"gauge\",__unit__=\"s\"} 1\n# EOF\n"),
      SpecCase(
        section: "MetricFamily metadata", "a unit that is no suffix",
        text: "# TYPE foo_total counter\n# UNIT foo_total seconds\nfoo_total 1\n# EOF\n"),
      SpecCase(
        section: "MetricFamily metadata", "an empty unit of an info",
        text: "# TYPE a_info info\n# UNIT a_info \na_info 1\n# EOF\n"),
      SpecCase(
        section: "Discouraged Suffixes", "a gauge called as a bucket",
        text: "# TYPE foo_bucket gauge\nfoo_bucket 1\n# TYPE foo histogram\n# EOF\n"),
      SpecCase(
        section: "Gauge", "two samples with timestamps",
        text: "# TYPE foo gauge\nfoo 17.0 123\nfoo 18.0 456\n# EOF\n"
      ),
      SpecCase(section: "Counter", "no suffix", text: "# TYPE foo counter\nfoo 17.0 5.5 st@1.5\n# EOF\n"),
      SpecCase(
        section: "Counter", "timestamp, start timestamp and exemplar",
        text: "# TYPE foo_total counter\nfoo_total 17.0 5 st@4 # {trace_id=\"K\"} 0.67 4.1\n# EOF\n"),
      SpecCase(
        section: "Exemplars", "several, one without labels",
        text: "# TYPE foo_total counter\nfoo_total 1 # {} 1 2 # {a=\"b\"} 1 3 # {a=\"c\"} 1 4\n# EOF\n"),
      SpecCase(
        section: "Exemplars", "labels of more than 128 code points",
        text: "# TYPE f counter\nf 1 # {a=\"\(String(repeating: "x", count: 500))\"} 1 2\n# EOF\n"),
      SpecCase(
        section: "StateSet", "samples of states one after the other",
        text: """
          # TYPE foo stateset
          foo{e="c",foo="a"} 1.0 1000000000.000
          foo{e="c",foo="a"} 0.0 1000000001.000
          foo{e="c",foo="bb"} 0.0 1000000000.000
          foo{e="c",foo="bb"} 1.0 1000000001.000
          foo{e="r",foo="a"} 1.0 1000000000.000
          # EOF

          """),
      SpecCase(
        section: "Info", "labels in any order",
        text: "# TYPE foo_info info\nfoo_info{b=\"c\",a=\"d\"} 1\nfoo_info{a=\"e\"} 1.0\n# EOF\n"),
      SpecCase(
        section: "Summary", "no quantiles",
        text: "# TYPE foo summary\nfoo {count:17,sum:324789.3,quantile:[]} st@1520430000.123\n# EOF\n"),
      SpecCase(
        section: "Summary", "a quantile of nothing",
        text: "# TYPE foo summary\nfoo {count:17.0,sum:+Inf,quantile:[0:0,0.5:NaN,1:2]}\n# EOF\n"),
      SpecCase(
        section: "Summary", "exemplars",
        text: "# TYPE foo summary\nfoo {count:1,sum:1,quantile:[]} 3 st@1 # {} 1 2\n# EOF\n"),
      SpecCase(
        section: "Histogram with Classic Buckets", "the document's variety of thresholds",
        text:
          "# TYPE foo histogram\nfoo {count:17,sum:324789.3,bucket:[0.0:0,1e-05:0,0.1:8,1.0:10,10.0:11,1e+06:15,1.1e+23:17,+Inf:17]} st@1.5\n# EOF\n"
      ),
      SpecCase(
        section: "Classic Buckets", "an infinite first threshold and a negative sum",
        text: "# TYPE foo histogram\nfoo {count:3,sum:-4,bucket:[-Inf:1,-1:1,+Inf:3]}\n# EOF\n"),
      SpecCase(
        section: "Histogram", "counts that are no integers",
        text: "# TYPE foo histogram\nfoo {count:1.5,sum:NaN,bucket:[1:0.5,+Inf:1.5]}\n# EOF\n"),
      SpecCase(
        section: "Histogram with Native Buckets", "all fields",
        text:
          "# TYPE foo histogram\nfoo {count:59,sum:1.2e2,schema:7,zero_threshold:1e-4,zero_count:0,negative_spans:[1:2],negative_buckets:[5,7],positive_spans:[-1:2,3:4],positive_buckets:[5,7,10,9,8,8]} st@5\n# EOF\n"
      ),
      SpecCase(
        section: "Histogram with Native Buckets", "no buckets in use",
        text: "# TYPE foo histogram\nfoo {count:0,sum:0,schema:3,zero_threshold:1e-4,zero_count:0}\n# EOF\n"),
      SpecCase(
        section: "Native Buckets", "observations that are not numbers",
        text:
          "# TYPE foo histogram\nfoo {count:3,sum:NaN,schema:-4,zero_threshold:0,zero_count:1,positive_spans:[+65:1],positive_buckets:[1]}\n# EOF\n"
      ),
      SpecCase(
        section: "Exemplars and Start Timestamp", "exemplars of native buckets",
        text:
          "# TYPE foo histogram\nfoo {count:17,sum:3,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:2],positive_buckets:[5,12]} st@5 # {t=\"a\"} 0.67 7 # {t=\"b\"} 1.2 8\n# EOF\n"
      ),
      SpecCase(
        section: "GaugeHistogram with Classic Buckets", "the document's example",
        text:
          "# TYPE foo gaugehistogram\nfoo {gcount:42,gsum:3289.3,bucket:[0.01:20,0.1:25,1:34,+Inf:42]}\n# EOF\n"
      ),
      SpecCase(section: "Unknown", "no metadata", text: "foo 42.23\nbar{a=\"b\"} NaN\n# EOF\n"),
      SpecCase(
        section: "Unknown", "composite values", text: "foo {count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n"),
    ])
}
