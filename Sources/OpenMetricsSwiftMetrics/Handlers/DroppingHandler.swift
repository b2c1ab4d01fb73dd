import CoreMetrics

/// Stands for a metric that could not be made: it takes every update and counts that it was dropped.
final class DroppingHandler: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
  TimerHandler, Sendable
{
  private let statistics: FactoryStatistics

  init(statistics: FactoryStatistics) { self.statistics = statistics }

  func increment(by amount: Int64) { statistics.countDroppedUpdate() }
  func increment(by amount: Double) { statistics.countDroppedUpdate() }
  func decrement(by amount: Double) { statistics.countDroppedUpdate() }
  func reset() { statistics.countDroppedUpdate() }
  func set(_ value: Int64) { statistics.countDroppedUpdate() }
  func set(_ value: Double) { statistics.countDroppedUpdate() }
  func record(_ value: Int64) { statistics.countDroppedUpdate() }
  func record(_ value: Double) { statistics.countDroppedUpdate() }
  func recordNanoseconds(_ duration: Int64) { statistics.countDroppedUpdate() }
}
