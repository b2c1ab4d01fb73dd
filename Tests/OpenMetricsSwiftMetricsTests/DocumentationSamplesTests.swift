import CoreMetrics
import OpenMetrics
import OpenMetricsSwiftMetrics
import OpenMetricsTesting
import Testing

/// The samples about swift-metrics in the library's articles.
@Suite("Samples of the documentation: swift-metrics")
struct DocumentationSamplesTests {
  let registry = MetricRegistry()

  /// The one test of this process that sets the backend of all of swift-metrics.
  @Test("the backend for the whole program")
  func bootstrap() {
    let factory = OpenMetricsFactory(registry: registry)
    MetricsSystem.bootstrap(factory)

    CoreMetrics.Counter(label: "http.requests").increment(by: 2)
    #expect(registry.value(of: "http_requests_total") == 2)
  }

  @Test("names and buckets as they were")
  func configuration() {
    let factory = OpenMetricsFactory(
      registry: registry,
      configuration: OpenMetricsFactory.Configuration(
        addsTimerUnit: false,
        overrides: ["db.query": .init(help: "Time in the database.", buckets: [0.001, 0.01, 0.1, 1])]))

    CoreMetrics.Timer(label: "db.query", factory: factory).recordMilliseconds(5)
    #expect(registry.histogram(named: "db_query")?.cumulativeCount(atMost: 0.01) == 1)
  }
}
