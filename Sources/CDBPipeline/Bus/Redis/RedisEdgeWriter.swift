import CDBDomain
import RedisTransport

/// The producer's end of an edge over Redis Streams: one stream a partition, one entry a batch.
///
/// Appends are pipelined, each on the condition that the partition is still this producer's and that its stream ends with
/// the entry before (``AppendScript``). Whenever an answer is missing or is a refusal, the server is asked where the
/// stream ends, and what is kept behind that goes out again. So a server that lost its tail is refilled, an append whose
/// outcome is unknown is neither lost nor doubled, and a producer that lost its lease writes nothing.
public actor RedisEdgeWriter {
  public nonisolated let stream: StreamName
  let client: RedisClient
  let options: EdgeOptions
  let clock: any Clock<Duration>
  private let times: PipelineClock
  let nonce: String
  var lanes: [EdgeLane]
  let keys: [EdgeKeys]
  var tokens: [String]
  /// The entries of each stream, with those that are under way.
  var lengths: [Int]
  let starts: [EdgeStart]
  /// The streams' ends were found once.
  var hasSettled = false
  private var watermarks: [EventTime]
  private var underWay: [Append] = []
  private var turns = Turns()
  /// Something was refused or is unknown: the streams' ends must be asked for.
  var isUnsettled = true
  /// What holds the edge up, in words; nil while it runs.
  public internal(set) var trouble: String? {
    didSet { if (trouble == nil) != (oldValue == nil) { news() } }
  }
  private let news: @Sendable () -> Void
  /// Whose lease is waited for, in words; nil while none is.
  private(set) var awaitedOwner: String?

  private struct Append {
    var lane: Int
    var last: EntryID
    var entries: Int
    var replies: RedisReplies
  }

  /// - Parameters:
  ///   - starts: the partitions, each once, with where they go on.
  ///   - clock: for pauses.
  ///   - nonce: tells this producer from all others that there ever are, such as a UUID.
  ///   - news: is called whenever ``trouble`` comes or goes.
  public init(
    client: RedisClient, stream: StreamName, starts: [EdgeStart], options: EdgeOptions = EdgeOptions(),
    clock: any Clock<Duration>, times: PipelineClock = .process, nonce: String,
    news: @escaping @Sendable () -> Void = {}
  ) {
    self.client = client
    self.stream = stream
    self.options = options
    self.clock = clock
    self.times = times
    self.nonce = nonce
    self.news = news
    self.starts = starts
    lanes = starts.map {
      EdgeLane(
        stream: stream, partition: $0.partition, made: $0.sequence, covered: $0.covered,
        maximumKeptBytes: options.maximumKeptBytes)
    }
    keys = starts.map { EdgeKeys(prefix: options.prefix, stream: stream, partition: $0.partition) }
    tokens = starts.map { _ in "" }
    lengths = starts.map { _ in 0 }
    watermarks = starts.map { _ in .distantPast }
  }

  /// How many entries were sent again because the server had lost them.
  public var refilled: Int { lanes.reduce(0) { $0 + $1.refilled } }

  /// By partition, the number of the last event that the server has confirmed. A snapshot of the producer must not become
  /// durable before what it says was emitted is.
  public var confirmed: [UInt16: UInt64] {
    Dictionary(lanes.map { ($0.partition, min($0.confirmed.sequence, $0.made)) }) { first, _ in first }
  }

  /// By partition, the number of the last event that the consumer's durable snapshot is known to cover.
  public var covered: [UInt16: UInt64] {
    Dictionary(lanes.map { ($0.partition, $0.covered) }) { first, _ in first }
  }

  /// Takes the partitions, and finds where their streams end.
  ///
  /// - Parameter waits: whether a partition of somebody else's is waited for, until its lease runs out.
  /// - Throws: ``PartitionOwned``, ``EdgeLoss``, or a ``RedisError`` that does not go away by itself.
  public func open(waits: Bool = false) async throws {
    while true {
      do {
        try await taking { try await settle() }
        awaitedOwner = nil
        return
      } catch let error as PartitionOwned where waits {
        awaitedOwner = "\(error)"
        try await clock.sleep(for: options.pause)
      } catch let error as ForgottenStream where waits {
        awaitedOwner = "\(error)"
        try await clock.sleep(for: options.pause)
      } catch {
        // Whoever can do better need not wait for this one's leases to run out.
        await close()
        throw error
      }
    }
  }

  /// Waits while a stream is full, then sends batches. Returns when they are on their way.
  ///
  /// It waits before and not after, since nobody makes room behind the last group: whoever reads it may have ended.
  ///
  /// - Throws: ``PartitionOwned`` where another producer has taken over, ``EdgeLoss`` where the server lost what is kept
  ///   no longer, ``SequenceGap`` where the batches are not the next.
  public func send(_ group: [Batch]) async throws {
    while lengths.contains(where: { $0 >= options.maximumEntries }) {
      try await clock.sleep(for: options.pause)
      try await taking { try await look() }
    }
    for batch in group { try append(batch) }
    try await taking { try await push() }
  }

  /// Returns when the server has confirmed all that was sent.
  public func flush() async throws {
    try await taking {
      while true {
        try await push()
        await collect(leaving: 0)
        if !isUnsettled { return }
      }
    }
  }

  /// Extends the leases and refills streams that lost something, until the task is cancelled. Without it an idle producer
  /// loses its partitions.
  public func maintain() async throws {
    while true {
      try await clock.sleep(for: options.leaseTime / 3)
      try await taking { try await look() }
    }
  }

  /// Sends what a stage puts into its mailbox, to the end.
  ///
  /// - Parameters:
  ///   - prepare: is done before anything of what has gathered goes out.
  ///   - step: is told how far that has come.
  public func run(
    from mailbox: Mailbox<[Batch]>, prepare: (@Sendable () async throws -> Void)? = nil,
    step: @Sendable (ServiceStep) -> Void = { _ in }
  ) async throws {
    while var group = await mailbox.receive() {
      // What has gathered meanwhile goes out with it.
      while group.count < 1_024, let more = mailbox.poll() { group += more }
      step(.computed)
      try await prepare?()
      try await send(group.joined)
      step(.published)
      // Nothing more to put into the same pipeline: now its answers are read.
      if mailbox.backlog == 0 {
        try await flush()
        step(.confirmed)
      }
    }
    try await flush()
  }

  /// Gives the partitions back, so that the next owner need not wait.
  public func close() async {
    for (lane, key) in keys.enumerated() where !tokens[lane].isEmpty {
      // Where it fails the lease runs out.
      _ = try? await client.call(LeaseScript.release(key, token: tokens[lane]), key: key.stream)
      tokens[lane] = ""
    }
    isUnsettled = true
  }

  private func taking<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    if !turns.take() { await withCheckedContinuation { turns.wait($0) } }
    defer { turns.pass() }
    return try await body()
  }

  // MARK: Batches become entries

  private func append(_ batch: Batch) throws {
    guard batch.stream == stream, let lane = lanes.firstIndex(where: { $0.partition == batch.partition })
    else {
      throw SequenceGap(
        stream: batch.stream, partition: batch.partition, expected: 0, found: batch.firstSequence)
    }
    var rest = batch
    while rest.envelopes.count > options.eventsPerEntry {
      var part = rest
      part.envelopes = Array(rest.envelopes.prefix(options.eventsPerEntry))
      part.marker = nil
      // What follows may have the same time as the last event of this part.
      part.watermark = watermarks[lane]
      try add(part, to: lane)
      rest.envelopes.removeFirst(options.eventsPerEntry)
      rest.firstSequence += UInt64(options.eventsPerEntry)
    }
    watermarks[lane] = max(watermarks[lane], rest.watermark)
    if let marker = rest.marker, !rest.envelopes.isEmpty {
      // An entry of its own: the one with the events may be in the stream already, without it.
      rest.marker = nil
      try add(rest, to: lane)
      rest.firstSequence = rest.lastSequence + 1
      rest.envelopes = []
      rest.marker = marker
    }
    try add(rest, to: lane)
  }

  private func add(_ batch: Batch, to lane: Int) throws {
    let id = try lanes[lane].nextID(
      first: batch.firstSequence, events: batch.envelopes.count,
      wall: UInt64(max(0, times.wall().nanoseconds / 1_000_000)))
    lanes[lane].append(id, first: batch.firstSequence, bytes: try BatchCoding.encode(batch, clock: times))
  }

  // MARK: Entries go out

  /// Hands over everything that was not, as far as answers let it.
  func push() async throws {
    var settled = 0
    while true {
      if isUnsettled {
        // What is refused at once again, as while a cluster's slot moves, is not asked for without a pause.
        if settled > 0 { try await clock.sleep(for: options.pause) }
        try await settle()
        settled += 1
      }
      var isDone = true
      for lane in lanes.indices {
        guard !isUnsettled,
          let (previous, entries) = lanes[lane].takeUnsent(maximumBytes: options.bytesPerAppend),
          let last = entries.last
        else { continue }
        isDone = false
        let command = AppendScript.command(
          keys[lane], token: tokens[lane], previous: previous, entries: entries)
        do {
          let replies = try await client.submit([command], key: keys[lane].stream)
          underWay.append(Append(lane: lane, last: last.id, entries: entries.count, replies: replies))
          lengths[lane] += entries.count
        } catch {
          isUnsettled = true
          trouble = "\(error)"
        }
      }
      await collect(leaving: options.appendsUnderWay)
      if isDone, !isUnsettled { return }
    }
  }

  /// Reads answers until only so many are missing.
  func collect(leaving count: Int) async {
    while underWay.count > count {
      let append = underWay.removeFirst()
      do throws(RedisError) {
        let value = try await append.replies.values().first ?? .null
        if let refusal = value.refusal {
          await client.follow(refusal)
          isUnsettled = true
          trouble = words(of: refusal, in: append.lane)
        } else if let length = value.integer {
          lanes[append.lane].confirm(append.last)
          lengths[append.lane] = underWay.reduce(Int(clamping: length)) { sum, other in
            other.lane == append.lane ? sum + other.entries : sum
          }
        } else {
          isUnsettled = true
        }
      } catch {
        isUnsettled = true
        trouble = "\(error)"
      }
    }
  }
}
