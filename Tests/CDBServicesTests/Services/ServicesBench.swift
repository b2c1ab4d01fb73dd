import CDBDomain
import CDBGate
import Foundation
import HTTPTransport
import Logging
import ServiceLifecycle
import ServiceRuntime
import Synchronization

@testable import CDBPipeline
@testable import CDBServices

/// A pipeline on a simulated market that shows itself as five processes, and a gate service beside them.
final class ServicesBench: Sendable {
  /// What a part server does with a question.
  enum Manner: Sendable {
    case answers
    /// It takes the question, and keeps it.
    case hangs
    /// Its process is another one since.
    case restarted(String)
    case hasNoBus
  }

  private struct State: Sendable {
    var manners: [StageName: Manner] = [:]
    var barriers: [UInt64] = []
    var refusesControls = false
  }

  let pipeline: Pipeline<BookMatching>
  let directory: String
  let settings: EffectiveConfiguration
  private let open: OpenFeed
  private let feed: FeedSelection
  private let intake: ControlIntake
  private let state = Mutex(State())
  private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init(in directory: String, settings: EffectiveConfiguration) async throws {
    self.directory = directory
    self.settings = settings
    feed = try FeedSelection(settings)
    let configuration = try feed.configuration(settings)
    var options = PipelineOptions(
      dataDirectory: directory, configuration: configuration, logger: Self.logger)
    options.barrierInterval = 1_000_000_000
    let pipeline = try await Pipeline(options: options, matching: BookMatching())
    self.pipeline = pipeline
    open = try await feed.open(
      configuration, lastSource: nil, logger: Self.logger,
      unsynchronised: { pipeline.board.unsynchronisedSymbols })
    intake = ControlIntake(pipeline.controls)
  }

  func make(_ stage: StageName, _ manner: Manner) { state.withLock { $0.manners[stage] = manner } }

  /// Whether ws takes nothing, as if it were away.
  func refuseControls(_ refuses: Bool) { state.withLock { $0.refusesControls = refuses } }

  /// What a stage's process says of itself, with a balanced cut of each barrier that was seen.
  private func part(_ stage: StageName) async throws -> ServicePart {
    while case .hangs = state.withLock({ $0.manners[stage] }) {
      try await Task.sleep(for: .milliseconds(20))
    }
    let manner = state.withLock { $0.manners[stage] } ?? .answers
    let status = pipeline.board.status()
    let barriers = state.withLock { state in
      if let barrier = status.flow?.barrier, barrier != state.barriers.last { state.barriers.append(barrier) }
      return state.barriers.suffix(ServicePart.keptCuts)
    }
    var part = ServicePart(
      stage: stage, instance: "1", at: ProcessClock.wall(), status: status,
      cuts: barriers.map {
        StageCut(stage: stage, barrier: $0, ledger: NodeLedger(), inFlight: 0, accepted: [:], emitted: [:])
      }, busFailure: nil)
    switch manner {
    case .restarted(let instance): part.instance = instance
    case .hasNoBus: part.busFailure = "connection refused"
    case .answers, .hangs: break
    }
    return part
  }

  private func server(of stage: StageName) throws -> ServiceEndpoint {
    let part = AnyOperation(
      Operation<NoInput, ServicePart>(name: "part", summary: "What the process says of itself.") { _, _ in
        try await self.part(stage)
      })
    let controls = AnyOperation(
      Operation<ControlInput, ControlReceipt>(name: "controls", summary: "Takes controls.", effect: .change) {
        input, _ in
        guard !self.state.withLock({ $0.refusesControls }) else {
          throw OperationError.unavailable("ws is away")
        }
        return try await self.intake.take(input)
      })
    return ServiceEndpoint(
      configuration: EndpointConfiguration(
        listen: ListenAddress(port: 0), token: AccessToken.source(settings)),
      operations: try OperationCatalogue(stage == .ws ? [part, controls] : [part]),
      logger: Self.logger)
  }

  /// Runs everything while the body does, and ends it in order: the gate service first.
  func run(_ body: (GateAt) async throws -> Void) async throws {
    var servers: [StageName: ServiceEndpoint] = [:]
    for stage in StageName.allCases { servers[stage] = try server(of: stage) }
    let work = PipelineService(
      pipeline: pipeline, source: open.source, duration: .zero, feed: feed, logger: Self.logger)
    let processes = ServiceGroup(
      services: Array(servers.values) + open.services + [work], gracefulShutdownSignals: [],
      logger: Self.logger)
    let running = Task { try await processes.run() }
    do {
      var flags = ["data_dir": directory, "log.stderr": "never", "gate.cooldown": "500ms"]
      for (stage, server) in servers {
        flags[ServicesSettings.key(stage)] = "\(try await server.address)"
      }
      let settings = try CDBConfiguration.load(file: nil, environment: [:], flags: flags)
      let parts = try GateService(settings: settings, isTerminal: true).parts(listen: ListenAddress(port: 0))
      defer { parts.end() }
      let gate = ServiceGroup(
        services: parts.services, gracefulShutdownSignals: [], logger: Self.logger)
      let serving = Task { try await gate.run() }
      do {
        try await body(
          GateAt(address: try await parts.surface.endpoint.address, token: AccessToken.source(settings)))
      } catch {
        serving.cancel()
        throw error
      }
      await gate.triggerGracefulShutdown()
      try await serving.value
    } catch {
      running.cancel()
      throw error
    }
    await processes.triggerGracefulShutdown()
    try await running.value
  }
}

/// A gate service that is asked as anybody would ask it.
struct GateAt: Sendable {
  let address: ListenAddress
  let token: any SecretSource

  var client: ServiceClient { ServiceClient(address: address, token: token) }

  var report: GateReport {
    get async throws {
      try JSONDecoder().decode(GateReport.self, from: Data(try await client.read("gate.status")))
    }
  }

  func get(_ path: String) async throws -> HTTPResponse {
    let client = HTTPClient()
    defer { client.shutdown() }
    return try await client.send(HTTPRequest(url: "http://\(address)\(path)"))
  }

  /// Waits until the gate is in a state.
  func becomes(_ state: GateState, within limit: Duration = .seconds(300)) async throws {
    try await eventually("the gate is \(state.rawValue)", within: limit) {
      try await Task.sleep(for: .milliseconds(50))
      return try await report.state == state
    }
  }
}
