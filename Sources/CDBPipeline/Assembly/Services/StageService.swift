import CDBDomain
import DurableQueue
import Foundation
import Logging
import OpenMetrics
import RedisTransport
import Synchronization

/// One stage in a process of its own: its edges are streams on a bus, its snapshots its own.
///
/// It ends where it cannot go on, with what it was; started again it goes on from its newest snapshot that the bus still
/// fits to.
public final class StageService<Matching: MatchingModel>: Sendable {
  public let stage: StageName
  public let board: PipelineBoard
  public let controls = IntakeControls()
  /// Of ws; nil for the others.
  public let journal: Journal?
  /// Of db_writer; nil for the others.
  public let store: (any PipelineStore)?
  /// What was found when the data directory was opened, in words.
  public let notices: [String]
  public let instance: String

  let options: PipelineOptions
  let bus: BusOptions
  let matching: Matching
  let snapshots: StageSnapshots
  let barriers: BarrierLog?
  let edges = ServiceEdges()
  let cuts = CutRecord()
  let step: @Sendable (ServiceStep) -> Void
  let fingerprint: String
  /// The journal that this stage's events follow from.
  let origin: any JournalIdentity
  /// The partitions of the edges that are partitioned by instrument, as far as this process takes them.
  let partitions: [UInt16]
  private let busFailure = Mutex<String?>(nil)
  private let standsBy = Mutex<String?>(nil)
  private let holds = Mutex(false)
  private let ended = Mutex(false)

  /// Opens the data directory.
  ///
  /// - Parameters:
  ///   - share: of core, the partitions that this process takes; nil for all.
  ///   - instance: tells this process from all others that there ever are, such as a UUID.
  ///   - step: is told of each ``ServiceStep`` as it is come to, by the task that does it.
  /// - Throws: ``ServiceError``, ``PipelineError``, `DurableQueueError`, and what a store throws that cannot be opened.
  public init(
    _ stage: StageName, options: PipelineOptions, bus: BusOptions, matching: Matching,
    share: PartitionShare? = nil, instance: String,
    step: @escaping @Sendable (ServiceStep) -> Void = { _ in }
  ) async throws {
    self.stage = stage
    self.options = options
    self.bus = bus
    self.matching = matching
    self.instance = instance
    self.step = step
    let all = (0..<options.configuration.instruments.instruments.count).map { UInt16(clamping: $0) }
    partitions = share?.partitions ?? all
    guard share == nil || stage == .core, partitions.allSatisfy(all.contains) else {
      throw ServiceError.noSuchPartitions("\(partitions)", of: all.count)
    }
    let directory = options.dataDirectory
    try DataFolder.make(directory)
    // A share of everything is none.
    let share = partitions == all ? nil : share
    let folder = StageSnapshots.folder(of: stage, share)
    for name in ["journal", "barriers", folder] { try DataFolder.check(directory + "/" + name) }
    snapshots = StageSnapshots(
      store: try CheckpointStore(directory: directory + "/" + folder), stage: stage, share: share)
    fingerprint = try options.configuration.fingerprint()
    board = PipelineBoard(thresholds: options.health, startedAt: options.clock.wall())
    board.configured(options.configuration, fingerprint: fingerprint)
    if stage == .ws {
      let journal = try snapshots.store.openJournal(in: directory + "/journal", options: options.journal)
      self.journal = journal
      origin = journal
      barriers = try BarrierLog(directory: directory + "/barriers")
      var found = journal.queue.openReport.faultLines
      board.damaged(DamageRecord(directory: directory).damage(of: journal) { found.append($0) })
      notices = found
    } else {
      journal = nil
      origin = DistantJournal()
      barriers = nil
      notices = []
    }
    if stage == .dbWriter {
      guard let location = options.store else { throw ServiceError.noStore }
      store = try await location.open()
    } else {
      store = nil
    }
    for notice in notices {
      options.logger.warning("\(notice)", metadata: ["event.reason": "recovery"])
      board.notice(notice)
    }
    if let registry = options.registry, options.instrumentation.contains(.metrics) {
      try registry.register(
        PipelineCollector(board: board, journal: journal, feed: options.feedName, stages: [stage]))
    }
  }

  /// What this process knows of the pipeline, at an instant of the wall clock.
  public func part() -> ServicePart {
    ServicePart(
      stage: stage, instance: instance, at: options.clock.wall(), status: board.status(), cuts: cuts.newest,
      busFailure: busFailure.withLock { $0 }, standsBy: standsBy.withLock { $0 },
      partitions: stage == .core ? partitions : nil, holds: holds.withLock { $0 },
      ended: hasEnded ? true : nil,
      settings: options.sharedSettings)
  }

