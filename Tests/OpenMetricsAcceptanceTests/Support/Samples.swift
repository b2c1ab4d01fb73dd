import OpenMetrics

/// Families of every type, for others to read.
enum Samples {
  /// Of now, since readers do not take what is old.
  static func families() throws -> [MetricFamily] {
    let exemplar = try Exemplar(labels: [("trace_id", "abc")], value: 0.5, timestamp: .now())
    let native = NativeHistogram(
      schema: 3, zeroThreshold: 0.25, zeroCount: 1,
      negative: NativeBuckets(spans: [.init(offset: -2, length: 1)], counts: [4]),
      positive: NativeBuckets(
        spans: [.init(offset: 1, length: 2), .init(offset: 3, length: 1)], counts: [5, 3, 9]))
    let float = NativeHistogram(
      schema: 0, zeroThreshold: 0, zeroCount: 0.5,
      positive: NativeBuckets(spans: [.init(offset: 0, length: 2)], counts: [1.5, 2.0]))
    let empty = NativeHistogram(schema: 8, zeroThreshold: 0, zeroCount: 0)
    let buckets = [
      HistogramBucket(upperBound: 1, cumulativeCount: 2, exemplar: exemplar),
      HistogramBucket(upperBound: .infinity, cumulativeCount: 3),
    ]
    return [
      family(
        "my.requests", .counter,
        .counter(CounterPoint(total: 3, created: .now(), exemplar: exemplar)),
        ["code": "200", "text": "a\0\"é"]),
      family("temperature_celsius", .gauge, .gauge(.double(-2.5)), [:], unit: "celsius"),
      family("odd", .unknown, .unknown(.double(.infinity)), [:]),
      family("build", .info, .info(["version": "1"]), [:]),
      family("state", .stateset, .stateSet([StatePoint("on", true), StatePoint("off", false)]), [:]),
      family("wait", .summary, .summary(SummaryPoint(count: 2, sum: 5.0, quantiles: [.init(0.5, 4)])), [:]),
      family(
        "size", .histogram, .histogram(HistogramPoint(buckets: buckets, sum: 6.5, created: .now())), [:]),
      family("queue", .gaugehistogram, .gaugeHistogram(HistogramPoint(buckets: buckets, sum: 6.5)), [:]),
      family(
        "latency", .histogram,
        .histogram(HistogramPoint(native: native, count: 22, sum: 1.5, exemplars: [exemplar])), [:]),
      family("share", .histogram, .histogram(HistogramPoint(native: float, count: 4, sum: 2.5)), [:]),
      family("idle", .histogram, .histogram(HistogramPoint(native: empty, count: 0, sum: 0)), [:]),
    ]
  }

  private static func family(
    _ name: String, _ type: MetricType, _ value: MetricPointValue, _ labels: LabelSet, unit: String = ""
  ) -> MetricFamily {
    MetricFamily(
      name: name, type: type, help: "Help of \(name).", unit: unit, metrics: [Metric(labels: labels, value)])
  }
}
