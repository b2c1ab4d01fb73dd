internal import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The HTTP server of a service: `/metrics`, `/healthz`, `/readyz`, the operations as JSON below `/api/v1/`, and
/// what routes the service adds.
///
/// It runs once, as one service of a ``ServiceRunner``. When the drain starts, `/readyz` turns to 503, no new
/// connections are taken, streams end, and requests in flight have the configured time to finish.
///
/// A process that stood still finds requests when it goes on that nobody waits for any more. Of those that change something only
/// what is right however late (``Operation/isDoneLate``) is done then.
public final class ServiceEndpoint: Service {
  /// Asked at every request; keep it cheap.
  public typealias HealthCheck = @Sendable () async -> HealthReport

  private let configuration: EndpointConfiguration
  private let routes: [EndpointRoute]
  private let observer: RequestObserver?
  private let logger: Logger
  private let listening = ListeningState()
  private let isDraining: Draining
  private let instants = ServiceInstants()

  /// - Parameters:
  ///   - configuration: where to listen, whom to answer, limits, token.
  ///   - operations: what becomes `/api/v1/<name>`.
  ///   - metrics: writes `/metrics`; without it there is none.
  ///   - health: 503 on `/healthz` when it reports failed.
  ///   - readiness: the same for `/readyz`; while draining it is not asked.
  ///   - routes: further paths.
  ///   - observer: hears of each request.
  ///   - logger: for the server's own messages.
  public init(
    configuration: EndpointConfiguration = EndpointConfiguration(),
    operations: OperationCatalogue = .empty,
    metrics: MetricsExposition? = nil,
    health: @escaping HealthCheck = { .ok },
    readiness: @escaping HealthCheck = { .ok },
    routes: [EndpointRoute] = [],
    observer: RequestObserver? = nil,
    logger: Logger
  ) {
    let draining = Draining()
    self.configuration = configuration
    self.routes =
      Self.serviceRoutes(metrics: metrics, health: health) {
        draining.hasStarted
          ? HealthReport(components: [.init(name: "endpoint", healthy: false, reason: "draining")])
          : await readiness()
      } + Self.operationRoutes(operations) + routes
    self.observer = observer
    self.logger = logger
    self.isDraining = draining
  }

  /// Where it listens, with the real port; waits until it does.
  public var address: ListenAddress {
    get async throws(EndpointError) { try await listening.address() }
  }

  /// Listens until the drain or cancellation.
  ///
  /// - Throws: ``EndpointError`` if it cannot listen.
  public func run() async throws {
    try listening.start()
    defer { listening.fail(.stopped) }
    let application = Application(
      responder: try makeResponder(),
      server: .http1(configuration: connectionConfiguration),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.listen.host, port: configuration.listen.port),
        availableConnectionsDelegate: MaximumAvailableConnections(
          OpenFiles.connections(configuration.maximumConnections, limit: OpenFiles.limit))),
      onServerRunning: { [listening, configuration] channel in
        listening.succeed(
          ListenAddress(
            host: configuration.listen.host, port: channel.localAddress?.port ?? configuration.listen.port))
      },
      logger: logger)
    do {
      try await withGracefulShutdownHandler {
        try await runWithDrainTimeout(application)
      } onGracefulShutdown: { [isDraining] in
        isDraining.start()
      }
    } catch {
      let failure = Self.listenFailure(error, configuration.listen)
      if let failure { listening.fail(failure) }
      throw failure ?? error
    }
  }

  private var connectionConfiguration: HTTP1Channel.Configuration {
    HTTP1Channel.Configuration(
      idleTimeout: TimeAmount(configuration.idleTimeout),
      httpDecoderConfiguration: .init(
        // The request target counts as a field too; it gets its own answer, so it must pass here.
        maxHeaderFieldSize: max(configuration.maximumHeaderBytes, configuration.maximumURLBytes * 2),
        maxHeaderListSize: configuration.maximumHeaderBytes + configuration.maximumURLBytes * 2,
        maxHeaderFieldCount: 128))
  }

  private func makeResponder() throws(EndpointError) -> EndpointResponder {
    EndpointResponder(
      routes: try RouteTable(routes), hosts: HostPolicy(allowedHosts: configuration.allowedHosts),
      token: BearerToken(source: configuration.token), maximumBodyBytes: configuration.maximumBodyBytes,
      maximumURLBytes: configuration.maximumURLBytes,
      streams: StreamedBody(timeout: configuration.streamTimeout, draining: isDraining), instants: instants,
      observer: observer, logger: logger)
  }

  /// A peer that never finishes its request must not hold up the end of the service.
  private func runWithDrainTimeout(_ application: Application<EndpointResponder>) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await application.run()
        return true
      }
      group.addTask { [configuration, isDraining] in
        await isDraining.wait()
        try await Task.sleep(for: configuration.drainTimeout)
        return false
      }
      defer { group.cancelAll() }
      guard try await group.next() == false else { return }
      group.cancelAll()
      do {
        _ = try await group.next()
      } catch is CancellationError {
        logger.warning("closed connections that did not finish while draining")
      }
    }
  }

  static func listenFailure(_ error: any Error, _ address: ListenAddress) -> EndpointError? {
    switch error {
    case let error as EndpointError: error
    case let error as IOError where error.errnoCode == SystemFailure.addressInUse: .addressInUse(address)
    case let error as IOError:
      .cannotListen(address, reason: SystemFailure.words(for: error.errnoCode))
    case let error as SocketAddressError: .cannotListen(address, reason: "\(error)")
    case let error as SocketAddressError.UnknownHost:
      .cannotListen(address, reason: "cannot resolve \(error.host)")
    default: nil
    }
  }
}
