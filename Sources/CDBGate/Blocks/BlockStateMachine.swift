import CDBDomain

/// Decides what happens to blocks. A value: time and the process's figures come with each input, and the events that
/// are to be kept come back.
///
/// - none: there has been no block. A start needs an open gate and a fresh canary.
/// - running: checkpoints are made when they are due; the last thing is the end, by time or by hand.
/// - finished: it has ended, and a report can be made.
/// - reported: there is a report without what was learned.
/// - analysed: a person has written what was learned, and a report has it. Only then may the next block start.
public struct BlockStateMachine: Sendable {
  public enum Input: Sendable, Hashable {
    /// Time has passed.
    case tick
    /// Somebody wants the next block to begin; the gate and the incidents are as they are now.
    case start(actor: String, BlockPlan, gate: GateReport, incidents: [Incident])
    /// Somebody ends the block. Before its time that needs a reason.
    case finish(actor: String, reason: String)
    /// Somebody has written what was learned.
    case learned(actor: String, BlockLessons)
    /// A report was written.
    case reported(actor: String, BlockSeal)
  }

  /// How long after it was due a checkpoint still counts as in time, nanoseconds.
  public static let tolerance: Int64 = 5_000_000_000
  public static let mostLessons = 20
  /// Of a lesson, a to-do or a reason, bytes.
  public static let longestText = 500

  /// The newest block; nil where there has been none.
  public private(set) var block: Block?
  private var newest = EventTime.distantPast

  public init() {}

  public var state: BlockState { block?.state ?? .none }

  /// Takes over what happened before this process.
  ///
  /// - Parameter past: in the order in which it happened. What cannot have happened is passed over.
  public mutating func remember(_ past: some Sequence<BlockEvent>) {
    for event in past { keep(event) }
  }

  /// What is to be kept of an input, in order.
  ///
  /// - Parameters:
  ///   - figures: what the process says of itself now.
  ///   - now: by the wall clock; one that was put back stands still until it has caught up.
  /// - Throws: ``BlockRefusal`` for what somebody asked for and cannot be; never for a tick.
  public mutating func handle(
    _ input: Input, figures: BlockFigures, at now: EventTime
  ) throws(BlockRefusal) -> [BlockEvent] {
    let now = max(now, newest)
    let events: [BlockEvent] =
      switch input {
      case .tick: tick(figures, now)
      case .start(let actor, let plan, let gate, let incidents):
        [try start(actor, plan, gate, incidents, figures, now)]
      case .finish(let actor, let reason): try finish(actor, reason, figures, now)
      case .learned(let actor, let lessons): [try learn(actor, lessons, now)]
      case .reported(let actor, let seal): try report(actor, seal, now)
      }
    for event in events { keep(event) }
    return events
  }

  private mutating func keep(_ event: BlockEvent) {
    newest = max(newest, event.at)
    if block?.apply(event) == true { return }
    guard event.block == (block?.number ?? 0) + 1, block.map({ $0.state != .running }) ?? true,
      let next = Block(event)
    else { return }
    block = next
  }

  // MARK: What time brings

  private func tick(_ figures: BlockFigures, _ now: EventTime) -> [BlockEvent] {
    guard let block, block.state == .running else { return [] }
    var events = due(block, figures, now)
    if now >= block.plannedEnd {
      let late = Self.late(block.plannedEnd, now)
      events.append(
        BlockEvent(
          block: block.number, at: now, actor: GateChange.policy,
          change: .finished(BlockEnd(reason: nil, early: 0, late: late, figures: figures))))
    }
    return events
  }

  /// The checkpoints whose time has come. Those that nobody could make in time are made now, and say so.
  private func due(_ block: Block, _ figures: BlockFigures, _ now: EventTime) -> [BlockEvent] {
    block.plan.checkpoints.enumerated().dropFirst(block.checkpoints.count).compactMap { index, after in
      let due = block.startedAt.advanced(by: after)
      guard now >= due else { return nil }
      let checkpoint = BlockCheckpoint(
        number: index + 1, due: due, late: Self.late(due, now), figures: figures)
      return BlockEvent(
        block: block.number, at: now, actor: GateChange.policy, change: .checkpoint(checkpoint))
    }
  }

  private static func late(_ due: EventTime, _ now: EventTime) -> Int64 {
    let passed = now.nanoseconds &- due.nanoseconds
    return passed > tolerance ? passed : 0
  }

  // MARK: What somebody asks for

  private func start(
    _ actor: String, _ plan: BlockPlan, _ gate: GateReport, _ incidents: [Incident], _ figures: BlockFigures,
    _ now: EventTime
  ) throws(BlockRefusal) -> BlockEvent {
    if let block {
      switch block.state {
      case .running: throw .running(block.number)
      case .finished: throw .notReported(block.number)
      case .reported: throw .notAnalysed(block.number)
      case .none, .analysed: break
      }
      if let open = incidents.first(where: { $0.needsPerson && $0.state != .closed && block.overlaps($0) }) {
        throw .incidentOpen(block.number, incident: open.number)
      }
    }
    guard gate.state == .open else { throw .gateNotOpen(gate.state, reason: gate.reason) }
    for check in [GateCheck.eventFlow, .smoke] {
      guard gate.checks.first(where: { $0.check == check })?.outcome == .pass else {
        throw .canaryNotFresh(check)
      }
    }
    return BlockEvent(
      block: (block?.number ?? 0) + 1, at: now, actor: actor, change: .started(plan, figures))
  }

  private func finish(
    _ actor: String, _ reason: String, _ figures: BlockFigures, _ now: EventTime
  ) throws(BlockRefusal) -> [BlockEvent] {
    guard let block else { throw .noBlock }
    guard block.state == .running else { throw .alreadyEnded(block.number) }
    // Its time was up, and nobody had noticed yet.
    if now >= block.plannedEnd { return tick(figures, now) }
    guard Self.says(reason) else { throw .reasonMissing }
    guard reason.utf8.count <= Self.longestText else { throw .tooMuchWritten }
    let end = BlockEnd(
      reason: reason, early: block.plannedEnd.nanoseconds &- now.nanoseconds, late: 0, figures: figures)
    return due(block, figures, now)
      + [BlockEvent(block: block.number, at: now, actor: actor, change: .finished(end))]
  }

  private func learn(
    _ actor: String, _ lessons: BlockLessons, _ now: EventTime
  ) throws(BlockRefusal) -> BlockEvent {
    let block = try ended()
    let all = lessons.lessons + lessons.todos
    guard !all.isEmpty, all.allSatisfy(Self.says) else { throw .nothingLearned }
    guard all.allSatisfy({ $0.utf8.count <= Self.longestText }),
      block.lessons.lessons.count + lessons.lessons.count <= Self.mostLessons,
      block.lessons.todos.count + lessons.todos.count <= Self.mostLessons
    else { throw .tooMuchWritten }
    return BlockEvent(block: block.number, at: now, actor: actor, change: .learned(lessons))
  }

  /// The same report again is no news.
  private func report(
    _ actor: String, _ seal: BlockSeal, _ now: EventTime
  ) throws(BlockRefusal) -> [BlockEvent] {
    let block = try ended()
    if block.isSealCurrent, block.seal == seal { return [] }
    return [BlockEvent(block: block.number, at: now, actor: actor, change: .reported(seal))]
  }

  private func ended() throws(BlockRefusal) -> Block {
    guard let block else { throw .noBlock }
    guard block.state != .running else { throw .running(block.number) }
    return block
  }

  private static func says(_ text: String) -> Bool { text.contains { !$0.isWhitespace } }
}
