import CDBDomain
import CDBGate
import CDBPipeline
import DurableQueue
import Foundation
import OpenMetrics
import ServiceLifecycle
import ServiceRuntime
import StructuredLogging

/// `cdb ws`, `core`, `risk`, `execution`, `db-writer`: one stage of the pipeline, with its HTTP surface.
public struct StageProcess: Sendable {
  private let stage: StageName
  private let settings: EffectiveConfiguration
  private let isTerminal: Bool

  /// How long a process that has come to the end of what it takes in can still be asked: by the gate service, which asks four
  /// times a second.
  static let lastWords = Duration.seconds(1)

  /// - Parameter isTerminal: whether standard error is a person's.
  public init(_ stage: StageName, settings: EffectiveConfiguration, isTerminal: Bool) {
    self.stage = stage
    self.settings = settings
    self.isTerminal = isTerminal
  }

  /// Runs until a signal, the configured duration, or the end of what it takes in; returns the process's exit code.
  ///
  /// - Parameter step: is told of each step of the stage's cycle.
  public func run(step: @escaping @Sendable (ServiceStep) -> Void = { _ in }) async throws -> Int32 {
    for warning in try PipelineSettings.check(settings) { PersonalOutput.warn("cdb: \(warning)") }
    // A file beside the process would be another store than the one that the gate reads, and begin with nothing.
    if stage == .dbWriter, settings.secretSource("store.url") == nil { throw MissingStore() }
    let listen = try ListenAddress(settings, standardPort: stage.standardPort)
    let feed = try FeedSelection(settings)
    let bus = try BusOptions(settings)
    try await listen.requireFree()
    let configuration = try feed.configuration(settings)
    let share =
      stage == .core ? try CoreSettings.share(settings, of: configuration.instruments.ids.count) : nil
    try AccessToken.prepare(settings)
    let telemetry = try Telemetry(
      service: stage.serviceName, settings: settings,
      logDirectory: settings.optionalString("log.directory") ?? settings.string("data_dir") + "/logs",
      toStandardError: settings.logsToStandardError(isTerminal: isTerminal))
    defer { telemetry.writer.shutdown() }
    var options = try PipelineOptions(settings, configuration: configuration, telemetry: telemetry)
    options.feedName = feed.name
    options.journalsConfiguration = feed.journalsConfiguration
    options.sharedSettings = settings.sharedSettings
    let service: StageService<BookMatching>
    do {
      service = try await StageService(
        stage, options: options, bus: bus, matching: BookMatching(), share: share,
        instance: UUID().uuidString, step: step)
    } catch DurableQueueError.locked(_, let holder) {
      throw DataDirectoryInUse(options.dataDirectory, process: holder)
    }
    var open: OpenFeed?
    if let journal = service.journal {
      open = try await feed.open(
        configuration, lastSource: try journal.lastSource(), logger: telemetry.logger,
        unsynchronised: { [board = service.board] in board.unsynchronisedSymbols })
    }
    try SuiteMetrics.registerBuildInfo(
      in: telemetry.registry, settings: settings, configuration: configuration)
    let controls =
      service.journal == nil
      ? nil : ControlIntake(service.controls, isGuarded: configuration.gate.enforced)
    let scrapes = ScrapeHandler(registry: telemetry.registry)
    let requests = try telemetry.registry.histogram(SuiteMetrics.httpRequests)
    let endpoint = ServiceEndpoint(
      configuration: EndpointConfiguration(
        listen: listen, allowedHosts: settings.list("http.allowed_hosts"),
        token: AccessToken.source(settings)),
      operations: try OperationCatalogue(
        operations(of: service) + (controls.map { [$0.operation] } ?? [])),
      metrics: { EndpointResponse(await scrapes.answer(ScrapeRequest($0))) },
      health: { HealthReport(service.part(), gateSilence: await controls?.silence()) },
      readiness: { HealthReport(readinessOf: service.part()) },
      observer: { request in
        try? requests.labels(request.template, request.method, "\(request.status)").observe(request.seconds)
      },
      logger: telemetry.logger)
    let work = StageWork(
      service: service, source: open?.source, duration: settings.duration("run.duration"))
    // Drained last first: the input ends before what feeds it.
    let narrator = StageNarrator(stage: stage, part: { service.part() })
    let services: [any Service] =
      [endpoint, narrator] + (open?.services ?? []) + (controls.map { [$0] } ?? []) + [work]
    let runner = ServiceRunner(
      services: services, drainDeadline: Drain.deadline, logger: telemetry.logger)
    let exit = await runner.run()
    if let open { telemetry.warn(of: open) }
    await telemetry.writer.flush(timeout: .seconds(1))
    if case .failed(let error) = exit { throw error }
    let faults = service.board.status().feed.faults
    return exit.code == 0 && faults > 0 ? 1 : exit.code
  }

