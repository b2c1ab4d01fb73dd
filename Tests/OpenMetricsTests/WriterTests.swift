import Testing

@testable import OpenMetrics

@Suite("Writers")
struct WriterTests {
  @Test(
    "numbers are rendered as Go does",
    arguments: [
      (0, "0", "0.0"), (-0.0, "-0", "-0.0"), (1, "1", "1.0"), (0.001, "0.001", "0.001"), (10, "10", "10.0"),
      (0.0001, "0.0001", "0.0001"), (1e-5, "1e-05", "1e-05"), (1e-10, "1e-10", "1e-10"),
      (100_000, "100000", "100000.0"), (1e6, "1e+06", "1e+06"), (1e10, "1e+10", "1e+10"),
      (1.1e23, "1.1e+23", "1.1e+23"), (123_456_789, "1.23456789e+08", "1.23456789e+08"),
      (123456.75, "123456.75", "123456.75"), (.leastNonzeroMagnitude, "5e-324", "5e-324"),
      (-2.5, "-2.5", "-2.5"),
      (.infinity, "+Inf", "+Inf"), (-.infinity, "-Inf", "-Inf"), (.nan, "NaN", "NaN"),
      (324789.3, "324789.3", "324789.3"),
      (1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"),
    ] as [(Double, String, String)])
  func numbers(value: Double, plain: String, marked: String) {
    #expect(NumberFormat.canonical(value, marksFloat: false) == plain)
    #expect(NumberFormat.canonical(value, marksFloat: true) == marked)
  }

  static let families: [MetricFamily] = [
    MetricFamily(
      name: "c", type: .counter, help: "a \"b\" \\ \n",
      metrics: [
        Metric(
          labels: ["x": "\"\\\n"],
          .counter(
            CounterPoint(
              total: .integer(.max), created: MetricTimestamp(seconds: -2, nanoseconds: 500_000_000))))
      ]),
    MetricFamily(
      name: "h_seconds", type: .histogram, help: "h", unit: "seconds",
      metrics: [
        Metric(
          .histogram(
            HistogramPoint(
              buckets: [
                HistogramBucket(upperBound: 1, cumulativeCount: 2),
                HistogramBucket(upperBound: .infinity, cumulativeCount: 3),
              ], sum: 2.5)))
      ]),
    MetricFamily(name: "s", type: .stateset, metrics: [Metric(.stateSet([StatePoint("on", true)]))]),
    MetricFamily(name: "b", type: .info, metrics: [Metric(labels: ["v": "1"], .info(["w": "2"]))]),
    MetricFamily(name: "u", type: .unknown, metrics: [Metric(.unknown(.double(1e6)))]),
  ]

  @Test("OpenMetrics: TYPE, UNIT, HELP, canonical numbers, created on request, EOF")
  func openMetrics() {
    let text = Exposition.write(Self.families, as: .openMetrics1, options: .init(includesCreated: true))
    #expect(
      String(decoding: text, as: UTF8.self) == #"""
        # TYPE c counter
        # HELP c a \"b\" \\ \n
        c_total{x="\"\\\n"} 18446744073709551615
        c_created{x="\"\\\n"} -1.5
        # TYPE h_seconds histogram
        # UNIT h_seconds seconds
        # HELP h_seconds h
        h_seconds_bucket{le="1.0"} 2
        h_seconds_bucket{le="+Inf"} 3
        h_seconds_count 3
        h_seconds_sum 2.5
        # TYPE s stateset
        s{s="on"} 1
        # TYPE b info
        b_info{v="1",w="2"} 1
        # TYPE u unknown
        u 1e+06
        # EOF

        """#)
  }

  @Test("0.0.4: suffixed counter names, gauges for info and state sets, no EOF")
  func text() {
    let text = Exposition.write(Self.families, as: .text004)
    #expect(
      String(decoding: text, as: UTF8.self) == #"""
        # HELP c_total a "b" \\ \n
        # TYPE c_total counter
        c_total{x="\"\\\n"} 18446744073709551615
        # HELP h_seconds h
        # TYPE h_seconds histogram
        h_seconds_bucket{le="1"} 2
        h_seconds_bucket{le="+Inf"} 3
        h_seconds_sum 2.5
        h_seconds_count 3
        # TYPE s gauge
        s{s="on"} 1
        # TYPE b_info gauge
        b_info{v="1",w="2"} 1
        # TYPE u untyped
        u 1e+06

        """#)
  }

  @Test(
    "OpenMetrics leaves out a sum that is no counter, and the count with it; 0.0.4 keeps both",
    arguments: [-1, .nan] as [Double])
  func sum(_ sum: Double) {
    let buckets = [HistogramBucket(upperBound: .infinity, cumulativeCount: 1)]
    let family = MetricFamily(
      name: "h", type: .histogram,
      metrics: [Metric(.histogram(HistogramPoint(buckets: buckets, sum: .double(sum))))])
    let openMetrics = String(decoding: Exposition.write([family], as: .openMetrics1), as: UTF8.self)
    #expect(openMetrics == "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\n# EOF\n")
    let text = String(decoding: Exposition.write([family], as: .text004), as: UTF8.self)
    #expect(text.contains("h_sum") && text.contains("h_count 1"))
  }
}
