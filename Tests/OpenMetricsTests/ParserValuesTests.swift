import OpenMetrics
import Testing

@Suite("What parsers read is what the text says")
struct ParserValuesTests {
  private func families(_ format: ExpositionFormat, _ text: String) throws -> [MetricFamily] {
    try ExpositionParser(format: format, options: .init(allowsQuotedNames: true)).parse(text.utf8).families
  }

  @Test(
    "a counter's family has its OpenMetrics 1.0 name, and says whether it has no _total",
    arguments: [
      (ExpositionFormat.openMetrics1, "# TYPE a counter\na_total 1\n# EOF\n", "a", false),
      (.openMetrics2, "# TYPE a_total counter\na_total 1\n# EOF\n", "a", false),
      (.openMetrics2, "# TYPE a counter\na 1\n# EOF\n", "a", true),
      (.openMetrics2, "# TYPE \"a.b_total\" counter\n{\"a.b_total\"} 1\n# EOF\n", "a.b", false),
      (.text004, "# TYPE a_total counter\na_total 1\n", "a", false),
      (.text004, "# TYPE a counter\na 1\n", "a", true),
      (.text100, "# TYPE \"a b\" counter\n{\"a b\"} 1\n", "a b", true),
      (.openMetrics2, "# TYPE a_info info\na_info 1\n# EOF\n", "a", false),
      (.openMetrics1, "# TYPE \"é.x\" info\n{\"é.x_info\",\"a b\"=\"c\"} 1\n# EOF\n", "é.x", false),
    ])
  func names(format: ExpositionFormat, text: String, name: String, hasBareTotal: Bool) throws {
    let family = try #require(try families(format, text).first)
    #expect(family.name == name)
    #expect(family.hasBareTotal == hasBareTotal)
    #expect(family.metrics.count == 1)
  }

  @Test("a histogram of OpenMetrics 2.0 has its classic and native buckets, exemplars and start")
  func composite() throws {
    let text = """
      # TYPE a histogram
      a{b="c"} {count:6,sum:1.5,schema:-1,zero_threshold:0.001,zero_count:1,negative_spans:[-2:1],negative_buckets:[2],positive_spans:[0:1,3:1],positive_buckets:[1,2],bucket:[0.5:4,+Inf:6]} 9 st@4.5 # {t="x"} 0.1 5 # {} 2 6
      # EOF

      """
    let metric = try #require(try families(.openMetrics2, text).first?.metrics.first)
    let native = NativeHistogram(
      schema: -1, zeroThreshold: 0.001, zeroCount: 1,
      negative: NativeBuckets(spans: [.init(offset: -2, length: 1)], counts: [2]),
      positive: NativeBuckets(
        spans: [.init(offset: 0, length: 1), .init(offset: 3, length: 1)], counts: [1, 2]))
    let point = HistogramPoint(
      buckets: [
        HistogramBucket(upperBound: 0.5, cumulativeCount: 4),
        HistogramBucket(upperBound: .infinity, cumulativeCount: 6),
      ],
      native: native, count: 6, sum: 1.5, created: MetricTimestamp(seconds: 4, nanoseconds: 500_000_000),
      exemplars: [
        try Exemplar(labels: [("t", "x")], value: 0.1, timestamp: MetricTimestamp(seconds: 5)),
        try Exemplar(labels: [], value: 2, timestamp: MetricTimestamp(seconds: 6)),
      ])
    #expect(metric == Metric(labels: ["b": "c"], .histogram(point), timestamp: MetricTimestamp(seconds: 9)))
  }

  @Test("a composite value of unknown type shows its type")
  func untypedComposite() throws {
    let text = "a {gcount:1,gsum:2,bucket:[+Inf:1]}\nb {count:1,sum:2,quantile:[0.5:3]}\n# EOF\n"
    let families = try families(.openMetrics2, text)
    #expect(families.map(\.type) == [.gaugehistogram, .summary])
    let summary = SummaryPoint(count: 1, sum: 2, quantiles: [.init(0.5, 3)])
    #expect(families[1].metrics.map(\.points) == [MetricPoints(MetricPoint(.summary(summary)))])
  }

