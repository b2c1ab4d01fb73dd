import LogShipping
import ServiceRuntime

/// `cdb ship`: follows log files and delivers their lines by `_bulk`, with its HTTP surface.
public struct ShipperService: Sendable {
  /// Where it listens unless it is told otherwise.
  static let standardPort = 8_031

  private let settings: EffectiveConfiguration
  private let isTerminal: Bool

  /// - Parameter isTerminal: whether standard error is a person's.
  public init(settings: EffectiveConfiguration, isTerminal: Bool) {
    self.settings = settings
    self.isTerminal = isTerminal
  }

  /// Runs until a signal; what was read is then delivered within `ship.flush_deadline`, or read again later.
  ///
  /// - Parameter say: hears where it listens.
  /// - Returns: the process's exit code.
  public func run(_ say: @escaping @Sendable (String) -> Void) async throws -> Int32 {
    let options = try ShipperOptions(settings)
    let process = CollectorProcess(
      name: "ship", standardPort: Self.standardPort, settings: settings, isTerminal: isTerminal)
    return try await process.run(say) { telemetry in
      let shipper = try LogShipper(options: options, logger: telemetry.logger)
      return CollectorProcess.Work(
        run: { await shipper.run() }, stop: { shipper.stop() }, flushDeadline: options.flushDeadline,
        collector: ShipperCollector(statistics: { shipper.statistics }, now: CollectorProcess.now),
        health: { HealthReport(shipper.statistics, now: CollectorProcess.now()) },
        operations: [
          AnyOperation(
            Operation<NoInput, ShipperAnswer>(
              name: "ship", summary: "How the shipper's files and its server are."
            ) { _, _ in ShipperAnswer(shipper.statistics) })
        ])
    }
  }
}
