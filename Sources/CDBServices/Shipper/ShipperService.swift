import CDBDomain
import CDBPipeline
import Foundation
import LogShipping
import Logging
import OpenMetrics
import ServiceLifecycle
import ServiceRuntime
import StructuredLogging

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
    let listen = try ListenAddress(settings, standardPort: Self.standardPort)
    try await listen.requireFree()
    let telemetry = try Telemetry(
      service: "cdb-ship", settings: settings,
      logDirectory: settings.optionalString("log.directory") ?? settings.string("data_dir") + "/logs",
      toStandardError: settings.logsToStandardError(isTerminal: isTerminal))
    defer { telemetry.writer.shutdown() }
    let shipper = try LogShipper(options: options, logger: telemetry.logger)
    try SuiteMetrics.registerBuildInfo(
      in: telemetry.registry, settings: settings, profile: CDBConfiguration.profile(of: settings).rawValue)
    try telemetry.registry.register(
      ShipperCollector(
        statistics: { shipper.statistics }, now: { ProcessClock.wall().nanoseconds / 1_000_000 }))
    let endpoint = try endpoint(shipper, listen, telemetry)
    let runner = ServiceRunner(
      services: [endpoint, ShipperWork(shipper: shipper), ShipperAnnouncement(endpoint: endpoint, say: say)],
      drainDeadline: options.flushDeadline + .seconds(5), logger: telemetry.logger)
    let exit = await runner.run()
    await telemetry.writer.flush(timeout: .seconds(1))
    if case .failed(let error) = exit { throw error }
    return exit.code
  }

  private func endpoint(
    _ shipper: LogShipper, _ listen: ListenAddress, _ telemetry: Telemetry
  ) throws -> ServiceEndpoint {
    let scrapes = ScrapeHandler(registry: telemetry.registry)
    let requests = try telemetry.registry.histogram(SuiteMetrics.httpRequests)
    return ServiceEndpoint(
      configuration: EndpointConfiguration(listen: listen, allowedHosts: settings.list("http.allowed_hosts")),
      operations: try OperationCatalogue([
        AnyOperation(
          Operation<NoInput, ShipperAnswer>(
            name: "ship", summary: "How the shipper's files and its server are."
          ) { _, _ in ShipperAnswer(shipper.statistics) })
      ]),
      metrics: { EndpointResponse(await scrapes.answer(ScrapeRequest($0))) },
      health: {
        HealthReport(shipper.statistics, now: ProcessClock.wall().nanoseconds / 1_000_000)
      },
      observer: { request in
        try? requests.labels(request.template, request.method, "\(request.status)").observe(request.seconds)
      },
      logger: telemetry.logger)
  }
}

/// The shipper as a service: ends with what it flushes.
private struct ShipperWork: Service {
  let shipper: LogShipper

  func run() async throws {
    await withGracefulShutdownHandler {
      await shipper.run()
    } onGracefulShutdown: {
      shipper.stop()
    }
  }
}

/// Says where the shipper listens, once it does.
private struct ShipperAnnouncement: Service {
  let endpoint: ServiceEndpoint
  let say: @Sendable (String) -> Void

  func run() async throws {
    if let address = try? await endpoint.address { say("ship: http://\(address)/metrics") }
    try? await gracefulShutdown()
  }
}
