/// Something that happened to a block: a run of agreed length between two analyses. A block is what its events make
/// of it, so it outlives every process, and a store that is built again has it.
public struct BlockEvent: Sendable, Hashable, Codable {
  /// From 1, one more than the block before.
  public var block: Int
  /// By the clock of whoever noted it; the events of a block never go back.
  public var at: EventTime
  /// `operator`, `policy` or `agent`, with a name where one is known.
  public var actor: String
  public var change: BlockChange

  public init(block: Int, at: EventTime, actor: String, change: BlockChange) {
    self.block = block
    self.at = at
    self.actor = actor
    self.change = change
  }
}

public enum BlockChange: Sendable, Hashable, Codable {
  /// It began, with this plan; the figures are the process's own at that instant.
  case started(BlockPlan, BlockFigures)
  case checkpoint(BlockCheckpoint)
  case finished(BlockEnd)
  /// Somebody has written what was learned.
  case learned(BlockLessons)
  /// A report of it was written.
  case reported(BlockSeal)
}

/// How long a block is to last, and when it is looked at. Nanoseconds from its start.
public struct BlockPlan: Sendable, Hashable, Codable {
  /// More than zero.
  public var duration: Int64
  /// Ascending, each more than zero and at most ``duration``.
  public var checkpoints: [Int64]

  public init(duration: Int64, checkpoints: [Int64]) {
    self.duration = duration
    self.checkpoints = checkpoints
  }
}

/// A look at a block that was planned.
public struct BlockCheckpoint: Sendable, Hashable, Codable {
  /// From 1, as the plan has them.
  public var number: Int
  public var due: EventTime
  /// How long after it was due it was made, nanoseconds; no process ran at that time, or none could look.
  public var late: Int64
  public var figures: BlockFigures

  public init(number: Int, due: EventTime, late: Int64, figures: BlockFigures) {
    self.number = number
    self.due = due
    self.late = late
    self.figures = figures
  }
}

public struct BlockEnd: Sendable, Hashable, Codable {
  /// An operator's own words; nil where its time was up.
  public var reason: String?
  /// How long before the planned end, nanoseconds; zero where its time was up.
  public var early: Int64
  /// How long after the planned end, nanoseconds.
  public var late: Int64
  public var figures: BlockFigures

  public init(reason: String?, early: Int64, late: Int64, figures: BlockFigures) {
    self.reason = reason
    self.early = early
    self.late = late
    self.figures = figures
  }
}

/// What a person takes from a block.
public struct BlockLessons: Sendable, Hashable, Codable {
  public var lessons: [String]
  public var todos: [String]

  public init(lessons: [String], todos: [String] = []) {
    self.lessons = lessons
    self.todos = todos
  }
}

/// What a block was, all in all.
public enum BlockJudgement: String, Sendable, Hashable, CaseIterable, Codable {
  /// Nothing that a person must see to.
  case ok
  /// It ran, and something kept it from being whole.
  case partial
  /// Its figures cannot be relied on, or nothing was traded.
  case critical
}

/// Which files a report consists of, and what is in them.
public struct BlockSeal: Sendable, Hashable, Codable {
  public var judgement: BlockJudgement
  /// SHA-256 in hexadecimal, by file name.
  public var files: [String: String]

  public init(judgement: BlockJudgement, files: [String: String]) {
    self.judgement = judgement
    self.files = files
  }
}

/// What the process itself said at an instant of a block, to be held against what the store has.
public struct BlockFigures: Sendable, Hashable, Codable {
  /// What a stage has counted since the data directory began.
  public struct Stage: Sendable, Hashable, Codable {
    public var stage: StageName
    public var received: Int64
    public var emitted: Int64
    public var absorbed: Int64
    public var dropped: Int64

    public init(stage: StageName, received: Int64, emitted: Int64, absorbed: Int64, dropped: Int64) {
      self.stage = stage
      self.received = received
      self.emitted = emitted
      self.absorbed = absorbed
      self.dropped = dropped
    }
  }

  public struct Position: Sendable, Hashable, Codable {
    public var symbol: String
    public var quantity: Quantity

    public init(symbol: String, quantity: Quantity) {
      self.symbol = symbol
      self.quantity = quantity
    }
  }

  /// The account as risk has it: fills, fees and cash since it began.
  public struct Books: Sendable, Hashable, Codable {
    public var account: String
    public var fills: Int
    public var startingCash: Money
    public var cash: Money
    public var fees: Money
    public var equity: Money
    /// Of every instrument, in the catalogue's order.
    public var positions: [Position]

    public init(
      account: String, fills: Int, startingCash: Money, cash: Money, fees: Money, equity: Money,
      positions: [Position]
    ) {
      self.account = account
      self.fills = fills
      self.startingCash = startingCash
      self.cash = cash
      self.fees = fees
      self.equity = equity
      self.positions = positions
    }
  }

  /// Nil before risk has told of its account.
  public var books: Books?
  public var stages: [Stage]
  /// The last barrier that was balanced; zero before the first.
  public var barrier: Int64
  /// Places where the books of the flow did not balance at it.
  public var imbalances: [String]
  public var gate: GateState?

  public init(
    books: Books? = nil, stages: [Stage] = [], barrier: Int64 = 0, imbalances: [String] = [],
    gate: GateState? = nil
  ) {
    self.books = books
    self.stages = stages
    self.barrier = barrier
    self.imbalances = imbalances
    self.gate = gate
  }
}

extension BlockChange {
  /// What happened, as logs, schemas and people name it.
  public var name: String {
    switch self {
    case .started: "started"
    case .checkpoint: "checkpoint"
    case .finished: "finished"
    case .learned: "learned"
    case .reported: "reported"
    }
  }
}
