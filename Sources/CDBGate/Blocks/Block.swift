import CDBDomain

/// A block as its events have made it so far.
public struct Block: Sendable, Hashable, Codable {
  public let number: Int
  public let plan: BlockPlan
  public let startedAt: EventTime
  public let startedBy: String
  /// What the process said as it began.
  public let figures: BlockFigures
  /// In their order.
  public private(set) var checkpoints: [BlockCheckpoint] = []
  public private(set) var end: BlockEnd?
  public private(set) var endedAt: EventTime?
  public private(set) var endedBy: String?
  /// What was learned, in the order in which it was written.
  public private(set) var lessons = BlockLessons(lessons: [])
  /// The newest report; nil while there is none.
  public private(set) var seal: BlockSeal?
  /// Whether the newest report has all that was learned.
  public private(set) var isSealCurrent = false

  /// A block begins with its start and with nothing else.
  public init?(_ event: BlockEvent) {
    guard case .started(let plan, let figures) = event.change else { return nil }
    number = event.block
    self.plan = plan
    startedAt = event.at
    startedBy = event.actor
    self.figures = figures
  }

  /// Takes in what happened; false where it cannot have happened to this block now.
  public mutating func apply(_ event: BlockEvent) -> Bool {
    guard event.block == number else { return false }
    switch event.change {
    case .started: return false
    case .checkpoint(let checkpoint):
      guard end == nil, checkpoint.number == checkpoints.count + 1 else { return false }
      checkpoints.append(checkpoint)
    case .finished(let end):
      guard self.end == nil else { return false }
      self.end = end
      endedAt = event.at
      endedBy = event.actor
    case .learned(let more):
      guard end != nil else { return false }
      lessons.lessons += more.lessons
      lessons.todos += more.todos
      isSealCurrent = false
    case .reported(let seal):
      guard end != nil else { return false }
      self.seal = seal
      isSealCurrent = true
    }
    return true
  }

  public var state: BlockState {
    if end == nil { return .running }
    if seal == nil { return .finished }
    return isSealCurrent && !lessons.lessons.isEmpty ? .analysed : .reported
  }

  /// When its time is up.
  public var plannedEnd: EventTime { startedAt.advanced(by: plan.duration) }

  /// When its next checkpoint is due; nil where all are made, or it has ended.
  public var nextCheckpoint: EventTime? {
    guard end == nil, checkpoints.count < plan.checkpoints.count else { return nil }
    return startedAt.advanced(by: plan.checkpoints[checkpoints.count])
  }

  /// Whether an incident lasted into the block's time, or began in it.
  func overlaps(_ incident: Incident) -> Bool {
    incident.openedNs <= (endedAt ?? .distantFuture).nanoseconds
      && (incident.endedNs ?? .max) >= startedAt.nanoseconds
  }

  /// What the account was worth at every instant at which the process said so; ascending.
  public var looks: [BlockEquity.Look] {
    var times: [(EventTime, BlockFigures)] = [(startedAt, figures)]
    for checkpoint in checkpoints {
      times.append((checkpoint.due.advanced(by: checkpoint.late), checkpoint.figures))
    }
    if let end, let endedAt { times.append((endedAt, end.figures)) }
    return times.compactMap { time, figures in
      figures.books.map { BlockEquity.Look(time: time, equity: $0.equity) }
    }.sorted { $0.time < $1.time }
  }

  /// The figures of every instant at which the process gave some, in their order.
  public var notes: [(name: String, figures: BlockFigures)] {
    [("start", figures)] + checkpoints.map { ("checkpoint \($0.number)", $0.figures) }
      + (end.map { [("end", $0.figures)] } ?? [])
  }
}

/// Where a block stands.
public enum BlockState: String, Sendable, Hashable, CaseIterable, Codable {
  /// There has been no block yet.
  case none
  /// It runs.
  case running
  /// It has ended, and there is no report of it.
  case finished
  /// There is a report, and what was learned is not in it.
  case reported
  /// There is a report with what was learned: the next block may begin.
  case analysed
}

extension BlockPlan {
  /// Three looks, a third of the time apart: of 72 hours, after 24, 48 and 72.
  public init(duration: Int64) {
    self.init(
      duration: duration,
      checkpoints: [duration / 3, duration / 3 * 2, duration].reduce(into: []) { times, time in
        if time > times.last ?? 0 { times.append(time) }
      })
  }

  /// Whether it can be followed: a duration of more than zero, and checkpoints ascending within it.
  public var isValid: Bool {
    duration > 0 && zip([0] + checkpoints, checkpoints).allSatisfy { $0 < $1 }
      && checkpoints.allSatisfy { $0 <= duration }
  }
}
