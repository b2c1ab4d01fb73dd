import CDBDomain
import CDBGate
import CDBPipeline
import DurableQueue
import Foundation
import Logging
import OpenMetrics
import ServiceLifecycle
import ServiceRuntime
import StructuredLogging

/// `cdb run`: the whole pipeline in one process, with its HTTP surface.
public struct RunService: Sendable {
  private let settings: EffectiveConfiguration
  private let isTerminal: Bool
  private let language: Language

  /// - Parameters:
  ///   - isTerminal: whether standard error is a person's.
  ///   - language: of the lines on standard output.
  public init(settings: EffectiveConfiguration, isTerminal: Bool, language: Language = .en) {
    self.settings = settings
    self.isTerminal = isTerminal
    self.language = language
  }

  /// Runs until a signal, the configured duration, or the feed's end; returns the process's exit code.
  public func run() async throws -> Int32 {
    for warning in try PipelineSettings.check(settings) { PersonalOutput.warn("cdb: \(warning)") }
    guard let listen = ListenAddress(settings.string("http.listen")) else {
      throw InvalidSetting(
        key: "http.listen", value: settings.string("http.listen"),
        expected: "host:port, such as 127.0.0.1:8000")
    }
    let feed = try FeedSelection(settings)
    let plan = try BlockPlan(settings)
    // A start that must fail leaves nothing behind: neither a directory nor a connection.
    try await listen.requireFree()
    let configuration = try feed.configuration(settings)
    try AccessToken.prepare(settings)
    let telemetry = try Telemetry(
      service: "cdb", settings: settings,
      logDirectory: settings.optionalString("log.directory") ?? settings.string("data_dir") + "/logs",
      toStandardError: settings.logsToStandardError(isTerminal: isTerminal))
    defer { telemetry.writer.shutdown() }
    var options = try PipelineOptions(settings, configuration: configuration, telemetry: telemetry)
    options.feedName = feed.name
    options.journalsConfiguration = feed.journalsConfiguration
    options.process = UUID().uuidString
    let pipeline: Pipeline<BookMatching>
    do {
      pipeline = try await Pipeline(options: options, matching: BookMatching())
    } catch DurableQueueError.locked(_, let holder) {
      throw DataDirectoryInUse(options.dataDirectory, process: holder)
    }
    let open = try await feed.open(
      configuration, lastSource: try pipeline.journal.lastSource(), logger: telemetry.logger,
      unsynchronised: { [board = pipeline.board] in board.unsynchronisedSymbols })
    try SuiteMetrics.registerBuildInfo(
      in: telemetry.registry, settings: settings, configuration: configuration)

    let board = pipeline.board
    let scope = OperatorSurface.Scope(
      hasGate: configuration.gate.enforced && feed.journalsConfiguration,
      keepsAnswers: feed.isGuarded && feed.journalsConfiguration)
    let surface = try OperatorSurface(
      settings,
      of: GuardedPipeline(
        pipeline, configuration, keepsAnswers: scope.keepsAnswers, as: options.process), scope, plan: plan,
      listen: listen, telemetry: telemetry)
    let narrator = Narrator(
      board: board, gate: surface.gateBoard, feed: feed.name, profile: configuration.profile,
      dataDirectory: options.dataDirectory,
      logFile: telemetry.logFile, recovery: pipeline.notices, language: language,
      address: { [endpoint = surface.endpoint] in try? await endpoint.address })
    let work = PipelineService(
      pipeline: pipeline, source: open.source, duration: settings.duration("run.duration"), feed: feed,
      logger: telemetry.logger)
    // Drained last first: what is accepted is worked off before the feed ends.
    let services: [any Service] =
      [surface.endpoint, narrator, surface.page, surface.triggers] + open.services + surface.keepers + [work]
    let runner = ServiceRunner(services: services, drainDeadline: Drain.deadline, logger: telemetry.logger)
    let exit = await runner.run()
    telemetry.warn(of: open)
    await telemetry.writer.flush(timeout: .seconds(1))
    if case .failed(let error) = exit { throw error }
    let status = board.status()
    // What was found at the start has been said then.
    let said = Set(pipeline.notices)
    for notice in status.notices.filter({ !said.contains($0) }) + open.notices {
      PersonalOutput.warn("cdb: \(notice)")
    }
    // Frames of a source that failed are missing: the run did not do all that it was asked.
    return exit.code == 0 && status.feed.faults > 0 ? 1 : exit.code
  }
}

/// The pipeline as a service: ends with its source, its time, or the drain.
struct PipelineService<Matching: MatchingModel>: Service {
  let pipeline: Pipeline<Matching>
  let source: any FrameSource
  let duration: Duration
  let feed: FeedSelection
  let logger: Logger

  func run() async throws {
    let controls = pipeline.controls
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await runToTheEnd() }
        if duration > .zero {
          group.addTask {
            try await Task.sleep(for: duration)
            controls.stop()
            // Where the pipeline works, it ends by itself when what it has accepted is worked off.
            try await pipelineEnd()
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    } onGracefulShutdown: {
      controls.stop()
    }
  }

  /// Waits while the pipeline works; ends at once where it has failed.
  private func pipelineEnd() async throws {
    while pipeline.board.pipelineFailure == nil { try await Task.sleep(for: .milliseconds(100)) }
    throw PipelineFailed(reason: pipeline.board.pipelineFailure ?? "")
  }

  /// A stage that cannot go on ends the pipeline, not the service: the operator's questions are answered, and
  /// `/healthz` says 503, until somebody stops it or its time is up. The process then ends with 70.
  private func runToTheEnd() async throws {
    do {
      try await pipeline.run(source)
    } catch is CancellationError {
      return
    } catch {
      logger.critical(
        "the pipeline stopped", metadata: ["event.reason": "pipeline_failed", "error.message": "\(error)"])
      pipeline.board.failed("\(error)")
      // Somebody has ended it already: there is nobody to wait for.
      if error is StoreGaveUp { throw error }
      try? await gracefulShutdown()
      throw PipelineFailed(reason: "\(error)")
    }
  }
}

/// The pipeline could not go on, and somebody has ended the service since.
struct PipelineFailed: Error, CustomStringConvertible {
  var reason: String
  var description: String { "the pipeline had stopped: \(reason)" }
}
