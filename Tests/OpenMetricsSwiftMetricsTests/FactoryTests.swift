import CoreMetrics
import OpenMetrics
import OpenMetricsSwiftMetrics
import OpenMetricsTesting
import Testing

@Suite("swift-metrics")
struct FactoryTests {
  let registry = MetricRegistry()
  let factory: OpenMetricsFactory

  init() {
    factory = OpenMetricsFactory(registry: registry) { Issue.record("refused: \($0)") }
  }

  @Test("counters of whole and of broken numbers are one series under one label")
  func counters() {
    let dimensions = [("method", "get")]
    CoreMetrics.Counter(label: "http.requests", dimensions: dimensions, factory: factory).increment(by: 2)
    FloatingPointCounter(label: "http.requests", dimensions: dimensions, factory: factory).increment(by: 0.5)
    #expect(registry.value(of: "http_requests_total", labels: ["method": "get"]) == 2.5)
  }

  @Test("a negative or impossible increment changes nothing")
  func negative() {
    let counter = CoreMetrics.Counter(label: "jobs", factory: factory)
    counter.increment(by: -1)
    counter.increment(by: Int64.max)
    let broken = FloatingPointCounter(label: "shares", factory: factory)
    broken.increment(by: Double.nan)
    broken.increment(by: -0.5)
    #expect(registry.value(of: "jobs_total") == Double(Int64.max))
    #expect(registry.value(of: "shares_total") == 0)
    #expect(registry.statistics.rejectedUpdates == 3)
  }

  @Test("gauges, meters and recorders that do not aggregate are gauges")
  func gauges() {
    CoreMetrics.Gauge(label: "depth", factory: factory).record(3)
    Recorder(label: "level", aggregate: false, factory: factory).record(2.5)
    let meter = Meter(label: "depth", factory: factory)
    meter.increment(by: 4.5)
    meter.decrement(by: 1.0)
    #expect(registry.value(of: "depth") == 6.5)
    #expect(registry.value(of: "level") == 2.5)
    meter.set(7)
    #expect(registry.value(of: "depth") == 7)
  }

  @Test("a recorder that aggregates is a histogram of its values")
  func recorder() {
    let recorder = Recorder(label: "batch_rows", factory: factory)
    recorder.record(3)
    recorder.record(40.5)
    #expect(registry.value(of: "batch_rows_count") == 2)
    #expect(registry.value(of: "batch_rows_sum") == 43.5)
    #expect(registry.histogram(named: "batch_rows")?.cumulativeCount(atMost: 5) == 1)
  }

  @Test("a timer is a histogram in seconds, whatever unit its values come in")
  func timer() {
    let timer = CoreMetrics.Timer(
      label: "request.duration", preferredDisplayUnit: .milliseconds, factory: factory)
    timer.recordMilliseconds(250)
    timer.recordNanoseconds(2_000_000_000)
    #expect(registry.value(of: "request_duration_seconds_sum") == 2.25)
    #expect(registry.histogram(named: "request_duration_seconds")?.cumulativeCount(atMost: 0.25) == 1)
    timer.recordNanoseconds(-1)
    #expect(registry.value(of: "request_duration_seconds_count") == 2)
    #expect(factory.statistics.droppedUpdates == 1)
  }

  @Test("help and buckets can be set for one label")
  func overrides() throws {
    let factory = OpenMetricsFactory(
      registry: registry,
      configuration: .init(
        timerBuckets: [1, 2], recorderBuckets: [10],
        overrides: ["db.query": .init(help: "Time in the database.", buckets: [0.5])])
    ) { Issue.record("refused: \($0)") }
    CoreMetrics.Timer(label: "db.query", factory: factory).recordSeconds(1)
    CoreMetrics.Timer(label: "job", factory: factory).recordSeconds(1)
    Recorder(label: "rows", factory: factory).record(1)
    let declared = Dictionary(uniqueKeysWithValues: registry.descriptors.map { ($0.name, $0) })
    #expect(declared["db_query_seconds"]?.help == "Time in the database.")
    #expect(declared["db_query_seconds"]?.buckets == [0.5])
    #expect(declared["db_query_seconds"]?.unit == "seconds")
    #expect(declared["job_seconds"]?.buckets == [1, 2])
    #expect(declared["rows"]?.buckets == [10])
    #expect(declared["rows"]?.help == "The recorder rows of swift-metrics.")
  }

