/// How an edge over Redis Streams behaves.
public struct EdgeOptions: Sendable, Hashable {
  /// What tells this pipeline from others on the same server.
  public var prefix = "cdb"
  /// The entries of a partition's stream from which on its producer waits. It never trims to make room.
  public var maximumEntries = 10_000
  /// What a producer keeps of each partition to send again, bytes; the oldest goes first.
  public var maximumKeptBytes = 64 << 20
  /// Events from which on a batch is sent as several entries.
  public var eventsPerEntry = 2_048
  /// Appends of a producer that are under way at once.
  public var appendsUnderWay = 64
  /// The bytes of one append; a longer entry goes alone.
  public var bytesPerAppend = 1 << 20
  /// How long an owner that says nothing keeps its partitions.
  public var leaseTime = Duration.seconds(10)
  /// Between two looks at a server that refuses, a stream that is full, or a lease that somebody else has.
  public var pause = Duration.milliseconds(50)
  /// Entries of each partition that a reader asks for at once.
  public var entriesPerRead = 64
  /// How long a reader's question waits for an answer.
  public var blockTime = Duration.seconds(1)

  public init() {}
}

/// Where a producer goes on with one partition.
public struct EdgeStart: Sendable, Hashable {
  public var partition: UInt16
  /// A producer: the number of the last event it has made. A consumer: of the last it has accepted. From its snapshot.
  public var sequence: UInt64
  /// A producer: what the consumer's durable snapshot is known to cover, 0 where that is not known.
  public var covered: UInt64
  /// A producer: what is taken for covered where the server has forgotten what the consumer said; nil where that is waited for.
  public var assumedCovered: UInt64?
  /// A consumer: the number of the barrier that its snapshot is of, 0 for none.
  public var barrier: UInt64

  public init(
    partition: UInt16, sequence: UInt64 = 0, covered: UInt64 = 0, assumedCovered: UInt64? = nil,
    barrier: UInt64 = 0
  ) {
    self.partition = partition
    self.assumedCovered = assumedCovered
    self.sequence = sequence
    self.covered = covered
    self.barrier = barrier
  }
}

/// Lets one after the other, in the order in which they come.
struct Turns {
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Whether it is the caller's turn at once; otherwise it has to ``wait(_:)``.
  mutating func take() -> Bool {
    if isTaken { return false }
    isTaken = true
    return true
  }

  mutating func wait(_ continuation: CheckedContinuation<Void, Never>) { waiting.append(continuation) }

  mutating func pass() {
    if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
  }
}
