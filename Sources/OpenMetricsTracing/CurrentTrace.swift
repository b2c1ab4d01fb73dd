import Instrumentation
import OpenMetrics

/// The trace that the running task belongs to, as a source of exemplars:
///
///     registry.exemplarSource = CurrentTrace().labels
///
/// It is the tracer's of swift-distributed-tracing, if that propagates by the header `traceparent`, or else the one that
/// was put into the task's context as ``Instrumentation/InstrumentationContext/traceReference``.
public struct CurrentTrace: Sendable {
  /// Whether traces count too that nobody records, and that a reader of the exemplar will not find; `false` by default.
  public var includesUnsampled: Bool
  private let tracer: (any Instrumentation.Instrument)?

  /// - Parameters:
  ///   - tracer: `nil` for the one that the task, or else the process, has.
  ///   - includesUnsampled: whether traces count too that nobody records.
  public init(tracer: (any Instrumentation.Instrument)? = nil, includesUnsampled: Bool = false) {
    self.tracer = tracer
    self.includesUnsampled = includesUnsampled
  }

  /// `trace_id` and `span_id` of the running task; `nil` outside of any trace.
  @Sendable public func labels() -> LabelSet? {
    guard let context = InstrumentationContext.current, let reference = reference(in: context) else {
      return nil
    }
    return reference.isSampled || includesUnsampled ? reference.labels : nil
  }

  /// The span that this context belongs to, sampled or not.
  public func reference(in context: InstrumentationContext) -> TraceReference? {
    // What a tracer knows is not said by swift-distributed-tracing; what it tells the next service is.
    var carrier = TraceparentCarrier()
    (tracer ?? InstrumentationSystem.instrument)
      .inject(context, into: &carrier, using: TraceparentCarrier.Writer())
    return carrier.reference ?? context.traceReference
  }
}

/// Of all that is said to the next service, which trace this is.
private struct TraceparentCarrier: Sendable {
  var reference: TraceReference?

  struct Writer: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout TraceparentCarrier) {
      guard carrier.reference == nil, key.lowercased() == "traceparent" else { return }
      carrier.reference = TraceReference(traceparent: value)
    }
  }
}
