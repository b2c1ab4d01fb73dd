import CoreMetrics
import OpenMetrics

/// Observes values as they come.
final class DistributionHandler: RecorderHandler, Sendable {
  private let histogram: OpenMetrics.Histogram

  init(_ histogram: OpenMetrics.Histogram) { self.histogram = histogram }

  func record(_ value: Int64) { histogram.observe(Double(value)) }
  func record(_ value: Double) { histogram.observe(value) }
}

/// Observes durations in seconds, whatever unit their user would like to see.
final class DurationHandler: TimerHandler, Sendable {
  private let histogram: OpenMetrics.Histogram
  private let statistics: FactoryStatistics

  init(_ histogram: OpenMetrics.Histogram, statistics: FactoryStatistics) {
    self.histogram = histogram
    self.statistics = statistics
  }

  /// A negative duration is a clock that was set back: it is dropped and counted.
  func recordNanoseconds(_ duration: Int64) {
    guard duration >= 0 else { return statistics.countDroppedUpdate() }
    histogram.observe(Double(duration) / 1e9)
  }
}