  @Test("a family that the program registered before gives its help and buckets, and keeps its children")
  func adoption() throws {
    let known = MetricDescriptor(
      "job_seconds", type: .histogram, help: "Of one job.", unit: "seconds", labels: ["queue", "kind"],
      buckets: [60])
    _ = try registry.histogram(known)
    let dimensions = [("kind", "b"), ("queue", "a")]
    let timer = CoreMetrics.Timer(label: "job", dimensions: dimensions, factory: factory)
    timer.recordSeconds(30)
    let labels: LabelSet = ["queue": "a", "kind": "b"]
    #expect(registry.histogram(named: "job_seconds", labels: labels)?.cumulativeCount(atMost: 60) == 1)
    timer.destroy()
    #expect(registry.value(of: "job_seconds_count", labels: labels) == 1)
    #expect(registry.descriptors.contains(known))
  }

  @Test("timers and recorders can have native buckets, beside bounds or alone")
  func native() {
    let factory = OpenMetricsFactory(
      registry: registry,
      configuration: .init(
        recorderBuckets: [], nativeBucketing: NativeBucketing(),
        overrides: ["coarse": .init(buckets: [1], nativeBucketing: NativeBucketing(schema: 0))])
    ) { Issue.record("refused: \($0)") }
    CoreMetrics.Timer(label: "coarse", factory: factory).recordSeconds(3)
    Recorder(label: "rows", factory: factory).record(3)
    let coarse = registry.histogram(named: "coarse_seconds")
    #expect(coarse?.cumulativeCount(atMost: 1) == 0)
    #expect(coarse?.native?.schema == 0)
    #expect(coarse?.sum?.doubleValue == 3)
    let rows = registry.histogram(named: "rows")
    #expect(rows?.buckets.isEmpty == true)
    #expect(rows?.native?.positive.counts == [1])
  }

  @Test("a native bucketing that cannot be is a mismatch")
  func invalidNative() {
    let factory = OpenMetricsFactory(
      registry: registry, configuration: .init(nativeBucketing: NativeBucketing(schema: 99))
    ) { #expect($0.reason == .invalidBuckets) }
    CoreMetrics.Timer(label: "x", factory: factory).recordSeconds(1)
    #expect(factory.statistics.mismatches == 1)
  }

  @Test("native histograms and summaries that the program registered before are filled too")
  func adoptionOfOthers() throws {
    _ = try registry.nativeHistogram(
      .init("size_bytes", type: .histogram, help: "x", unit: "bytes"), NativeBucketing(schema: 2))
    _ = try registry.summary(.init("wait_seconds", type: .summary, help: "x", unit: "seconds"))
    Recorder(label: "size_bytes", factory: factory).record(3)
    CoreMetrics.Timer(label: "wait", factory: factory).recordSeconds(2)
    #expect(registry.histogram(named: "size_bytes")?.native?.schema == 2)
    #expect(registry.value(of: "size_bytes_count") == 1)
    #expect(registry.summary(named: "wait_seconds")?.sum?.doubleValue == 2)
  }

  @Test("dimensions in another order are the same series")
  func order() {
    for dimensions in [[("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")]] {
      CoreMetrics.Counter(label: "x", dimensions: dimensions, factory: factory).increment()
    }
    #expect(registry.value(of: "x_total", labels: ["a": "1", "b": "2"]) == 2)
  }

  @Test("UTF-8 names stay readable for those who ask for them")
  func utf8() {
    let factory = OpenMetricsFactory(registry: registry, configuration: .init(names: .utf8)) {
      Issue.record("refused: \($0)")
    }
    CoreMetrics.Counter(label: "http.requests", dimensions: [("status.code", "200")], factory: factory)
      .increment()
    #expect(registry.value(of: "http.requests_total", labels: ["status.code": "200"]) == 1)
  }

  @Test("what libraries count is exposed in every format, and with good manners")
  func exposition() throws {
    counters()
    timer()
    try registry.checkExposition()
    #expect(MetricLint.findings(in: registry.snapshot()).isEmpty)
  }
}
