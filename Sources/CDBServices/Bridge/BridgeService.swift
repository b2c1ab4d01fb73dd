import CDBDomain
import CDBPipeline
import Foundation
import Logging
import OpenMetrics
import RemoteWrite
import ServiceLifecycle
import ServiceRuntime
import StructuredLogging

/// `cdb bridge`: scrapes targets and sends what they say by remote write, with its HTTP surface.
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
    let listen = try ListenAddress(settings, standardPort: Self.standardPort)
    try await listen.requireFree()
    let telemetry = try Telemetry(
      service: "cdb-bridge", settings: settings,
      logDirectory: settings.optionalString("log.directory") ?? settings.string("data_dir") + "/logs",
      toStandardError: settings.logsToStandardError(isTerminal: isTerminal))
    defer { telemetry.writer.shutdown() }
    for notice in plan.notices { telemetry.logger.warning("\(configuration): \(notice)") }
    var options = BridgeOptions(
      directory: settings.string("data_dir") + "/bridge", userAgent: "cdb-bridge/\(SuiteVersion.current)")
    options.queueBytes = settings.int("bridge.queue_bytes")
    options.fsyncInterval = UInt64(settings.duration("bridge.fsync_interval").nanoseconds)
    options.flushDeadline = settings.duration("bridge.flush_deadline")
    let bridge = try Bridge(configuration: plan, options: options, logger: telemetry.logger)
    let now: @Sendable () -> Int64 = { ProcessClock.wall().nanoseconds / 1_000_000 }
    let reload = BridgeReload(path: configuration, bridge: bridge, logger: telemetry.logger, now: now)
    try AccessToken.prepare(settings)
    try SuiteMetrics.registerBuildInfo(
      in: telemetry.registry, settings: settings, profile: CDBConfiguration.profile(of: settings).rawValue)
    try telemetry.registry.register(
      BridgeCollector(
        statistics: { bridge.statistics }, reload: { reload.outcome }, now: now))
    let endpoint = try endpoint(bridge, reload, listen, telemetry)
    let runner = ServiceRunner(
      services: [
        endpoint, BridgeWork(bridge: bridge), ReloadOnSignal(reload: reload),
        BridgeAnnouncement(endpoint: endpoint, say: say),
      ],
      drainDeadline: options.flushDeadline + .seconds(5), logger: telemetry.logger)
    let exit = await runner.run()
    await telemetry.writer.flush(timeout: .seconds(1))
    if case .failed(let error) = exit { throw error }
    return exit.code
  }

  private func endpoint(
    _ bridge: Bridge, _ reload: BridgeReload, _ listen: ListenAddress, _ telemetry: Telemetry
  ) throws -> ServiceEndpoint {
    let scrapes = ScrapeHandler(registry: telemetry.registry)
    let requests = try telemetry.registry.histogram(SuiteMetrics.httpRequests)
    return ServiceEndpoint(
      configuration: EndpointConfiguration(
        listen: listen, allowedHosts: settings.list("http.allowed_hosts"),
        token: AccessToken.source(settings)),
      operations: try OperationCatalogue([
        AnyOperation(
          Operation<NoInput, BridgeAnswer>(
            name: "bridge", summary: "How the bridge's targets and endpoints are."
          ) { _, _ in BridgeAnswer(bridge.statistics) }),
        reload.operation,
      ]),
      metrics: { EndpointResponse(await scrapes.answer(ScrapeRequest($0))) },
      health: {
        HealthReport(bridge.statistics, now: ProcessClock.wall().nanoseconds / 1_000_000)
      },
      routes: TargetsPage.routes { bridge.statistics } + [reload.route],
      observer: { request in
        try? requests.labels(request.template, request.method, "\(request.status)").observe(request.seconds)
      },
      logger: telemetry.logger)
  }
}

/// The bridge as a service: ends with what it flushes.
private struct BridgeWork: Service {
  let bridge: Bridge

  func run() async throws {
    await withGracefulShutdownHandler {
      await bridge.run()
    } onGracefulShutdown: {
      bridge.stop()
    }
  }
}

/// Says where the bridge listens, once it does.
private struct BridgeAnnouncement: Service {
  let endpoint: ServiceEndpoint
  let say: @Sendable (String) -> Void

  func run() async throws {
    if let address = try? await endpoint.address { say("bridge: http://\(address)/metrics") }
    try? await gracefulShutdown()
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
