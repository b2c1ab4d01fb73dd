import Hummingbird
import OpenMetrics
import OpenMetricsHummingbird
import Testing

/// The sample about Hummingbird in the library's articles.
@Suite("Samples of the documentation: Hummingbird")
struct DocumentationSamplesTests {
  @Test("one line")
  func oneLine() {
    let registry = MetricRegistry()
    let router = Router(context: LooseContext.self)
    router.addMetrics(registry)
    #expect(router.routes.contains { $0.path.description == "/metrics" && $0.method == .get })
  }
}
