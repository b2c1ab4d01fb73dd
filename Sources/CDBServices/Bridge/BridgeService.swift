import CDBDomain
import CDBPipeline
import Logging
import RemoteWrite
import ServiceRuntime
import StructuredLogging

/// `cdb bridge`: scrapes targets, takes what others push, and sends it by remote write, with its HTTP surface.
public struct BridgeService: Sendable {
  /// Where it listens unless it is told otherwise.
  static let standardPort = 8_030

  private let settings: EffectiveConfiguration
  private let configuration: String
  private let isTerminal: Bool

  /// - Parameters:
  ///   - configuration: the path of a `prometheus.yml`.
  ///   - isTerminal: whether standard error is a person's.
  public init(settings: EffectiveConfiguration, configuration: String, isTerminal: Bool) {
    self.settings = settings
    self.configuration = configuration
    self.isTerminal = isTerminal
  }

  /// Runs until a signal; what waits is then sent within `bridge.flush_deadline`, or stays on disk.
  ///
  /// - Parameter say: hears what is not supported of the configuration, and where it listens.
  /// - Returns: the process's exit code.
  public func run(_ say: @escaping @Sendable (String) -> Void) async throws -> Int32 {
    let plan = try PrometheusConfiguration(path: configuration)
    for notice in plan.notices { say("\(configuration): \(notice)") }
    let process = CollectorProcess(
      name: "bridge", standardPort: Self.standardPort, settings: settings, isTerminal: isTerminal)
    return try await process.run(say) { telemetry in
      for notice in plan.notices { telemetry.logger.warning("\(configuration): \(notice)") }
      let bridge = try Bridge(configuration: plan, options: options, logger: telemetry.logger)
      let reload = BridgeReload(
        path: configuration, bridge: bridge, logger: telemetry.logger, now: CollectorProcess.now)
      return CollectorProcess.Work(
        run: { await bridge.run() }, stop: { bridge.stop() }, flushDeadline: options.flushDeadline,
        collector: BridgeCollector(
          statistics: { bridge.statistics }, reload: { reload.outcome }, now: CollectorProcess.now),
        health: { HealthReport(bridge.statistics, now: CollectorProcess.now()) },
        operations: [
          AnyOperation(
            Operation<NoInput, BridgeAnswer>(
              name: "bridge", summary: "How the bridge's targets and endpoints are."
            ) { _, _ in BridgeAnswer(bridge.statistics) }),
          reload.operation,
        ],
        routes: TargetsPage.routes { bridge.statistics } + PushRoutes.routes(bridge.receiver)
          + [reload.route], hasToken: true,
        services: [ReloadOnSignal(reload: reload)])
    }
  }

  private var options: BridgeOptions {
    var options = BridgeOptions(
      directory: settings.string("data_dir") + "/bridge", userAgent: "cdb-bridge/\(SuiteVersion.current)")
    options.queueBytes = settings.int("bridge.queue_bytes")
    options.fsyncInterval = UInt64(settings.duration("bridge.fsync_interval").nanoseconds)
    options.flushDeadline = settings.duration("bridge.flush_deadline")
    return options
  }
}

extension CDBConfiguration {
  static let bridge = [
    ConfigurationKey(
      "bridge.queue_bytes", .int(1 << 20...(1 << 44)), default: "4294967296",
      help:
        "The bound of the queue of each of the bridge's endpoints; beyond it the oldest samples are dropped."),
    ConfigurationKey(
      "bridge.fsync_interval", .duration(.milliseconds(10) ... .seconds(60)), default: "1s",
      help: "How much of what was scraped a loss of power can take."),
    ConfigurationKey(
      "bridge.flush_deadline", .duration(.zero ... .seconds(600)), default: "10s",
      help: "How long the bridge goes on sending after it was told to end; what is left stays on disk."),
  ]
}

extension PrometheusConfiguration {
  /// A line for a person: what it has.
  public var summary: String {
    let targets = jobs.reduce(0) { $0 + $1.groups.reduce(0) { $0 + $1.addresses.count } }
    let searches = jobs.reduce(0) { $0 + $1.discoveries.count }
    return
      "\(jobs.count) jobs with \(targets) addresses\(searches > 0 ? " and \(searches) searches for more" : ""), "
      + "\(endpoints.count) endpoints"
  }
}
