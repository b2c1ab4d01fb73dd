import InMemoryTracing
import Instrumentation
import OpenMetrics
import OpenMetricsTracing
import Testing
import Tracing

@Suite("Exemplars of the current trace")
struct CurrentTraceTests {
  let registry = MetricRegistry()

  /// The exemplar of a counter that is incremented once by `body`.
  func exemplar(of source: CurrentTrace = CurrentTrace(), _ body: (Counter) async -> Void) async throws
    -> Exemplar?
  {
    registry.exemplarSource = source.labels
    let counter = try registry.counter(MetricDescriptor("c", type: .counter, help: "A counter.")).child
    await body(counter)
    guard case .counter(let point) = registry.snapshot().first?.metrics.first?.points.first?.value else {
      Issue.record("no counter")
      return nil
    }
    return point.exemplar
  }

  @Test("an increment within a span refers to the innermost one")
  func innermost() async throws {
    let tracer = W3CTracer()
    let exemplar = try await exemplar { counter in
      await withTracer(tracer) {
        await withSpan("outer") { _ in
          await withSpan("inner") { _ in await Task { counter.increment() }.value }
        }
      }
    }
    let inner = try #require(tracer.spans.finishedSpans.first { $0.operationName == "inner" })
    #expect(exemplar?.labels == ["trace_id": inner.traceID, "span_id": inner.spanID])
    #expect(exemplar?.value == 1)
    #expect(exemplar?.timestamp != nil)
  }

  @Test("outside of a span there is none, with a tracer and without")
  func outside() async throws {
    let exemplar = try await exemplar { counter in
      counter.increment()
      withTracer(W3CTracer()) { counter.increment() }
    }
    #expect(exemplar == nil)
  }

  @Test("a trace that nobody records is referred to only where that is asked for", arguments: [false, true])
  func unsampled(includesUnsampled: Bool) async throws {
    let exemplar = try await exemplar(of: CurrentTrace(includesUnsampled: includesUnsampled)) { counter in
      withTracer(W3CTracer(isSampled: false)) { withSpan("request") { _ in counter.increment() } }
    }
    #expect((exemplar != nil) == includesUnsampled)
  }

  @Test("a tracer can be given, whatever the task has")
  func givenTracer() async throws {
    let tracer = W3CTracer()
    let exemplar = try await exemplar(of: CurrentTrace(tracer: tracer)) { counter in
      let span = tracer.startSpan("request")
      InstrumentationContext.$current.withValue(span.context) { counter.increment() }
      span.end()
    }
    #expect(exemplar?.labels.first?.value == tracer.spans.finishedSpans.first?.traceID)
  }

  @Test("of several instruments, the one that propagates by the W3C's header is heard")
  func multiplex() async throws {
    let tracer = W3CTracer()
    let all = MultiplexInstrument([InMemoryTracer(), NoOpTracer(), tracer])
    let exemplar = try await exemplar(of: CurrentTrace(tracer: all)) { counter in
      let span = tracer.startSpan("request")
      InstrumentationContext.$current.withValue(span.context) { counter.increment() }
      span.end()
    }
    #expect(exemplar?.labels.count == 2)
  }

  @Test("without a tracer, the reference that a middleware put into the context is it")
  func ownKey() async throws {
    let reference = try #require(TraceReference(traceparent: TraceReferenceTests.header))
    let exemplar = try await exemplar { counter in
      var context = InstrumentationContext.topLevel
      context.traceReference = reference
      InstrumentationContext.$current.withValue(context) { counter.increment() }
    }
    #expect(exemplar?.labels == reference.labels)
  }

  @Test("a tracer's span goes before that reference, sampled or not", arguments: [false, true])
  func tracerFirst(isSampled: Bool) async throws {
    let exemplar = try await exemplar { counter in
      var context = InstrumentationContext.topLevel
      context.traceReference = TraceReference(traceparent: TraceReferenceTests.header)
      InstrumentationContext.$current.withValue(context) {
        withTracer(W3CTracer(isSampled: isSampled)) { withSpan("request") { _ in counter.increment() } }
      }
    }
    #expect((exemplar != nil) == isSampled)
    #expect(exemplar?.labels.contains { $0.value == TraceReferenceTests.trace } != true)
  }

  @Test(
    "a tracer's header that is none makes no exemplar and refuses nothing",
    arguments: ["", "00-0-0-01", String(repeating: "a", count: 100_000), "00-x\u{0}\n\"-\\-01"])
  func hostile(traceparent: String) async throws {
    let exemplar = try await exemplar { counter in
      withTracer(W3CTracer(traceparent: traceparent)) { withSpan("request") { _ in counter.increment() } }
    }
    #expect(exemplar == nil)
    #expect(registry.statistics.rejectedUpdates == 0)
  }

  @Test("every bucket of a histogram refers to a trace of its own")
  func histogram() throws {
    registry.exemplarSource = CurrentTrace().labels
    let latency = try registry.histogram(
      MetricDescriptor(
        "latency_seconds", type: .histogram, help: "Latency.", unit: "seconds", buckets: [1, 2])
    ).child
    withTracer(W3CTracer()) {
      for value in [0.5, 1.5] { withSpan("request") { _ in latency.observe(value) } }
    }
    guard case .histogram(let point)? = registry.snapshot().first?.metrics.first?.points.first?.value else {
      Issue.record("no histogram")
      return
    }
    let traces = point.buckets.map { $0.exemplar?.labels.first?.value }
    #expect(Set(traces.prefix(2)).count == 2)
    #expect(traces[0] != nil && traces[1] != nil && traces[2] == nil)
  }
}
