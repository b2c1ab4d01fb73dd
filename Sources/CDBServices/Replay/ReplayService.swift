import CDBDomain
import CDBPipeline
import Foundation
import Logging
import ServiceLifecycle
import ServiceRuntime
import StructuredLogging
import UnixSignals

/// `cdb replay`: a recording or a journal through the same stages, and what came of it.
public struct ReplayService: Sendable {
  /// How a replay ended.
  public enum Outcome: Sendable {
    case completed(ReplayReport)
    /// A signal came; the data directory goes on from here.
    case interrupted(ReplayReport)

    public var report: ReplayReport {
      switch self {
      case .completed(let report), .interrupted(let report): report
      }
    }
  }

  private let settings: EffectiveConfiguration
  private let instrumentation: Instrumentation
  private let progress: @Sendable (UInt64, Duration) -> Void

  /// - Parameter progress: called twice a second with the frames accepted and the time taken so far.
  public init(
    settings: EffectiveConfiguration, instrumentation: Instrumentation = .all,
    progress: @escaping @Sendable (UInt64, Duration) -> Void = { _, _ in }
  ) {
    self.settings = settings
    self.instrumentation = instrumentation
    self.progress = progress
  }

  /// Replays into the data directory of the settings, going on where an earlier run ended; into a folder that
  /// is removed afterwards where `keeping` is false.
  public func run(keeping: Bool) async throws -> Outcome {
    let feed = try FeedSelection(settings)
    guard feed.isRecorded else {
      throw InvalidSetting(key: "feed.source", value: feed.name, expected: "replay:PATH,PATH…")
    }
    var directory = settings.string("data_dir")
    if !keeping {
      // A name of its own: what a replay that was killed left behind must not be gone on with.
      directory = FileManager.default.temporaryDirectory.appending(path: "cdb-replay-\(UUID().uuidString)")
        .path()
    }
    defer { if !keeping { try? FileManager.default.removeItem(atPath: directory) } }
    let telemetry = try Telemetry(
      service: "cdb-replay", settings: settings,
      logDirectory: settings.optionalString("log.directory") ?? directory + "/logs",
      toStandardError: settings.string("log.stderr") == "always")
    defer { telemetry.writer.shutdown() }

    let configuration = try feed.configuration(settings)
    var options = try PipelineOptions(settings, configuration: configuration, telemetry: telemetry)
    options.dataDirectory = directory
    // A replay never touches the store that a run writes: its own is a file in its directory.
    options.store = nil
    options.feedName = feed.name
    options.instrumentation = instrumentation
    options.journalsConfiguration = feed.journalsConfiguration
    let pipeline = try await Pipeline(options: options, matching: BookMatching())
    let before = pipeline.journal.lastSequence
    let open = try await feed.open(
      configuration, lastSource: nil, logger: telemetry.logger, unsynchronised: { [] })
    let clock = ContinuousClock()
    let start = clock.now
    let interrupted = try await runPipeline(pipeline, open.source, since: start)
    let elapsed = (clock.now - start) / .seconds(1)
    let status = pipeline.board.status()
    let report = ReplayReport(
      status: status, totals: try await pipeline.store.totals(), digest: try await pipeline.store.digest(),
      seconds: elapsed, newFrames: pipeline.journal.lastSequence - before, feed: open)
    telemetry.warn(of: open)
    return interrupted ? .interrupted(report) : .completed(report)
  }

  private func runPipeline(
    _ pipeline: Pipeline<BookMatching>, _ source: any FrameSource, since start: ContinuousClock.Instant
  ) async throws -> Bool {
    let controls = pipeline.controls
    return try await withThrowingTaskGroup(of: Bool?.self) { group in
      group.addTask {
        try await pipeline.run(source)
        return nil
      }
      group.addTask {
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
          controls.stop()
          return true
        }
        return false
      }
      group.addTask {
        while !Task.isCancelled {
          try? await Task.sleep(for: .milliseconds(500))
          progress(pipeline.board.status().feed.frames, ContinuousClock.now - start)
        }
        return false
      }
      var interrupted = false
      while let result = try await group.next() {
        guard let signalled = result else { break }
        interrupted = interrupted || signalled
      }
      group.cancelAll()
      return interrupted
    }
  }
}
