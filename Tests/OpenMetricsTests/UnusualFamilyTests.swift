import Testing

@testable import OpenMetrics

@Suite("Unusual families are valid in every format")
struct UnusualFamilyTests {
  @Test("a state without a name breaks a rule")
  func emptyState() {
    let states = [StatePoint("on", true), StatePoint("", false)]
    let family = MetricFamily(name: "s", type: .stateset, metrics: [Metric(.stateSet(states))])
    #expect(family.violation()?.rule == .emptyState)
  }

  @Test("the states of each time are told by their names, in whatever order they come")
  func statesInAnotherOrder() throws {
    let points = [
      [StatePoint("on", true), StatePoint("off", false)], [StatePoint("off", false), StatePoint("on", true)],
    ]
    let metric = Metric(
      points: points.enumerated().map { second, states in
        MetricPoint(.stateSet(states), timestamp: MetricTimestamp(seconds: Int64(second)))
      })
    let family = MetricFamily(name: "s", type: .stateset, metrics: [metric])
    #expect(
      text([family], .openMetrics2) == """
        # TYPE s stateset
        s{s="on"} 1 0
        s{s="on"} 1 1
        s{s="off"} 0 0
        s{s="off"} 0 1
        # EOF

        """)
  }

  @Test(
    "a summary whose count is not whole has no place in OpenMetrics 2.0, and no count in 1.0 and protobuf")
  func summaryCount() throws {
    let summary = SummaryPoint(count: .double(1.5), sum: 3, quantiles: [.init(0.5, 2)])
    let family = MetricFamily(name: "s", type: .summary, metrics: [Metric(.summary(summary))])
    #expect(text([family], .openMetrics2) == "# TYPE s summary\n# EOF\n")
    #expect(!text([family], .openMetrics1).contains("s_count"))
    #expect(text([family], .openMetrics1).contains("s_sum 3"))
    #expect(text([family], .text004).contains("s_count 1.5"))
    try expectStrict([family])
  }

  @Test(
    "quantiles ascend in every format, in whatever order they were given",
    arguments: ExpositionFormat.allCases)
  func quantiles(format: ExpositionFormat) throws {
    let summary = SummaryPoint(count: 2, sum: 3, quantiles: [.init(1, 2), .init(0, 0), .init(0.5, 1)])
    let family = MetricFamily(name: "s", type: .summary, metrics: [Metric(.summary(summary))])
    let parsed = try ExpositionParser(format: format).parse(Exposition.write([family], as: format))
    guard case .summary(let read)? = parsed.families.first?.metrics.first?.points.first?.value else {
      Issue.record("no summary")
      return
    }
    #expect(read.quantiles.map(\.quantile) == [0, 0.5, 1])
  }

  @Test(
    "the first and the last times that there are can be written and read",
    arguments: [
      (MetricTimestamp(seconds: .min), "-9223372036854775808"),
      (MetricTimestamp(seconds: .min, nanoseconds: 500_000_000), "-9223372036854775807.5"),
      (MetricTimestamp(seconds: .max, nanoseconds: 999_999_999), "9223372036854775807.999999999"),
    ], [ExpositionFormat.openMetrics1, .openMetrics2])
  func times(time: (MetricTimestamp, String), format: ExpositionFormat) throws {
    let point = CounterPoint(total: 1, created: time.0)
    let family = MetricFamily(
      name: "c", type: .counter, metrics: [Metric(.counter(point), timestamp: time.0)])
    let bytes = Exposition.write([family], as: format, options: .init(includesCreated: true))
    #expect(String(decoding: bytes, as: UTF8.self).contains(" 1 \(time.1)"))
    #expect(try ExpositionParser(format: format).parse(bytes).families == [family])
  }

  @Test("a time before the first is refused", arguments: ["-9223372036854775808.5", "-9223372036854775809"])
  func tooEarly(time: String) {
    let bytes = Array("# TYPE a gauge\na 1 \(time)\n# EOF\n".utf8)
    #expect(throws: ParseError.self) { try ExpositionParser(format: .openMetrics1).parse(bytes) }
  }

  @Test(
    "native buckets that OpenMetrics 2.0 does not allow are shown as classic ones",
    arguments: [
      // Beyond that of infinity, not all of the count, and a gap that no span can be as wide as.
      NativeBuckets(ascending: [(1026, 2)]), NativeBuckets(ascending: [(0, 1.5)]),
      NativeBuckets(
        spans: [.init(offset: .min, length: 1), .init(offset: .max, length: 0), .init(offset: 1, length: 1)],
        counts: [1, 1]),
    ])
  func native(buckets: NativeBuckets) throws {
    let native = NativeHistogram(schema: 0, zeroThreshold: 0, zeroCount: 0, positive: buckets)
    let point = HistogramPoint(native: native, count: 2, sum: 3)
    let family = MetricFamily(name: "h", type: .histogram, metrics: [Metric(.histogram(point))])
    #expect(family.violation() == nil)
    #expect(text([family], .openMetrics2).contains("h {count:2,sum:3,bucket:[+Inf:2]}"))
    try expectStrict([family])
  }

  @Test("counts beyond the whole numbers that a double can hold need not add up exactly")
  func roundedCounts() throws {
    let large = UInt64(1) << 63
    let native = NativeHistogram(
      schema: 0, zeroThreshold: 0, zeroCount: .integer(3),
      positive: NativeBuckets(ascending: [(0, .integer(large))]))
    let point = HistogramPoint(native: native, count: .integer(large + 3), sum: 3)
    try expectStrict([MetricFamily(name: "h", type: .histogram, metrics: [Metric(.histogram(point))])])
    let wrong = HistogramPoint(native: native, count: .integer(large + 2), sum: 3)
    let family = MetricFamily(name: "h", type: .histogram, metrics: [Metric(.histogram(wrong))])
    #expect(family.violation()?.rule == .countMismatch)
  }

  @Test(
    "a unit that is no suffix without _total, or one only in another spelling, is left out in protobuf",
    arguments: [("c", "total"), ("c_e\u{301}", "\u{e9}")])
  func unit(name: String, unit: String) throws {
    let metric = Metric(.counter(CounterPoint(total: 1)))
    try expectStrict([MetricFamily(name: name, type: .counter, unit: unit, metrics: [metric])])
  }

  @Test("suffixes are told by bytes, where the underscore is one character with what is before it")
  func joinedUnderscore() throws {
    let counter = MetricFamily(
      name: "c\u{600}", type: .counter, metrics: [Metric(.counter(CounterPoint(total: 1)))])
    let info = MetricFamily(
      name: "i\u{600}", type: .info, metrics: [Metric(labels: ["v": "1"], .info(.empty))])
    try expectStrict([counter, info])
    let bytes = Exposition.write([counter], as: .openMetrics1, options: .init(escaping: .allowUTF8))
    #expect(String(decoding: bytes, as: UTF8.self).contains("{\"c\u{600}_total\"} 1"))
    for format in ExpositionFormat.allCases {
      let bytes = Exposition.write([counter], as: format, options: .init(escaping: .allowUTF8))
      #expect(
        try ExpositionParser.asAsked(format, .allowUTF8).parse(bytes).families.map(\.name) == ["c\u{600}"])
    }
    #expect(throws: MetricError.self) {
      try MetricDescriptor("c\u{600}_total", type: .counter, help: "").validate()
    }
  }

  @Test("a blank that begins a help text is left out, also as a part of a character")
  func help() {
    let family = MetricFamily(name: "c", type: .gauge, help: " \u{301}", metrics: [])
    #expect(text([family], .text004) == "# HELP c \u{301}\n# TYPE c gauge\n")
  }

  private func text(_ families: [MetricFamily], _ format: ExpositionFormat) -> String {
    String(decoding: Exposition.write(families, as: format), as: UTF8.self)
  }

  private func expectStrict(_ families: [MetricFamily]) throws {
    for family in families { #expect(family.violation() == nil) }
    for format in ExpositionFormat.allCases {
      for escaping in EscapingScheme.allCases {
        let bytes = Exposition.write(families, as: format, options: .init(escaping: escaping))
        #expect(throws: Never.self, "\(format), \(escaping)") {
          try ExpositionParser.asAsked(format, escaping).parse(bytes)
        }
      }
    }
  }
}
