import CDBDomain
import CDBGate
import CDBPipeline
import Logging
import ServiceLifecycle
import ServiceRuntime

/// The blocks of a running pipeline: tells the machine what time it is, keeps what comes of it, and has reports made.
/// The logic is ``CDBGate/BlockStateMachine``'s.
actor BlockKeeper: Service {
  /// What a keeper needs of its surroundings.
  struct Surroundings: Sendable {
    /// The wall clock.
    var now: @Sendable () -> EventTime
    /// What the process says of itself now.
    var figures: @Sendable () -> BlockFigures
    /// Nil while the gate has not been looked at.
    var gate: @Sendable () -> GateReport?
    /// All that are not forgotten, as they are now.
    var incidents: @Sendable () -> [Incident]
    /// Puts a control into the pipeline's input; nil where that takes nothing any more.
    var submit: @Sendable (Control) -> UInt64?
    /// Whether the journal has taken the control of that number, within a moment.
    var journaled: @Sendable (UInt64) async -> Bool
  }

  static let interval = Duration.milliseconds(500)
  /// From a report that could not be made to the next attempt, nanoseconds.
  private static let retryAfter: Int64 = 30_000_000_000
  /// The most events of blocks that a start looks at: all of the newest block are among them.
  private static let mostEvents = 1_000

  private var machine = BlockStateMachine()
  private let plan: BlockPlan
  private let surroundings: Surroundings
  private let store: any StoreView
  private let archive: BlockArchive
  private let maximumSlippage: Ratio
  private let board: BlockBoard
  private let beginning: Beginning
  /// How long a report waits until the store has the end of the block.
  private let patience: Duration
  private let logger: Logger
  private var isReady = false
  private var isReporting = false
  private var nextAttempt = EventTime.distantPast

  init(
    plan: BlockPlan, surroundings: Surroundings, store: any StoreView, dataDirectory: String,
    maximumSlippage: Ratio, board: BlockBoard, beginning: Beginning,
    patience: Duration = .seconds(5), logger: Logger
  ) {
    self.patience = patience
    self.plan = plan
    self.surroundings = surroundings
    self.store = store
    archive = BlockArchive(dataDirectory: dataDirectory)
    self.maximumSlippage = maximumSlippage
    self.board = board
    self.beginning = beginning
    self.logger = logger
  }

  func run() async throws {
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      await beat()
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
    }
  }

  /// One look: what time brings is kept, and a block that has ended gets its report.
  func beat() async {
    if !isReady { await remember() }
    guard isReady else { return }
    if machine.state == .running { _ = try? handle(.tick) }
    let now = surroundings.now()
    if machine.state == .finished, now >= nextAttempt, !isReporting {
      nextAttempt = now.advanced(by: Self.retryAfter)
      do {
        _ = try await report(actor: GateChange.policy, lessons: nil)
      } catch {
        logger.warning(
          "the report of the block could not be made", metadata: ["error.message": "\(error)"])
      }
    }
    board.update(status)
  }

  /// Takes over the blocks of before, once the store has all that was journaled then.
  private func remember() async {
    guard (try? await beginning.isStored(in: store)) == true,
      let past = try? await store.controls(["block"], limit: Self.mostEvents)
    else { return }
    machine.remember(past.reversed().compactMap(\.blockEvent))
    isReady = true
    board.update(status)
  }

  var status: BlockStatus {
    BlockStatus(
      machine, at: surroundings.now(), directory: machine.block.map { archive.directory(of: $0.number) })
  }

  // MARK: What is asked of it

  func start(actor: String) async throws -> BlockAnswer {
    try requireReady()
    guard let gate = surroundings.gate() else {
      throw OperationError.unavailable("the gate has not been looked at yet: try again")
    }
    return try await answer(to: .start(actor: actor, plan, gate: gate, incidents: surroundings.incidents()))
  }

  func finish(actor: String, reason: String) async throws -> BlockAnswer {
    try requireReady()
    return try await answer(to: .finish(actor: actor, reason: reason))
  }

  private func requireReady() throws {
    guard isReady else {
      throw OperationError.unavailable("the store has not come to where the process before ended: try again")
    }
  }

  private func answer(to input: BlockStateMachine.Input) async throws -> BlockAnswer {
    let command = try handle(input)
    let isJournaled = if let command { await surroundings.journaled(command) } else { true }
    board.update(status)
    return BlockAnswer(status: status, isJournaled: isJournaled)
  }

  /// Carries out an input; what the pipeline's input does not take has not happened.
  ///
  /// - Returns: the number of the last control; nil where there was nothing to keep.
  private func handle(_ input: BlockStateMachine.Input) throws -> UInt64? {
    var next = machine
    let events: [BlockEvent]
    do {
      events = try next.handle(input, figures: surroundings.figures(), at: surroundings.now())
    } catch {
      throw OperationError(error)
    }
    var last: UInt64?
    for event in events {
      guard let number = surroundings.submit(.block(event)) else {
        throw OperationError.conflict("the input takes no commands: it is a journal's, or it is ending")
      }
      last = number
      note(event)
    }
    machine = next
    return last
  }

  private func note(_ event: BlockEvent) {
    var metadata: Logger.Metadata = [
      "event.action": "block_\(event.change.name)", "cdb.block": "\(event.block)",
      "labels.actor": "\(event.actor)",
    ]
    var level = Logger.Level.notice
    switch event.change {
    case .checkpoint(let checkpoint) where checkpoint.late > 0: level = .warning
    case .finished(let end): metadata["labels.reason"] = end.reason.map { "\($0)" }
    case .reported(let seal): metadata["event.outcome"] = seal.judgement == .ok ? "success" : "failure"
    case .started, .checkpoint, .learned: break
    }
    logger.log(level: level, "block \(event.block) \(event.change.name)", metadata: metadata)
  }

  /// Has the report of the newest block made, with what somebody has learned from it where that is given.
  func report(actor: String, lessons: BlockLessons?) async throws -> BlockReportAnswer {
    try requireReady()
    guard !isReporting else { throw OperationError.conflict("a report is being made: try again") }
    isReporting = true
    defer { isReporting = false }
    if let lessons { _ = try handle(.learned(actor: actor, lessons)) }
    guard let block = machine.block else { throw OperationError(BlockRefusal.noBlock) }
    guard block.state != .running else { throw OperationError(BlockRefusal.running(block.number)) }
    let report = try await made(of: block)
    let seal: BlockSeal
    do {
      seal = try archive.write(report)
    } catch {
      throw OperationError.unavailable("the report cannot be written: \(error)")
    }
    let command = try handle(.reported(actor: actor, seal))
    let isJournaled = if let command { await surroundings.journaled(command) } else { true }
    board.update(status)
    return BlockReportAnswer(
      status: status, isJournaled: isJournaled, summary: report.summary(in: .en),
      summaryDe: report.summary(in: .de), decisionLogEntry: report.decisionLogEntry)
  }

  private func made(of block: Block) async throws -> BlockReport {
    let clock = ContinuousClock()
    let deadline = clock.now + patience
    while true {
      do {
        if let span = try await span(of: block.number) {
          let rows = try await store.block(since: span.since, until: span.until)
          return BlockReport(block, rows, try await store.audit(maximumSlippage: maximumSlippage))
        }
      } catch {
        throw OperationError.unavailable("the store cannot be read: \(error)")
      }
      guard clock.now < deadline, !Task.isCancelled else {
        throw OperationError.unavailable("the store has not come to the end of the block yet: try again")
      }
      try await clock.sleep(for: .milliseconds(20))
    }
  }

  /// From the start to the end of a block in event time, once the store has both. Events come to the store in their
  /// order, so it has all between as well.
  private func span(of number: Int) async throws -> (since: EventTime, until: EventTime)? {
    var since: EventTime?
    for record in try await store.controls(["block"], limit: Self.mostEvents).reversed() {
      guard let event = record.blockEvent, event.block == number else { continue }
      switch event.change {
      case .started: since = record.time
      case .finished: return since.map { ($0, record.time) }
      case .checkpoint, .learned, .reported: continue
      }
    }
    return nil
  }
}

extension ControlRecord {
  /// What happened to a block; nil for other controls.
  var blockEvent: BlockEvent? { if case .block(let event) = control { event } else { nil } }
}

extension OperationError {
  init(_ refusal: BlockRefusal) {
    self =
      switch refusal {
      case .reasonMissing, .nothingLearned, .tooMuchWritten: .invalidInput(refusal.description)
      case .noBlock: .notFound(refusal.description)
      case .running, .alreadyEnded, .notReported, .notAnalysed, .incidentOpen, .gateNotOpen, .canaryNotFresh:
        .conflict(refusal.description)
      }
  }
}
