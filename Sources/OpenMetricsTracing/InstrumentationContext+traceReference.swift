import Instrumentation

extension InstrumentationContext {
  /// The span that a request belongs to, for services without a tracer: a middleware reads it from the request's header
  /// `traceparent`, with ``TraceReference/init(traceparent:)``. A tracer's own span goes before it.
  public var traceReference: TraceReference? {
    get { self[TraceReferenceKey.self] }
    set { self[TraceReferenceKey.self] = newValue }
  }
}

private enum TraceReferenceKey: InstrumentationContextKey {
  typealias Value = TraceReference
  static var nameOverride: String? { "trace-reference" }
}
