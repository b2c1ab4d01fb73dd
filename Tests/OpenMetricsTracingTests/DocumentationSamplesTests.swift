import Instrumentation
import OpenMetrics
import OpenMetricsTracing
import Testing

/// The samples about tracing in the library's articles.
@Suite("Samples of the documentation: tracing")
struct DocumentationSamplesTests {
  @Test("exemplars of the current trace")
  func currentTrace() throws {
    let registry = MetricRegistry()
    registry.exemplarSource = CurrentTrace().labels
    #expect(registry.exemplarSource?() == nil)
  }

  @Test("a service without a tracer")
  func withoutTracer() throws {
    let registry = MetricRegistry()
    registry.exemplarSource = CurrentTrace().labels
    let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    func handle() { #expect(registry.exemplarSource?()?.count == 2) }

    var context = InstrumentationContext.current ?? .topLevel
    context.traceReference = TraceReference(traceparent: header)
    InstrumentationContext.$current.withValue(context) { handle() }
  }
}
