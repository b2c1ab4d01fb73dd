import CoreMetrics
import OpenMetrics

/// Sets a gauge.
final class LevelHandler: MeterHandler, RecorderHandler, Sendable {
  private let gauge: OpenMetrics.Gauge

  init(_ gauge: OpenMetrics.Gauge) { self.gauge = gauge }

  func set(_ value: Int64) { gauge.set(Double(value)) }
  func set(_ value: Double) { gauge.set(value) }
  func increment(by amount: Double) { gauge.increment(by: amount) }
  func decrement(by amount: Double) { gauge.decrement(by: amount) }
  func record(_ value: Int64) { gauge.set(Double(value)) }
  func record(_ value: Double) { gauge.set(value) }
}
