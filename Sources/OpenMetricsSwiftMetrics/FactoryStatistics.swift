import OpenMetrics

/// What a factory had to refuse; these numbers only grow. They are metrics of its registry too.
public struct FactoryStatistics: Sendable {
  private let refusals: [MetricMismatch.Reason: OpenMetrics.Counter]
  private let dropped: OpenMetrics.Counter?

  /// Metrics that were asked for and could not be made, for this reason; each request counts.
  public func mismatches(_ reason: MetricMismatch.Reason) -> UInt64 { refusals[reason]?.value.count ?? 0 }

  /// Metrics that were asked for and could not be made.
  public var mismatches: UInt64 {
    MetricMismatch.Reason.allCases.reduce(0) { $0 &+ mismatches($1) }
  }

  /// Updates of such metrics, negative durations, and resets of counters that could not be.
  public var droppedUpdates: UInt64 { dropped?.value.count ?? 0 }

  /// Where the registry has no room for these metrics, they are counted all the same and not exposed.
  init(registry: MetricRegistry) {
    let home = MetricRegistry()
    let family = Self.counter(Self.mismatchDescriptor, in: registry, or: home)
    var refusals: [MetricMismatch.Reason: OpenMetrics.Counter] = [:]
    for reason in MetricMismatch.Reason.allCases {
      let fallback = {
        try? Self.counter(Self.mismatchDescriptor, in: home, or: home)?.labels(reason.rawValue)
      }
      refusals[reason] = (try? family?.labels(reason.rawValue)) ?? fallback()
    }
    self.refusals = refusals
    dropped = try? Self.counter(Self.droppedDescriptor, in: registry, or: home)?.child
  }

  func count(_ mismatch: MetricMismatch) { refusals[mismatch.reason]?.increment() }

  func countDroppedUpdate() { dropped?.increment() }

  private static func counter(
    _ descriptor: MetricDescriptor, in registry: MetricRegistry, or home: MetricRegistry
  ) -> CounterFamily? {
    (try? registry.counter(descriptor)) ?? (try? home.counter(descriptor))
  }

  private static let mismatchDescriptor = MetricDescriptor(
    "swift_metrics_mismatches", type: .counter,
    help: "Requests for metrics of swift-metrics that contradicted an earlier one or had no valid name.",
    labels: ["reason"])
  private static let droppedDescriptor = MetricDescriptor(
    "swift_metrics_dropped_updates", type: .counter,
    help: "Updates of swift-metrics that were dropped because their metric could not be made.")
}