  private func operations(of service: StageService<BookMatching>) -> [AnyOperation] {
    [
      AnyOperation(
        Operation<NoInput, ServicePart>(
          name: "part", summary: "What this process knows of the pipeline, and the newest cuts of its stage."
        ) { _, _ in service.part() }),
      AnyOperation(
        Operation<NoInput, PipelineStatus>(
          name: "status", summary: "This process's stage, as figures."
        ) { _, _ in service.board.status() }),
      AnyOperation(
        Operation<NoInput, ConfigurationListing>(
          name: "config",
          summary: "The effective configuration, with the origin of each value; secrets redacted."
        ) { _, _ in ConfigurationListing(settings) }),
    ]
  }
}

/// The stage as a service: ends with its input, its time, or the drain.
private struct StageWork: Service {
  let service: StageService<BookMatching>
  let source: (any FrameSource)?
  let duration: Duration

  func run() async throws {
    let controls = service.controls
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          do { try await service.run(source) } catch is CancellationError {}
          // A process that is gone cannot say that it ended as it should.
          if service.hasEnded {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: StageProcess.lastWords) }
          }
        }
        if duration > .zero {
          group.addTask {
            try await Task.sleep(for: duration)
            controls.stop()
            try await Task.sleep(for: .seconds(3_600))
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    } onGracefulShutdown: {
      controls.stop()
    }
  }
}

extension StageName {
  /// The service's name in logs, and its command.
  public var commandName: String { self == .dbWriter ? "db-writer" : rawValue }
  var serviceName: String { "cdb-" + commandName }

  /// Where the service listens unless it is told otherwise.
  public var standardPort: Int {
    switch self {
    case .ws: 8_000
    case .core: 8_001
    case .risk: 8_002
    case .execution: 8_003
    case .dbWriter: 8_010
    }
  }
}

extension ListenAddress {
  /// Where `http.listen` says; on loopback at a service's own port where nothing is said.
  init(_ settings: EffectiveConfiguration, standardPort: Int) throws {
    let entry = settings.entries.first { $0.key == "http.listen" }
    let text =
      entry.map { $0.origin == .default } ?? true
      ? "127.0.0.1:\(standardPort)" : settings.string("http.listen")
    guard let address = ListenAddress(text) else {
      throw InvalidSetting(
        key: "http.listen", value: text, expected: "host:port, such as 127.0.0.1:\(standardPort)")
    }
    self = address
  }
}

extension EffectiveConfiguration {
  func logsToStandardError(isTerminal: Bool) -> Bool {
    switch string("log.stderr") {
    case "always": true
    case "never": false
    default: !isTerminal
    }
  }
}

extension HealthReport {
  /// Healthy where the stage does its work and the bus is there. A gate that is silent is told, and makes ws not unhealthy:
  /// it holds, as it should, and to start it anew would bring no gate back.
  ///
  /// - Parameter gateSilence: how long no gate process has said a word; nil where this process hears none.
  init(_ part: ServicePart, gateSilence: Duration? = nil) {
    let stage = part.status.stage(part.stage)
    var components: [Component] = [
      Component(
        name: part.stage.rawValue, healthy: stage?.health.doesItsWork ?? false,
        reason: stage?.failure ?? stage?.health.rawValue)
    ]
    components.append(Component(name: "bus", healthy: part.busFailure == nil, reason: part.busFailure))
    if part.stage == .ws {
      let failure = part.status.feed.failure
      components.append(Component(name: "feed", healthy: failure == nil, reason: failure))
    }
    if let failure = part.status.checkpointFailure {
      components.append(Component(name: "checkpoint", healthy: false, reason: failure))
    }
    if part.stage == .ws, let remark = Remark.journal(part.status.journalDamage) {
      components.append(Component(remark))
    }
    if let gateSilence {
      let isSilent = gateSilence >= Self.shortestSilence
      let seconds = Int64(gateSilence / .seconds(1))
      let isShut = gateSilence >= ControlIntake.longestSilence
      let words = "the gate has been silent for \(seconds) s" + (isShut ? ", and is shut" : "")
      components.append(
        Component(name: "gate", healthy: true, reason: isSilent ? words : nil, age: gateSilence))
    }
    self.init(components: components)
  }

  /// A gate process says something every second or more often.
  private static let shortestSilence = Duration.seconds(5)

  /// Ready once the bus is there and the stage has come to an event.
  init(readinessOf part: ServicePart) {
    let received = part.status.stage(part.stage)?.sinceStart.received ?? 0
    self.init(components: [
      Component(
        name: part.stage.rawValue, healthy: part.busFailure == nil && received > 0,
        reason: part.busFailure ?? (received > 0 ? nil : "no event yet"))
    ])
  }
}
