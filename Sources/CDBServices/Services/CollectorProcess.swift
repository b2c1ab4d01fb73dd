import CDBDomain
import CDBPipeline
import OpenMetrics
import ServiceLifecycle
import ServiceRuntime
import StructuredLogging

/// A process beside the pipeline that collects and passes on, with its HTTP surface: `cdb bridge` and `cdb ship`.
struct CollectorProcess: Sendable {
  /// What it is as a command.
  let name: String
  /// Where it listens unless it is told otherwise.
  let standardPort: Int
  let settings: EffectiveConfiguration
  /// Whether standard error is a person's.
  let isTerminal: Bool

  /// What one of them does, and what it shows.
  struct Work: Sendable {
    /// Goes on until ``stop``, and then until what it flushes is flushed.
    var run: @Sendable () async -> Void
    var stop: @Sendable () -> Void
    /// How long it flushes at most.
    var flushDeadline: Duration
    var collector: any MetricCollector
    var health: @Sendable () -> HealthReport
    var operations: [AnyOperation]
    var routes: [EndpointRoute] = []
    /// Whether callers change something, for which they need the token.
    var hasToken = false
    /// What runs beside it.
    var services: [any Service] = []
  }

  /// Milliseconds since the epoch.
  static let now: @Sendable () -> Int64 = { ProcessClock.wall().nanoseconds / 1_000_000 }

  /// Runs until a signal; what waits is then flushed.
  ///
  /// - Parameters:
  ///   - say: hears where it listens.
  ///   - make: makes the work, when it is known that the process can listen.
  /// - Returns: the process's exit code.
  func run(
    _ say: @escaping @Sendable (String) -> Void, _ make: (Telemetry) throws -> Work
  ) async throws -> Int32 {
    let listen = try ListenAddress(settings, standardPort: standardPort)
    try await listen.requireFree()
    let telemetry = try Telemetry(
      service: "cdb-\(name)", settings: settings,
      logDirectory: settings.optionalString("log.directory") ?? settings.string("data_dir") + "/logs",
      toStandardError: settings.logsToStandardError(isTerminal: isTerminal))
    defer { telemetry.writer.shutdown() }
    let work = try make(telemetry)
    if work.hasToken { try AccessToken.prepare(settings) }
    try SuiteMetrics.registerBuildInfo(
      in: telemetry.registry, settings: settings, profile: CDBConfiguration.profile(of: settings).rawValue)
    try telemetry.registry.register(work.collector)
    let endpoint = try endpoint(of: work, listen, telemetry)
    let runner = ServiceRunner(
      services: [endpoint, FlushedWork(work: work)] + work.services
        + [ListeningAnnouncement(endpoint: endpoint) { say("\(name): http://\($0)/metrics") }],
      drainDeadline: work.flushDeadline + .seconds(5), logger: telemetry.logger)
    let exit = await runner.run()
    await telemetry.writer.flush(timeout: .seconds(1))
    if case .failed(let error) = exit { throw error }
    return exit.code
  }

  private func endpoint(
    of work: Work, _ listen: ListenAddress, _ telemetry: Telemetry
  ) throws -> ServiceEndpoint {
    let scrapes = ScrapeHandler(registry: telemetry.registry)
    let requests = try telemetry.registry.histogram(SuiteMetrics.httpRequests)
    return ServiceEndpoint(
      configuration: EndpointConfiguration(
        listen: listen, allowedHosts: settings.list("http.allowed_hosts"),
        token: work.hasToken ? AccessToken.source(settings) : nil),
      operations: try OperationCatalogue(work.operations),
      metrics: { EndpointResponse(await scrapes.answer(ScrapeRequest($0))) },
      health: { work.health() },
      routes: work.routes,
      observer: { request in
        try? requests.labels(request.template, request.method, "\(request.status)").observe(request.seconds)
      },
      logger: telemetry.logger)
  }
}

/// The work as a service: ends with what it flushes.
private struct FlushedWork: Service {
  let work: CollectorProcess.Work

  func run() async throws {
    await withGracefulShutdownHandler {
      await work.run()
    } onGracefulShutdown: {
      work.stop()
    }
  }
}
