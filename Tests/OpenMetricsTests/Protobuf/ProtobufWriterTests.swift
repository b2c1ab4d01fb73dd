import Testing

@testable import OpenMetrics

/// A family, and the fields of the message that it must become.
struct WrittenCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let family: MetricFamily
  let fields: [UInt8]

  init(_ what: String, _ family: MetricFamily, _ fields: [UInt8]...) {
    testDescription = what
    self.family = family
    self.fields = fields.flatMap(\.self)
  }
}

@Suite("Protobuf: what is written")
struct ProtobufWriterTests {
  static let time = MetricTimestamp(seconds: 1, nanoseconds: 500_000_000)

  static func family(
    _ name: String, _ type: MetricType, _ value: MetricPointValue, labels: LabelSet = .empty,
    timestamp: MetricTimestamp? = nil, hasBareTotal: Bool = false
  ) -> MetricFamily {
    let metric = Metric(labels: labels, value, timestamp: timestamp)
    return MetricFamily(name: name, type: type, metrics: [metric], hasBareTotal: hasBareTotal)
  }

  static func exemplar(_ value: Double, _ timestamp: MetricTimestamp?) throws -> Exemplar {
    try Exemplar(labels: [("t", "1")], value: value, timestamp: timestamp)
  }

  @Test("a family becomes its message, field by field", arguments: try simple() + histograms())
  func message(_ written: WrittenCase) {
    #expect(
      Exposition.write([written.family], as: .protobuf) == Wire.delimited(written.fields),
      "\(written.family)")
  }

  static func simple() throws -> [WrittenCase] {
    [
      .init(
        "a counter under its name with _total, with exemplar and start",
        family(
          "a", .counter,
          .counter(CounterPoint(total: 3, created: time, exemplar: try exemplar(2, time))),
          labels: ["k": "v"]),
        Wire.text(1, "a_total"), Wire.number(3, 0),
        Wire.message(
          4, Wire.label("k", "v"),
          Wire.message(
            3, Wire.double(1, 3),
            Wire.message(2, Wire.label("t", "1"), Wire.double(2, 2), Wire.time(3, 1, 500_000_000)),
            Wire.time(3, 1, 500_000_000)))),
      .init(
        "a counter that came without _total stays so",
        family("a", .counter, .counter(CounterPoint(total: 3)), hasBareTotal: true),
        Wire.text(1, "a"), Wire.number(3, 0), Wire.message(4, Wire.message(3, Wire.double(1, 3)))),
      .init(
        "a gauge with its time in milliseconds",
        family("a", .gauge, .gauge(.double(-2.5)), timestamp: time),
        Wire.text(1, "a"), Wire.number(3, 1),
        Wire.message(4, Wire.message(2, Wire.double(1, -2.5)), Wire.number(6, 1500))),
      .init(
        "an unknown is untyped", family("a", .unknown, .unknown(7)),
        Wire.text(1, "a"), Wire.number(3, 3), Wire.message(4, Wire.message(5, Wire.double(1, 7)))),
      .init(
        "an info is a gauge of 1 with all labels",
        family("a", .info, .info(["version": "1"]), labels: ["k": "v"]),
        Wire.text(1, "a_info"), Wire.number(3, 1),
        Wire.message(4, Wire.label("k", "v"), Wire.label("version", "1"), Wire.message(2, Wire.double(1, 1)))),
      .init(
        "a state set is a gauge for every state",
        family("a", .stateset, .stateSet([StatePoint("x", true), StatePoint("y", false)])),
        Wire.text(1, "a"), Wire.number(3, 1),
        Wire.message(4, Wire.label("a", "x"), Wire.message(2, Wire.double(1, 1))),
        Wire.message(4, Wire.label("a", "y"), Wire.message(2, Wire.double(1, 0)))),
      .init(
        "a summary with what it has",
        family("a", .summary, .summary(SummaryPoint(count: 2, sum: nil, quantiles: [.init(0.5, 4)]))),
        Wire.text(1, "a"), Wire.number(3, 2),
        Wire.message(
          4, Wire.message(4, Wire.number(1, 2), Wire.message(3, Wire.double(1, 0.5), Wire.double(2, 4))))),
      .init(
        "help and unit; a NUL does not end a text",
        MetricFamily(name: "a_bytes", type: .gauge, help: "h\0i", unit: "bytes"),
        Wire.text(1, "a_bytes"), Wire.text(2, "h\0i"), Wire.number(3, 1), Wire.text(5, "bytes")),
      .init(
        "a unit that is not the name's suffix is left out",
        MetricFamily(name: "a", type: .gauge, unit: "bytes"), Wire.text(1, "a"), Wire.number(3, 1)),
      .init(
        "of several points the last one",
        MetricFamily(
          name: "a", type: .gauge,
          metrics: [
            Metric(points: [
              MetricPoint(.gauge(1), timestamp: MetricTimestamp(seconds: 0)),
              MetricPoint(.gauge(2), timestamp: time),
            ])
          ]),
        Wire.text(1, "a"), Wire.number(3, 1),
        Wire.message(4, Wire.message(2, Wire.double(1, 2)), Wire.number(6, 1500))),
      .init(
        "a metric without points, or with one of another type, is left out",
        MetricFamily(
          name: "a", type: .gauge, metrics: [Metric(points: [MetricPoint]()), Metric(.unknown(1))]),
        Wire.text(1, "a"), Wire.number(3, 1)),
      .init(
        "a start that the format's timestamps do not reach is left out",
        family(
          "a", .counter, .counter(CounterPoint(total: 1, created: MetricTimestamp(seconds: .max)))),
        Wire.text(1, "a_total"), Wire.number(3, 0), Wire.message(4, Wire.message(3, Wire.double(1, 1)))),
    ]
  }

  static func histograms() throws -> [WrittenCase] {
    let native = NativeHistogram(
      schema: 3, zeroThreshold: 0.25, zeroCount: 1,
      negative: NativeBuckets(spans: [.init(offset: -2, length: 1)], counts: [4]),
      positive: NativeBuckets(
        spans: [.init(offset: 1, length: 2), .init(offset: 3, length: 1)], counts: [5, 3, 9]))
    let float = NativeHistogram(
      schema: 0, zeroThreshold: 0, zeroCount: 0.5,
      positive: NativeBuckets(spans: [.init(offset: 0, length: 2)], counts: [1.5, 2.0]))
    let empty = NativeHistogram(schema: 8, zeroThreshold: 0, zeroCount: 0)
    let classic = [
      HistogramBucket(upperBound: 1, cumulativeCount: 2, exemplar: try exemplar(0.5, nil)),
      HistogramBucket(upperBound: .infinity, cumulativeCount: 3),
    ]
    let fractions = [HistogramBucket(upperBound: .infinity, cumulativeCount: 2.5)]
    return [
      .init(
        "a classic histogram with the exemplars of its buckets",
        family("a", .histogram, .histogram(HistogramPoint(buckets: classic, sum: 6.5, created: time))),
        Wire.text(1, "a"), Wire.number(3, 4),
        Wire.message(
          4,
          Wire.message(
            7, Wire.number(1, 3), Wire.double(2, 6.5),
            Wire.message(
              3, Wire.number(1, 2), Wire.double(2, 1),
              Wire.message(3, Wire.label("t", "1"), Wire.double(2, 0.5))),
            Wire.message(3, Wire.number(1, 3), Wire.double(2, .infinity)),
            Wire.time(15, 1, 500_000_000)))),
      .init(
        "exemplars of the whole of a classic histogram, each in its bucket, the last one of several",
        family(
          "a", .histogram,
          .histogram(
            HistogramPoint(
              buckets: [1, 2, .infinity].map { HistogramBucket(upperBound: $0, cumulativeCount: 3) },
              sum: nil,
              exemplars: [try exemplar(1.5, nil), try exemplar(2, nil), try exemplar(.nan, nil)]))),
        Wire.text(1, "a"), Wire.number(3, 4),
        Wire.message(
          4,
          Wire.message(
            7, Wire.number(1, 3), Wire.message(3, Wire.number(1, 3), Wire.double(2, 1)),
            Wire.message(
              3, Wire.number(1, 3), Wire.double(2, 2),
              Wire.message(3, Wire.label("t", "1"), Wire.double(2, 2))),
            Wire.message(3, Wire.number(1, 3), Wire.double(2, .infinity))))),
      .init(
        "a gauge histogram of counts that are not whole",
        family("a", .gaugehistogram, .gaugeHistogram(HistogramPoint(buckets: fractions, sum: nil))),
        Wire.text(1, "a"), Wire.number(3, 5),
        Wire.message(
          4,
          Wire.message(
            7, Wire.message(3, Wire.double(2, .infinity), Wire.double(4, 2.5)), Wire.double(4, 2.5)))),
      .init(
        "a native histogram as spans and differences; only exemplars with a time",
        family(
          "a", .histogram,
          .histogram(
            HistogramPoint(
              native: native, count: 22, sum: 1,
              exemplars: [try exemplar(1, nil), try exemplar(2, time)]))),
        Wire.text(1, "a"), Wire.number(3, 4),
        Wire.message(
          4,
          Wire.message(
            7, Wire.number(1, 22), Wire.double(2, 1), Wire.signed(5, 3), Wire.double(6, 0.25),
            Wire.number(7, 1), Wire.message(9, Wire.signed(1, -2), Wire.number(2, 1)), Wire.signed(10, 4),
            Wire.message(12, Wire.signed(1, 1), Wire.number(2, 2)),
            Wire.message(12, Wire.signed(1, 3), Wire.number(2, 1)), Wire.signed(13, 5), Wire.signed(13, -2),
            Wire.signed(13, 6),
            Wire.message(16, Wire.label("t", "1"), Wire.double(2, 2), Wire.time(3, 1, 500_000_000))))),
      .init(
        "a native histogram of floating-point counts as they are",
        family("a", .histogram, .histogram(HistogramPoint(native: float, count: 4, sum: nil))),
        Wire.text(1, "a"), Wire.number(3, 4),
        Wire.message(
          4,
          Wire.message(
            7, Wire.double(4, 4), Wire.signed(5, 0), Wire.double(6, 0), Wire.double(8, 0.5),
            Wire.message(12, Wire.signed(1, 0), Wire.number(2, 2)), Wire.double(14, 1.5), Wire.double(14, 2)))
      ),
      .init(
        "an empty native histogram shows by a span of no length that it is one",
        family("a", .histogram, .histogram(HistogramPoint(native: empty, count: 0, sum: 0))),
        Wire.text(1, "a"), Wire.number(3, 4),
        Wire.message(
          4,
          Wire.message(
            7, Wire.number(1, 0), Wire.double(2, 0), Wire.signed(5, 8), Wire.double(6, 0), Wire.number(7, 0),
            Wire.message(12, Wire.signed(1, 0), Wire.number(2, 0))))),
    ]
  }

  @Test(
    "names are escaped as the reader asks, with their suffix",
    arguments: [
      (EscapingScheme.allowUTF8, "a.b_total", "k.l"), (.underscores, "a_b_total", "k_l"),
      (.dots, "a_dot_b__total", "k_dot_l"), (.values, "U__a_2e_b__total", "U__k_2e_l"),
    ])
  func escaping(scheme: EscapingScheme, name: String, label: String) {
    let family = Self.family("a.b", .counter, .counter(CounterPoint(total: 1)), labels: ["k.l": "v.w"])
    let written = Exposition.write([family], as: .protobuf, options: .init(escaping: scheme))
    #expect(
      written
        == Wire.delimited(
          Wire.text(1, name), Wire.number(3, 0),
          Wire.message(4, Wire.label(label, "v.w"), Wire.message(3, Wire.double(1, 1)))))
  }

  @Test("families follow one another, each after its length, however long")
  func stream() {
    let long = String(repeating: "x", count: 100_000)
    let families = [
      MetricFamily(name: "a", type: .gauge, help: long), MetricFamily(name: "b", type: .unknown),
    ]
    #expect(
      Exposition.write(families, as: .protobuf)
        == Wire.delimited(Wire.text(1, "a"), Wire.text(2, long), Wire.number(3, 1))
        + Wire.delimited(Wire.text(1, "b"), Wire.number(3, 3)))
    #expect(Exposition.write([], as: .protobuf).isEmpty)
  }
}
