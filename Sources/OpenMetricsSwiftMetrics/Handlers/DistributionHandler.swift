import CoreMetrics
import OpenMetrics

/// Observes values as they come.
final class DistributionHandler: RecorderHandler, Sendable {
  private let distribution: any DurationObserver

  init(_ distribution: any DurationObserver) { self.distribution = distribution }

  func record(_ value: Int64) { distribution.observe(Double(value)) }
  func record(_ value: Double) { distribution.observe(value) }
}

/// Observes durations in seconds, whatever unit their user would like to see.
final class DurationHandler: TimerHandler, Sendable {
  private let distribution: any DurationObserver
  private let statistics: FactoryStatistics

  init(_ distribution: any DurationObserver, statistics: FactoryStatistics) {
    self.distribution = distribution
    self.statistics = statistics
  }

  /// A negative duration is a clock that was set back: it is dropped and counted.
  func recordNanoseconds(_ duration: Int64) {
    guard duration >= 0 else { return statistics.countDroppedUpdate() }
    distribution.observe(Double(duration) / 1e9)
  }
}
