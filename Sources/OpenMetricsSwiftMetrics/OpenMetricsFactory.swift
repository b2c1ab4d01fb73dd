import CoreMetrics
import Logging
import OpenMetrics
import Synchronization

/// A backend of swift-metrics: what libraries count with its API appears in a ``OpenMetrics/MetricRegistry``.
///
/// | swift-metrics | here |
/// |---|---|
/// | `Counter`, `FloatingPointCounter` | counter |
/// | `Gauge`, `Meter`, `Recorder` without aggregation | gauge |
/// | `Recorder` with aggregation | histogram |
/// | `Timer` | histogram, in seconds |
///
/// Nothing that a library asks for stops the program. A metric that contradicts an earlier one of the same name gets a
/// handler that drops and counts its updates; the first such metric of a name is reported.
///
/// The same label with the same dimensions, in any order, is the same series. It ends when it was destroyed as often
/// as it was made.
public final class OpenMetricsFactory: Sendable {
  public let registry: MetricRegistry
  /// Refused metrics and dropped updates.
  public let statistics: FactoryStatistics
  private let configuration: Configuration
  private let table = Mutex(HandlerTable())
  private let reported = Mutex(Set<String>())
  private let report: @Sendable (MetricMismatch) -> Void
  private let dropping: DroppingHandler

  /// So that names made at run time do not fill the memory: after these many nothing more is reported, only counted.
  private static let maximumReports = 1000

  /// - Parameters:
  ///   - registry: where everything that is counted appears.
  ///   - configuration: names, buckets and what timers become.
  ///   - report: called once for each name and reason, from the thread that asked for the metric and outside of all
  ///     locks.
  public init(
    registry: MetricRegistry = .default, configuration: Configuration = Configuration(),
    report: @escaping @Sendable (MetricMismatch) -> Void
  ) {
    self.registry = registry
    self.configuration = configuration
    self.report = report
    statistics = FactoryStatistics(registry: registry)
    dropping = DroppingHandler(statistics: statistics)
  }

  /// Reports mismatches as warnings of swift-log.
  public convenience init(
    registry: MetricRegistry = .default, configuration: Configuration = Configuration(),
    logger: Logger = Logger(label: "OpenMetricsSwiftMetrics")
  ) {
    self.init(registry: registry, configuration: configuration) { mismatch in
      logger.warning("\(mismatch)", metadata: ["reason": "\(mismatch.reason.rawValue)"])
    }
  }

  private func handler(
    _ kind: InstrumentKind, _ label: String, _ dimensions: [(String, String)]
  ) -> Handler? {
    let request = MetricRequest(kind, label, dimensions)
    do throws(MetricMismatch) {
      return try table.withLock { (table) throws(MetricMismatch) in
        try table.handler(for: request, configuration, in: registry, statistics)
      }
    } catch {
      refuse(error)
      return nil
    }
  }

  private func refuse(_ mismatch: MetricMismatch) {
    statistics.count(mismatch)
    let isFirst = reported.withLock { reported in
      reported.count < Self.maximumReports
        && reported.insert("\(mismatch.reason.rawValue) \(mismatch.label)").inserted
    }
    if isFirst { report(mismatch) }
  }

  private func release(_ handler: AnyObject) {
    table.withLock { $0.release(ObjectIdentifier(handler), in: registry) }
  }
}

extension OpenMetricsFactory: MetricsFactory {
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    if case .counter(let handler) = handler(.counter, label, dimensions) { handler } else { dropping }
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    if case .counter(let handler) = handler(.counter, label, dimensions) { handler } else { dropping }
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    if case .gauge(let handler) = handler(.gauge, label, dimensions) { handler } else { dropping }
  }

  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    switch handler(aggregate ? .recorder : .gauge, label, dimensions) {
    case .gauge(let handler): handler
    case .recorder(let handler): handler
    default: dropping
    }
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    if case .timer(let handler) = handler(.timer, label, dimensions) { handler } else { dropping }
  }

  public func destroyCounter(_ handler: any CounterHandler) { release(handler) }
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { release(handler) }
  public func destroyMeter(_ handler: any MeterHandler) { release(handler) }
  public func destroyRecorder(_ handler: any RecorderHandler) { release(handler) }
  public func destroyTimer(_ handler: any TimerHandler) { release(handler) }
}
