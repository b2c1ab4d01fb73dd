import CDBDomain
import DurableQueue
import Logging

@testable import CDBGate
@testable import CDBPipeline
@testable import CDBServices

/// What a run consists of, on one thread: the workers of the stages, the gate's machine, its checks, and the answers,
/// all of them real. Only the tasks and the waiting are the world's.
final class SimulatedProcess {
  let pipeline: Pipeline<BookMatching>
  let store: SimulatedStore
  let clock: SimulatedClock
  let log: SimulatedLog
  let settings: WorldSettings

  // The stages, and what is between them.
  var intake: IntakeWorker
  var feed: FeedWorker
  var core: CoreWorker
  var risk: RiskWorker
  var execution: ExecutionWorker<BookMatching>
  var sink: SinkWorker
  var ingest: SimulatedEdge<IngestBatch>
  var marketData: SimulatedEdge<[Batch]>
  var signals: SimulatedEdge<[Batch]>
  var feedback: [[Batch]]
  var orders: SimulatedEdge<[Batch]>
  var results: SimulatedEdge<[Batch]>
  var assembly = CheckpointAssembly()
  /// What the sink has taken in and must commit before it goes on.
  var commit: PendingCommit?
  var waiting: [Control]
  var connection: SimulatedConnection
  /// Why the pipeline ended.
  var failure: (any Error)?
  var hasEnded = false
  /// Events of the feed were taken in, in all.
  var frames = 0
  /// Whether events have got lost on the way to a stage.
  var hasLost = false

  // The gate, and the answers.
  var machine: GateStateMachine
  var watch: GateWatch
  var incidents = IncidentRegister()
  var check: RunningCheck?
  var probes: UInt64
  var timeline: AnswerTimeline
  var activity: ZeroActivity
  var unsent: [Answer] = []
  let origin: (wall: EventTime, monotonic: UInt64)
  var hasRemembered: Bool
  var nextSample: Int64
  var nextLook: Int64
  var nextSnapshot: Int64 = 0

  struct PendingCommit {
    var marked: Batch?
    /// When it is tried next, and the pause behind that, nanoseconds.
    var due: Int64
    var pause: Int64 = 100_000_000
    /// Since when it waits for a lock.
    var lockedSince: Int64?
  }

  /// Opens the data directory as every run does, and works off what the journal has beyond the last checkpoint.
  init(
    directory: String, settings: WorldSettings, configuration: PipelineConfiguration, clock: SimulatedClock,
    log: SimulatedLog, condition: @escaping @Sendable () -> SimulatedStore.Condition
  ) async throws {
    var options = PipelineOptions(
      dataDirectory: directory, configuration: configuration, logger: log.logger)
    options.clock = clock.pipeline
    options.barrierInterval = settings.barrierInterval
    options.journal.segmentBytes = 8 << 20
    pipeline = try await Pipeline(options: options, matching: BookMatching())
    guard let real = pipeline.store as? SQLiteStore else { throw WorldError.noStore }
    store = SimulatedStore(real, condition: condition)
    self.clock = clock
    self.log = log
    self.settings = settings
    intake = try pipeline.intakeWorker()
    feed = try pipeline.feedWorker()
    core = try pipeline.coreWorker()
    risk = try pipeline.riskWorker()
    execution = try pipeline.executionWorker()
    sink = try pipeline.sinkWorker()
    ingest = SimulatedEdge(capacity: settings.capacity)
    marketData = SimulatedEdge(capacity: settings.capacity)
    signals = SimulatedEdge(capacity: settings.capacity)
    orders = SimulatedEdge(capacity: settings.capacity)
    results = SimulatedEdge(capacity: settings.capacity)
    feedback = [[execution.firstWord]]
    waiting = pipeline.opening
    connection = SimulatedConnection(
      symbols: configuration.instruments.instruments.map(\.symbol), seed: settings.seed,
      elapsed: clock.elapsed)
    origin = (clock.wall, clock.monotonic)
    machine = GateStateMachine(
      policy: settings.policy, observed: pipeline.board.status().gate?.state ?? .closed, at: clock.wall)
    watch = GateWatch(policy: settings.policy, thresholds: settings.thresholds)
    probes = settings.seed % 1_000_000 + UInt64(clock.elapsed / 1_000_000)
    timeline = AnswerTimeline(after: try AnswerTimeline.Past(pipeline))
    activity = ZeroActivity()
    hasRemembered = pipeline.journal.lastSequence == 0
    nextSample = clock.elapsed
    nextLook = clock.elapsed
    pipeline.board.updateFeed { $0.isLive = true }
    try await replay()
  }

  private func replay() async throws {
    let last = pipeline.journal.lastSequence
    guard let reader = try intake.unread(to: last) else { return }
    while intake.sequence < last {
      var batch = try intake.again(reader)
      if batch.isEmpty { break }
      try pass(&batch, atEnd: false)
      try await runStages(faults: WorldFaults())
    }
  }

  var board: PipelineBoard { pipeline.board }

  /// One step: what came in is journaled, the stages work, and whoever looks, looks.
  func step(_ faults: WorldFaults, exchange: SimulatedExchange) async throws {
    connection.step(
      elapsed: clock.elapsed, wall: clock.wall, isReachable: !exchange.faults.isCut)
    if failure == nil {
      do {
        try takeIn(exchange)
        try await runStages(faults: faults)
      } catch let error as StageStopped {
        stop(error)
      }
      if failure == nil, clock.elapsed >= nextSample {
        nextSample = clock.elapsed + SimulatedClock.second
        sample()
      }
    }
    try await beat(faults)
    if clock.elapsed >= nextLook {
      nextLook = clock.elapsed + settings.look
      look()
    }
  }

  /// The pipeline ends in order: what was accepted is worked off, and the last checkpoint says so.
  func end() async throws {
    var last = IngestBatch()
    if intake.sequence > 0, failure == nil {
      try pass(&last, atEnd: true)
      ingest.push(intake.end(), weight: 1)
      try await runStages(faults: WorldFaults())
    }
    try close()
  }

  /// The process is gone, with all that it had not written.
  func die() throws { try close() }

  private func close() throws {
    hasEnded = true
    pipeline.controls.close()
    pipeline.journal.queue.close()
    try store.real.close()
  }

  private func stop(_ error: StageStopped) {
    failure = error
    board.monitor(error.stage).setFailure("\(error.cause)")
    pipeline.options.logger.error("a stage stopped")
    pipeline.controls.close()
    board.failed("\(error.cause)")
  }

  private func sample() {
    let now = clock.monotonic
    let standings: [(StageName, Int, Bool)] = [
      (.ws, ingest.weight, marketData.isFull), (.core, marketData.weight, signals.isFull),
      (.risk, signals.weight, orders.isFull), (.execution, orders.weight, results.isFull),
      (.dbWriter, results.weight, false),
    ]
    for (stage, backlog, isHeldUp) in standings {
      board.monitor(stage).sampleHealth(now: now, backlog: backlog, isHeldUp: isHeldUp)
    }
  }
}

/// A stage could not go on.
struct StageStopped: Error {
  var stage: StageName
  var cause: any Error
}

enum WorldError: Error { case noStore, notOpen(String) }