  /// Whether what it takes in has come to its end, and everything is worked off: nobody told it to end.
  public var hasEnded: Bool { ended.withLock { $0 } }

  /// Its partitions are its own, or are no more.
  func hold(_ now: Bool) { holds.withLock { $0 = now } }

  /// Runs until the input's end has passed, ``IntakeControls/stop()`` is called, the task is cancelled, or the stage
  /// cannot go on.
  ///
  /// Where nothing was taken on yet, because it stands by or there is no bus, it ends at once when it is told to.
  ///
  /// - Parameter source: of ws; nil for the others.
  /// - Throws: ``EdgeLoss``, ``PartitionOwned``, ``SequenceGap``, ``ServiceError``, and what a disk or a store refuses
  ///   for good.
  public func run(_ source: (any FrameSource)? = nil) async throws {
    guard (source != nil) == (stage == .ws) else { throw ServiceError.noSource }
    try await withTaskCancellationHandler {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          while !Task.isCancelled {
            await self.sample()
            try? await Task.sleep(for: .milliseconds(250))
          }
          return false
        }
        group.addTask {
          try await self.work(source)
          if !self.controls.isStopping { self.ended.withLock { $0 = true } }
          return true
        }
        group.addTask { try await self.leave() }
        defer {
          group.cancelAll()
          edges.close()
        }
        while let isDone = try await group.next() { if isDone { return } }
      }
    } onCancel: {
      edges.close()
    }
    await sample()
  }

  /// How long the bus may be away at the end: the drain of the process has a deadline.
  private static var patienceAtTheEnd: Duration { .seconds(2) }

  /// Ends the waiting for what may never come, once the stage is told to end: true where it holds nothing that would have to be
  /// worked off.
  ///
  /// - Throws: ``ServiceError/busAway(_:)`` where it is the bus that does not come.
  private func leave() async throws -> Bool {
    await controls.stopped()
    guard !Task.isCancelled else { return false }
    guard edges.areOpen else {
      if let trouble = await edges.busTrouble { throw ServiceError.busAway(trouble) }
      return true
    }
    while await edges.untilBusTrouble() != nil {
      if let trouble = await edges.busTrouble(after: Self.patienceAtTheEnd) {
        throw ServiceError.busAway(trouble)
      }
    }
    return false
  }

  private func work(_ source: (any FrameSource)?) async throws {
    do {
      switch stage {
      case .ws: try await runFeed(source)
      case .core: try await runCore()
      case .risk: try await runRisk()
      case .execution: try await runExecution()
      case .dbWriter: try await runSink()
      }
    } catch let error where !(error is CancellationError) {
      // What ends because it is told to leave has not failed.
      try Task.checkCancellation()
      let error = explained(error)
      board.monitor(stage).setFailure("\(error)")
      options.logger.error(
        "a stage stopped",
        metadata: [
          "cdb.stage": "\(stage.rawValue)", "event.reason": "stage_failed", "error.message": "\(error)",
        ])
      throw error
    }
  }

  private func sample() async {
    let now = options.clock.monotonic()
    let held = board.heldByJournal(at: now)
    let backlog =
      stage == .ws ? edges.intake.backlog + (held?.records ?? 0) : edges.input.backlog
    board.monitor(stage).sampleHealth(
      now: now, backlog: backlog, waitingSince: held?.since, isHeldUp: edges.output.isFull)
    let owner = await edges.awaitedOwner
    noteOwner(owner)
    let trouble = await edges.trouble
    let isNews = busFailure.withLock { failure in
      defer { failure = trouble }
      return (failure == nil) != (trouble == nil)
    }
    guard isNews else { return }
    if let trouble {
      options.logger.warning(
        "the bus holds the stage up", metadata: ["event.reason": "bus_failed", "error.message": "\(trouble)"])
    } else {
      options.logger.notice("the bus is there", metadata: ["event.action": "bus"])
    }
  }

  /// Says once that another instance does the work, and once that it is this one's.
  private func noteOwner(_ owner: String?) {
    let isNews = standsBy.withLock { known in
      defer { known = owner }
      return (known == nil) != (owner == nil)
    }
    guard isNews else { return }
    if let owner {
      options.logger.notice(
        "stands by", metadata: ["event.action": "stand_by", "error.message": "\(owner)"])
    } else {
      options.logger.notice("stands by no longer", metadata: ["event.action": "stand_by"])
    }
  }
}
