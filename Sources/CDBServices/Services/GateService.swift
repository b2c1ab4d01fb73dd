import CDBDomain
import CDBGate
import CDBPipeline
import DurableQueue
import Foundation
import HTTPTransport
import Logging
import OpenMetrics
import ServiceLifecycle
import ServiceRuntime
import StructuredLogging

/// `cdb gate serve`: the gate of a pipeline whose stages run in processes of their own, with its HTTP surface. It asks them what
/// they say of themselves, sends ws what it decides, and reads the store that db_writer writes.
public struct GateService: Sendable {
  private let settings: EffectiveConfiguration
  private let isTerminal: Bool

  /// - Parameter isTerminal: whether standard error is a person's.
  public init(settings: EffectiveConfiguration, isTerminal: Bool) {
    self.settings = settings
    self.isTerminal = isTerminal
  }

  /// Runs until a signal; returns the process's exit code.
  ///
  /// - Parameter say: hears where it listens.
  public func run(_ say: @escaping @Sendable (String) -> Void) async throws -> Int32 {
    let listen = try ListenAddress(settings, standardPort: ServicesSettings.gatePort)
    try await listen.requireFree()
    let parts = try parts(listen: listen)
    defer { parts.end() }
    let announcer = ListeningAnnouncement(endpoint: parts.surface.endpoint) {
      say("gate service: http://\($0)/")
    }
    let runner = ServiceRunner(
      services: parts.services + [announcer], drainDeadline: Drain.deadline, logger: parts.telemetry.logger)
    let exit = await runner.run()
    await parts.telemetry.writer.flush(timeout: .seconds(1))
    if case .failed(let error) = exit { throw error }
    return exit.code
  }

  /// What a gate service consists of.
  struct Parts: Sendable {
    var telemetry: Telemetry
    var surface: OperatorSurface
    var board: PipelineBoard
    /// Drained last first: what the keepers decide at the end is sent.
    var services: [any Service]
    fileprivate var client: HTTPClient
    fileprivate var store: SharedStore
    /// On the data directory.
    fileprivate var lock: DirectoryLock

    func end() {
      client.shutdown()
      try? store.close()
      telemetry.writer.shutdown()
      lock.release()
    }
  }

  /// Makes all that runs. Nothing does before its services do.
  ///
  /// - Throws: ``DataDirectoryInUse`` where another gate service has the data directory: two would open and close one door.
  func parts(listen: ListenAddress) throws -> Parts {
    let addresses = try ServicesSettings.addresses(settings)
    let plan = try BlockPlan(settings)
    let configuration = try PipelineConfiguration(settings)
    let location = try StoreLocation(settings)
    let lock = try DataDirectoryRole.takeForGateService(settings.string("data_dir"))
    try AccessToken.prepare(settings)
    let telemetry = try Telemetry(
      service: "cdb-gate", settings: settings,
      logDirectory: settings.optionalString("log.directory") ?? settings.string("data_dir") + "/logs",
      toStandardError: settings.logsToStandardError(isTerminal: isTerminal))
    try SuiteMetrics.registerBuildInfo(
      in: telemetry.registry, settings: settings, configuration: configuration)
    let board = PipelineBoard(asking: addresses.mapValues { $0.map { "\($0)" } })
    try telemetry.registry.register(ServiceProcessCollector(board: board))
    let controls = IntakeControls(limit: ControlForwarder.mostWaiting)
    let process = UUID().uuidString
    _ = controls.submit(Beginning.closing(as: process))
    let store = SharedStore(location)
    let delivery = ControlDelivery()
    let surface = try OperatorSurface(
      settings,
      of: GuardedPipeline(
        board: board, controls: controls, store: store,
        beginning: .joining(at: ProcessClock.wall(), as: process),
        maximumSlippage: configuration.exchange.maximumSlippage),
      OperatorSurface.Scope(hasGate: true, keepsAnswers: true), plan: plan, listen: listen,
      telemetry: telemetry, components: { [delivery.component(isWanted: !board.hasEnded(.ws))] })
    let client = HTTPClient()
    let ws = addresses[.ws]?.first ?? ListenAddress(port: StageName.ws.standardPort)
    let forwarder = ControlForwarder(
      controls: controls,
      client: ServiceClient(
        address: ws, token: AccessToken.source(settings), client: client,
        patience: ControlForwarder.patience),
      delivery: delivery, farewell: Beginning.closing(as: process), logger: telemetry.logger)
    let collector = PartCollector(addresses: addresses, board: board)
    return Parts(
      telemetry: telemetry, surface: surface, board: board,
      services: [surface.endpoint, surface.page, surface.triggers, collector, forwarder] + surface.keepers,
      client: client, store: store, lock: lock)
  }
}
