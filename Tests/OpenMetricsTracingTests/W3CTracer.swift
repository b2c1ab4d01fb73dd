import InMemoryTracing
import Instrumentation
import Synchronization
import Tracing

/// A tracer that keeps its spans in memory and propagates them as the W3C says.
struct W3CTracer: Tracer {
  let spans: InMemoryTracer
  let isSampled: Bool
  /// What goes out instead of the span's own header.
  let traceparent: String?

  init(isSampled: Bool = true, traceparent: String? = nil) {
    let last = Counted()
    spans = InMemoryTracer(
      idGenerator: .init(nextTraceID: { last.next(digits: 32) }, nextSpanID: { last.next(digits: 16) }))
    self.isSampled = isSampled
    self.traceparent = traceparent
  }

  private final class Counted: Sendable {
    private let last = Mutex(0)

    func next(digits: Int) -> String {
      let number = last.withLock {
        $0 += 1
        return String($0, radix: 16)
      }
      return String(repeating: "0", count: digits - number.count) + number
    }
  }

  func startSpan<Instant: TracerInstant>(
    _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
    at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
  ) -> InMemorySpan {
    spans.startSpan(
      operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID,
      line: line)
  }

  func forceFlush() { spans.forceFlush() }

  func inject<Carrier, Inject: Injector>(
    _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
  ) where Inject.Carrier == Carrier {
    guard let span = context.inMemorySpanContext else { return }
    let header = traceparent ?? "00-\(span.traceID)-\(span.spanID)-\(isSampled ? "01" : "00")"
    injector.inject("vendor=1", forKey: "tracestate", into: &carrier)
    injector.inject(header, forKey: "Traceparent", into: &carrier)
  }

  func extract<Carrier, Extract: Extractor>(
    _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
  ) where Extract.Carrier == Carrier {
    spans.extract(carrier, into: &context, using: extractor)
  }
}
