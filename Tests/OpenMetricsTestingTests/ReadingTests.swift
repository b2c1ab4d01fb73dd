import OpenMetrics
import OpenMetricsTesting
import Testing

@Suite("Reading of values")
struct ReadingTests {
  let registry = MetricRegistry()

  @Test("a counter is read by its sample's name and exactly its labels")
  func counter() throws {
    let requests = try registry.counter(
      .init("http_requests", type: .counter, help: "x", labels: ["method", "code"]))
    try requests.labels("get", "200").increment(by: 3)
    #expect(registry.value(of: "http_requests_total", labels: ["code": "200", "method": "get"]) == 3)
    #expect(registry.value(of: "http_requests_total", labels: ["method": "get"]) == nil)
    #expect(registry.value(of: "http_requests", labels: ["code": "200", "method": "get"]) == nil)
    #expect(registry.readings(of: "http_requests_total").map(\.value) == [3])
  }

  @Test("an empty label is the same as none")
  func emptyLabel() throws {
    let family = try registry.gauge(.init("level", type: .gauge, help: "x", labels: ["tank"]))
    try family.labels("").set(7)
    #expect(registry.value(of: "level") == 7)
    #expect(registry.value(of: "level", labels: ["tank": ""]) == 7)
  }

  @Test("a histogram gives buckets, count and sum, and bounds are compared as numbers")
  func histogram() throws {
    let family = try registry.histogram(
      .init("latency_seconds", type: .histogram, help: "x", unit: "seconds", buckets: [0.5, 1]))
    family.observe(0.25)
    family.observe(4)
    #expect(registry.value(of: "latency_seconds_count") == 2)
    #expect(registry.value(of: "latency_seconds_sum") == 4.25)
    #expect(registry.value(of: "latency_seconds_bucket", labels: ["le": "1"]) == 1)
    #expect(registry.value(of: "latency_seconds_bucket", labels: ["le": "+Inf"]) == 2)
    let point = try #require(registry.histogram(named: "latency_seconds"))
    #expect(point.count.doubleValue == 2)
    #expect(point.sum?.doubleValue == 4.25)
    #expect(point.cumulativeCount(atMost: 0.5) == 1)
    #expect(point.cumulativeCount(atMost: 0.7) == nil)
    #expect(registry.histogram(named: "other_seconds") == nil)
    #expect(registry.summary(named: "latency_seconds") == nil)
  }

  @Test("infos, state sets, summaries and gauge histograms are read by the names they have in text")
  func others() throws {
    try registry.info(.init("build", type: .info, help: "x", labels: ["version"])).set(("version", "1.2"))
    try registry.stateSet(.init("door", type: .stateset, help: "x", states: ["open", "shut"])).set(
      only: "shut")
    #expect(registry.value(of: "build_info", labels: ["version": "1.2"]) == 1)
    #expect(registry.value(of: "door", labels: ["door": "shut"]) == 1)
    #expect(registry.value(of: "door", labels: ["door": "open"]) == 0)

    let summary = MetricFamily(
      name: "s", type: .summary,
      metrics: [Metric(.summary(.init(count: 2, sum: 3.5, quantiles: [.init(0.5, 1.5)])))])
    #expect(
      summary.sampleReadings.map(\.description) == [#"s{quantile="0.5"} 1.5"#, "s_count 2.0", "s_sum 3.5"])
    let buckets = [HistogramBucket(upperBound: .infinity, cumulativeCount: 4)]
    let depth = MetricFamily(
      name: "depth", type: .gaugehistogram,
      metrics: [Metric(.gaugeHistogram(.init(buckets: buckets, sum: 9)))])
    #expect(depth.sampleReadings.map(\.name) == ["depth_bucket", "depth_gcount", "depth_gsum"])
  }

  @Test("of a counter without the suffix the sample is called as the family")
  func bareTotal() {
    let metric = Metric(.counter(.init(total: 5)))
    let family = MetricFamily(name: "hits", type: .counter, metrics: [metric], hasBareTotal: true)
    #expect(family.sampleReadings.map(\.description) == ["hits 5.0"])
  }

  @Test("a change is what happened in between, whether the sample was there before or not")
  func change() async throws {
    let family = try registry.counter(.init("jobs", type: .counter, help: "x", labels: ["kind"]))
    try family.labels("old").increment(by: 10)
    let old = try registry.change(of: "jobs_total", labels: ["kind": "old"]) {
      try family.labels("old").increment(by: 2)
    }
    #expect(old == 2)
    let new = try await registry.change(of: "jobs_total", labels: ["kind": "new"]) {
      await Task.yield()
      try family.labels("new").increment()
    }
    #expect(new == 1)
  }

  @Test("what the closure throws comes through with its type")
  func changeThrows() {
    struct Failure: Error, Equatable {}
    #expect(throws: Failure()) {
      try registry.change(of: "jobs_total") { () throws(Failure) in throw Failure() }
    }
  }
}
