import CDBDomain
import DurableQueue
import Foundation
import Logging
import OpenMetrics

/// The five stages in one process: journal, in-process bus, checkpoints and store.
public final class Pipeline<Matching: MatchingModel>: Sendable {
  public let board: PipelineBoard
  public let controls = IntakeControls()
  public let store: any PipelineStore
  public let journal: Journal
  /// What was found when the data directory was opened, in words.
  public let notices: [String]
  /// Where it goes on; nil where the directory is new.
  public let resumption: Resumption?

  let options: PipelineOptions
  let checkpoints: CheckpointStore
  let start: StartingPoint<Matching>
  let position: SinkPosition
  /// What goes into the input before anything else.
  let opening: [Control]
  private let fingerprint: String
  /// The last record that an earlier run has journaled.
  let earlier: UInt64

  /// Opens the data directory and finds where to go on. It always opens what an earlier run left, however
  /// that ended; what could not be read is in ``notices``.
  public init(options: PipelineOptions, matching: Matching) async throws {
    self.options = options
    let directory = options.dataDirectory
    try DataFolder.make(directory)
    for name in ["journal", "checkpoints"] { try DataFolder.check(directory + "/" + name) }
    checkpoints = try CheckpointStore(directory: directory + "/checkpoints")
    journal = try checkpoints.openJournal(in: directory + "/journal", options: options.journal)
    earlier = journal.lastSequence
    let location = options.store ?? .sqlite(path: directory + "/" + StoreLocation.fileName)
    (store, position) = try await Self.open(location, for: journal, in: directory)
    board = PipelineBoard(thresholds: options.health, startedAt: options.clock.wall())

    var notices = journal.queue.openReport.faultLines
    let wanted = options.configuration
    fingerprint = try wanted.fingerprint()
    let found = StartingPoint.newest(
      in: checkpoints, storePosition: position.sequence, configuration: wanted, matching: matching,
      notice: { notices.append($0) })
    // Only what no checkpoint covers is read from the journal: damage before that costs nothing.
    start = try found ?? StartingPoint.beginning(of: journal, otherwise: wanted, matching: matching)
    let kept = start.instruments
    if kept != wanted.instruments {
      throw PipelineError.otherInstruments(
        kept: kept.instruments.map(\.symbol), asked: wanted.instruments.instruments.map(\.symbol))
    }
    for (needed, by) in [
      (position.origin, "the store"), (start.manifest?.journalSequence ?? 0, "the newest checkpoint"),
    ] where needed > journal.lastSequence {
      throw PipelineError.journalBehind(last: journal.lastSequence, needed: needed, by: by)
    }
    let tail = try journal.configurations(from: (start.manifest?.journalSequence ?? 0) + 1).last
    let inForce = try tail?.fingerprint() ?? start.manifest?.configurationFingerprint
    var opening: [Control] =
      inForce == fingerprint || !options.journalsConfiguration ? [] : [.configure(wanted)]
    // An open gate was opened by checks of a process that is gone.
    if wanted.gate.enforced, options.journalsConfiguration, journal.lastSequence > 0 {
      opening.append(.gate(.restarted(by: options.process)))
    }
    self.opening = opening
    if let kept = start.manifest?.journalIdentity { journal.adopt(identity: kept) }
    // Of a journal that was trimmed and has no checkpoint, nobody knows the identity.
    if start.manifest != nil || journal.queue.statistics.firstSequence == 1, position.journal != 0,
      journal.identity != 0, position.journal != journal.identity
    {
      throw StoreRefusal.otherJournal(place: location.description)
    }
    resumption = Resumption(from: start.manifest, of: checkpoints, in: journal)
    // What was needed has been read by now: what is damaged is none of it.
    board.damaged(DamageRecord(directory: directory).damage(of: journal) { notices.append($0) })
    self.notices = notices
    announce(notices)
    board.configured(wanted, fingerprint: fingerprint)
    board.resumed(resumption, after: start.manifest?.framesAccepted ?? 0)
    if let registry = options.registry, options.instrumentation.contains(.metrics) {
      try registry.register(PipelineCollector(board: board, journal: journal, feed: options.feedName))
    }
  }

  private static func open(
    _ location: StoreLocation, for journal: Journal, in directory: String
  ) async throws -> (any PipelineStore, SinkPosition) {
    do {
      let store = try await location.open()
      let position = try await store.position()
      if case .postgres = location, journal.lastSequence == 0, position.origin > 0 {
        throw StoreRefusal.otherJournal(place: location.description)
      }
      return (store, position)
    } catch {
      guard case .sqlite(let path) = location, !(error is StoreRefusal) else { throw error }
      let name = path.split(separator: "/").last ?? ""
      throw PipelineError.dataDirectory(directory, reason: "\(name): \(error)")
    }
  }

  /// Says where it goes on, and what was found on the way.
  private func announce(_ notices: [String]) {
    if let resumption {
      let wall = options.clock.wall()
      var metadata: Logger.Metadata = [
        "event.action": "resume_run", "event.reason": "\(resumption.previousEnd.rawValue)",
        "cdb.events": .stringConvertible(resumption.recordsAgain), "sequence": "\(resumption.sequence)",
      ]
      if let barrier = resumption.barrier, barrier > 0 {
        metadata["cdb.barrier"] = .stringConvertible(barrier)
      }
      if let made = resumption.checkpointedAt {
        metadata["checkpoint_age_seconds"] = "\(max(0, wall.nanoseconds &- made.nanoseconds) / 1_000_000_000)"
      }
      options.logger.log(
        level: resumption.previousEnd == .planned ? .info : .notice,
        "it goes on \(resumption.text(at: wall, in: .en))", metadata: metadata)
    }
    for notice in notices {
      options.logger.warning("\(notice)", metadata: ["event.reason": "recovery"])
      board.notice(notice)
    }
  }