  @Test("states of OpenMetrics 2.0 become points by their time")
  func stateSeries() throws {
    let text = """
      # TYPE a stateset
      a{a="x"} 1 1
      a{a="x"} 0 2
      a{a="y"} 0 1
      a{a="y"} 1 2
      # EOF

      """
    let points = try #require(try families(.openMetrics2, text).first?.metrics.first?.points)
    #expect(
      Array(points) == [
        MetricPoint(
          .stateSet([.init("x", true), .init("y", false)]), timestamp: MetricTimestamp(seconds: 1)),
        MetricPoint(
          .stateSet([.init("x", false), .init("y", true)]), timestamp: MetricTimestamp(seconds: 2)),
      ])
  }

  @Test("counters keep their creation times and exemplars, whichever of them have any")
  func counters() throws {
    let text = """
      # TYPE a counter
      a_total{b="1"} 1
      a_created{b="1"} 5
      a_total{b="2"} 2 # {t="x"} 1
      a_total{b="3"} 3 7
      a_created{b="3"} 6 7
      a_total{b="3"} 4 8
      a_created{b="4"} 9
      a_total{b="4"} 0.5
      # EOF

      """
    let metrics = try #require(try families(.openMetrics1, text).first).metrics
    let exemplar = try Exemplar(labels: [("t", "x")], value: 1)
    let expected: [Metric] = [
      Metric(labels: ["b": "1"], .counter(.init(total: 1, created: MetricTimestamp(seconds: 5)))),
      Metric(labels: ["b": "2"], .counter(.init(total: 2, exemplar: exemplar))),
      Metric(
        labels: ["b": "3"],
        points: [
          MetricPoint(
            .counter(.init(total: 3, created: MetricTimestamp(seconds: 6))),
            timestamp: MetricTimestamp(seconds: 7)),
          MetricPoint(.counter(.init(total: 4)), timestamp: MetricTimestamp(seconds: 8)),
        ]),
      Metric(labels: ["b": "4"], .counter(.init(total: 0.5, created: MetricTimestamp(seconds: 9)))),
    ]
    #expect(metrics == MetricList(expected))
  }

  @Test(
    "numbers are exact",
    arguments: [
      ("18446744073709551615", MetricValue.integer(.max)), ("0042", 42), ("+7", 7), ("-3", .double(-3)),
      ("18446744073709551616", .double(18_446_744_073_709_551_616)), ("1.", .double(1)), (".5", .double(0.5)),
      ("0.1", .double(0.1)), ("1e22", .double(1e22)), ("1e23", .double(1e23)),
      ("123456789012345678e-5", .double(1_234_567_890_123.456_78)),
      ("4.9e-324", .double(.leastNonzeroMagnitude)),
      ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)),
      ("9007199254740993.0", .double(9_007_199_254_740_992)), ("0.30000000000000004", .double(0.1 + 0.2)),
      ("1e-400", .double(0)), ("-0", .double(-0.0)), ("-iNfInItY", .double(-.infinity)),
    ])
  func numbers(text: String, value: MetricValue) throws {
    #expect(
      try families(.openMetrics1, "a \(text)\n# EOF\n")[0].metrics[0].points[0].value == .unknown(value))
  }

  @Test(
    "timestamps are exact to the nanosecond",
    arguments: [
      ("1604676851.123456789", Int64(1_604_676_851), Int32(123_456_789)), ("-0.5", -1, 500_000_000),
      ("5", 5, 0),
      ("1604676851.1234567891234567", 1_604_676_851, 123_456_789), ("1.5e3", 1500, 0), (".000000001", 0, 1),
      ("-9223372036854775807", -9_223_372_036_854_775_807, 0),
    ])
  func timestamps(text: String, seconds: Int64, nanoseconds: Int32) throws {
    let expected = MetricTimestamp(seconds: seconds, nanoseconds: nanoseconds)
    #expect(try families(.openMetrics1, "a 1 \(text)\n# EOF\n")[0].metrics[0].points[0].timestamp == expected)
  }
}
