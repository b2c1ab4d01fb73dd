import OpenMetrics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// How fast the parsers read: megabytes a second and nanoseconds a sample, beside what copying the same bytes takes.
// Times are of the processor, the best of several rounds, so that other work on the machine counts less.
// An argument keeps only the workloads of that format.

struct Workload {
  let name: String
  let format: ExpositionFormat
  let bytes: [UInt8]
  let samples: Int

  init(_ name: String, _ format: ExpositionFormat, _ families: [MetricFamily]) {
    self.name = name
    self.format = format
    bytes = Exposition.write(families, as: format)
    samples = bytes.split(separator: UInt8(ascii: "\n")).count { $0.first != UInt8(ascii: "#") }
  }
}

func counters(_ count: Int) -> MetricFamily {
  MetricFamily(
    name: "http_requests", type: .counter, help: "Requests by route.",
    metrics: (0..<count).map { index in
      let labels = LabelSet([("method", "GET"), ("route", "/api/v1/items/\(index)"), ("status", "200")])
      return Metric(labels: labels, .counter(CounterPoint(total: .integer(UInt64(index) * 977))))
    })
}

func histograms(_ count: Int) -> MetricFamily {
  MetricFamily(
    name: "http_request_seconds", type: .histogram, help: "Latency by route.",
    metrics: (0..<count).map { index in
      let labels = LabelSet([("method", "GET"), ("route", "/api/v1/items/\(index)")])
      let bounds = MetricDescriptor.defaultBuckets + [.infinity]
      let buckets = bounds.enumerated().map { order, bound in
        HistogramBucket(upperBound: bound, cumulativeCount: .integer(UInt64(order * index)))
      }
      let point = HistogramPoint(buckets: buckets, sum: .double(Double(index) * 0.125))
      return Metric(labels: labels, .histogram(point))
    })
}

/// Seconds of processor time.
func fastest(of rounds: Int, _ body: () throws -> Void) rethrows -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  var best = Double.infinity
  for _ in 0..<rounds {
    let start = now()
    try body()
    best = min(best, now() - start)
  }
  return best
}

func rounded(_ value: Double) -> String { "\(Int(value.rounded()))" }

let workloads = [
  Workload("100,000 counters", .openMetrics1, [counters(100_000)]),
  Workload("100,000 counters", .text004, [counters(100_000)]),
  Workload("100,000 counters", .openMetrics2, [counters(100_000)]),
  Workload("10,000 histograms", .openMetrics1, [histograms(10_000)]),
  Workload("10,000 histograms", .text004, [histograms(10_000)]),
  Workload("10,000 histograms", .openMetrics2, [histograms(10_000)]),
]
print("| what | format | mode | MB | MB/s | ns a sample | copying, MB/s |")
print("|---|---|---|---:|---:|---:|---:|")
for workload in workloads
where CommandLine.arguments.count < 2 || CommandLine.arguments.contains(workload.format.rawValue) {
  let megabytes = Double(workload.bytes.count) / 1e6
  var copy = [UInt8](repeating: 0, count: workload.bytes.count)
  let copying = fastest(of: 5) {
    copy.withUnsafeMutableBytes { target in workload.bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
  }
  for mode in ExpositionParser.Mode.allCases {
    let parser = ExpositionParser(format: workload.format, mode: mode)
    let parsing = try fastest(of: 5) { _ = try parser.parse(workload.bytes) }
    print(
      "| \(workload.name) | \(workload.format.rawValue) | \(mode.rawValue) | \(rounded(megabytes)) "
        + "| \(rounded(megabytes / parsing)) | \(rounded(parsing * 1e9 / Double(workload.samples))) "
        + "| \(rounded(megabytes / copying)) |")
  }
}