  /// Runs until the source ends, ``IntakeControls/stop()`` is called, the task is cancelled, or a stage
  /// cannot go on.
  public func run(_ source: any FrameSource) async throws {
    let edges = Edges()
    try await withTaskCancellationHandler {
      async let checkpointing: Void = checkpointLoop(edges).run()
      async let _: Void = watch(edges)
      do {
        try await stages(source, edges)
      } catch {
        edges.close()
        await checkpointing
        throw error
      }
      edges.checkpoints.close()
      await checkpointing
      sample(edges)
    } onCancel: {
      edges.close()
    }
  }

  /// The mailboxes between the stages: a bounded number of events each.
  private struct Edges: Sendable {
    let intake = Mailbox<IngestBatch>(capacity: 4_096)
    let marketData = Mailbox<[Batch]>(capacity: 4_096)
    let signals = Mailbox<[Batch]>(capacity: 4_096)
    let orders = Mailbox<[Batch]>(capacity: 4_096)
    let orderResults = Mailbox<[Batch]>(capacity: 4_096)
    let checkpoints = Mailbox<CheckpointMessage>(capacity: 64)

    func close() {
      intake.close()
      marketData.close()
      signals.close()
      orders.close()
      orderResults.close()
      checkpoints.close()
    }
  }

  private func stages(_ source: any FrameSource, _ edges: Edges) async throws {
    let tasks: [(StageName, @Sendable () async throws -> Void)] = [
      (.ws, { try await self.intake(edges, source) }), (.ws, { try await self.ws(edges) }),
      (.core, { try await self.core(edges) }), (.risk, { try await self.risk(edges) }),
      (.execution, { try await self.execution(edges) }), (.dbWriter, { try await self.dbWriter(edges) }),
    ]
    try await together(
      tasks.map { stage, body in { try await self.naming(stage, body) } }, closing: edges.close)
  }

  /// Runs a stage's task; where it fails, says whose it was.
  private func naming(_ stage: StageName, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch {
      if !(error is MailboxClosed), !(error is CancellationError) {
        board.monitor(stage).setFailure("\(error)")
        options.logger.error(
          "a stage stopped",
          metadata: [
            "cdb.stage": "\(stage.rawValue)", "event.reason": "stage_failed", "error.message": "\(error)",
          ])
      }
      throw error
    }
  }

  private func intake(_ edges: Edges, _ source: any FrameSource) async throws {
    try await Intake(
      journal: journal, output: edges.intake, checkpoints: edges.checkpoints, controls: controls,
      board: board, logger: options.logger, clock: options.clock, batchRecords: options.batchRecords,
      opening: opening
    ).run(source, intakeWorker())
  }

  private func ws(_ edges: Edges) async throws {
    try await FeedLoop(
      input: edges.intake, output: edges.marketData, checkpoints: edges.checkpoints
    ).run(feedWorker())
  }

  private func core(_ edges: Edges) async throws {
    try await PartitionedLoop(
      input: edges.marketData, output: edges.signals, checkpoints: edges.checkpoints
    ).run(coreWorker())
  }

  private func risk(_ edges: Edges) async throws {
    try await RiskLoop(
      input: edges.signals, output: edges.orders, checkpoints: edges.checkpoints
    ).run(riskWorker())
  }

  private func execution(_ edges: Edges) async throws {
    try await ExecutionLoop<Matching>(
      input: edges.orders, output: edges.orderResults, feedback: edges.signals,
      checkpoints: edges.checkpoints
    ).run(executionWorker())
  }

  private func dbWriter(_ edges: Edges) async throws {
    try await SinkLoop(
      input: edges.orderResults, store: store, journal: journal,
      force: { [journal] in try journal.synchronize(through: journal.lastSequence) },
      checkpoints: edges.checkpoints, controls: controls, board: board, logger: options.logger,
      configuration: options.configuration,
      commitInterval: options.commitInterval, earlier: earlier, times: options.clock
    ).run(sinkWorker())
  }

  private func checkpointLoop(_ edges: Edges) -> CheckpointLoop {
    CheckpointLoop(
      mailbox: edges.checkpoints, store: checkpoints, journal: journal, board: board,
      logger: options.logger, journalRetention: options.journalRetention)
  }

  /// Judges every stage's health once a second.
  private func watch(_ edges: Edges) async {
    while !Task.isCancelled {
      sample(edges)
      try? await Task.sleep(for: .seconds(1))
    }
  }

  private func sample(_ edges: Edges) {
    let now = options.clock.monotonic()
    // What a disk does not take has come, and waits for ws.
    let held = board.heldByJournal(at: now)
    let standings: [(StageName, Int, isHeldUp: Bool)] = [
      (.ws, edges.intake.backlog + (held?.records ?? 0), edges.marketData.isFull),
      (.core, edges.marketData.backlog, edges.signals.isFull),
      (.risk, edges.signals.backlog, edges.orders.isFull),
      (.execution, edges.orders.backlog, edges.orderResults.isFull),
      (.dbWriter, edges.orderResults.backlog, false),
    ]
    for (stage, backlog, isHeldUp) in standings {
      board.monitor(stage).sampleHealth(
        now: now, backlog: backlog, waitingSince: stage == .ws ? held?.since : nil, isHeldUp: isHeldUp)
    }
  }
}
