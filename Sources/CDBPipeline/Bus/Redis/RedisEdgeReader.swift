import CDBDomain
import RedisTransport

/// The consumer's end of an edge over Redis Streams: reads each partition's stream from where its own snapshot stands, and
/// notices when what it has not read is gone.
///
/// The numbers are judged once more by the stage (``GaplessAcceptance``): what comes again is skipped there. This end
/// sees a gap first, and names what made it.
public actor RedisEdgeReader {
  public nonisolated let stream: StreamName
  let client: RedisClient
  /// Says what is let go of. A connection answers in order: behind a read that waits for entries the word would wait too, and
  /// whoever waits for it would hold up what makes those entries.
  private let covering: RedisClient
  let options: EdgeOptions
  private let clock: any Clock<Duration>
  private let times: PipelineClock
  var intakes: [EdgeIntake]
  let keys: [EdgeKeys]
  private var alignment: MarkerAlignment
  private var entriesPerRead: Int
  private var covered: [UInt16: UInt64] = [:]
  /// The first entry that was left when the streams were last shortened.
  private var trimmed: [UInt16: EntryID] = [:]
  private var isLookedAt = false
  /// What holds the edge up, in words; nil while it runs.
  public private(set) var trouble: String?

  /// - Parameters:
  ///   - client: reads, and waits for entries.
  ///   - covering: another one, for what is let go of.
  ///   - starts: the partitions, each once, with where the consumer's snapshot stands.
  ///   - clock: for pauses.
  public init(
    client: RedisClient, covering: RedisClient, stream: StreamName, starts: [EdgeStart],
    options: EdgeOptions = EdgeOptions(), clock: any Clock<Duration>, times: PipelineClock = .process
  ) {
    self.client = client
    self.covering = covering
    self.stream = stream
    self.options = options
    self.clock = clock
    self.times = times
    keys = starts.map { EdgeKeys(prefix: options.prefix, stream: stream, partition: $0.partition) }
    intakes = zip(starts, keys).map { EdgeIntake(stream: stream, start: $0, key: $1.stream) }
    alignment = MarkerAlignment(
      partitions: starts.map(\.partition), maximumHeld: max(1, options.entriesPerRead) * 4)
    entriesPerRead = max(1, options.entriesPerRead)
  }

  /// By partition, the number of the last event that was read.
  public var read: [UInt16: UInt64] {
    Dictionary(intakes.map { ($0.partition, $0.read) }) { first, _ in first }
  }

  /// The next batches, waiting for them. A marker comes in all partitions at once.
  ///
  /// - Throws: ``EdgeLoss`` where events are gone, ``ForeignEntry``, or a ``RedisError`` that does not go away by itself.
  public func next() async throws -> [Batch] {
    while true {
      if let group = alignment.take() { return group }
      try Task.checkCancellation()
      do {
        if !isLookedAt {
          try await announce()
          try await look()
          isLookedAt = true
        }
        try await fetch()
        trouble = nil
      } catch let error as RedisError where error.isTransient {
        isLookedAt = false
        trouble = "\(error)"
        // An answer that is too large comes in smaller portions.
        if error.kind == .replyTooLarge { entriesPerRead = max(1, entriesPerRead / 2) }
        try await clock.sleep(for: options.pause)
      }
    }
  }

  /// Puts what comes into a stage's mailbox, until the end has passed.
  ///
  /// - Parameters:
  ///   - isFeedback: into the lane that never waits, for the edge that goes back.
  ///   - step: is told what has come.
  public func run(
    into mailbox: Mailbox<[Batch]>, isFeedback: Bool = false,
    step: @Sendable (ServiceStep) -> Void = { _ in }
  ) async throws {
    while true {
      let group = try await next()
      step(.read)
      if isFeedback {
        guard mailbox.sendPriority(group) else { throw MailboxClosed() }
      } else {
        try await mailbox.send(group, weight: group.weight)
      }
      if group.contains(where: { $0.marker == .end }) { return }
    }
  }

  /// Tells that a durable snapshot of the consumer has everything up to these numbers: the producer need not keep it, and
  /// the streams are shortened to what is behind.
  ///
  /// - Parameter barrier: that of the snapshot; nil for an edge without barriers.
  public func cover(_ sequences: [UInt16: UInt64], barrier: UInt64? = nil) async throws {
    for (index, key) in zip(intakes.indices, keys) {
      let intake = intakes[index]
      guard let sequence = sequences[intake.partition], sequence >= covered[intake.partition] ?? 0,
        sequence <= intake.read
      else { continue }
      let first = intakes[index].firstNeeded(after: sequence, barrier: barrier)
      guard trimmed[intake.partition].map({ $0 < first }) ?? true else { continue }
      // First the word, then the deed: a producer that finds entries gone knows that nobody needs them.
      let answers = try await covering.send(
        [
          RedisCommand("SET", key.covered, "\(sequence)"),
          RedisCommand("XTRIM", key.stream, "MINID", "=", first.description),
        ], key: key.stream)
      if let refusal = answers.lazy.compactMap(\.refusal).first {
        throw RedisError(refusal, address: covering.address.description, command: "XTRIM")
      }
      covered[intake.partition] = sequence
      trimmed[intake.partition] = first
    }
  }

  /// Says what the consumer has, where the server knows nothing of it: a producer whose stream is forgotten waits for that.
  func announce() async throws {
    for (intake, key) in zip(intakes, keys) {
      let sequence = covered[intake.partition] ?? intake.start
      _ = try await client.call(
        RedisCommand("SET", key.covered, "\(sequence)", "NX"), key: key.stream)
    }
  }

  // MARK: Reading

  private func fetch() async throws {
    let wanted = intakes.indices.filter { alignment.wantsMore(of: intakes[$0].partition) }
    guard client.address.form == .cluster else {
      if try await !fetch(wanted, blocks: true) { try await look() }
      return
    }
    // In a cluster each partition's stream is on a node of its own, and one question cannot wait for all.
    var isSilent = true
    for index in wanted where try await fetch([index], blocks: false) { isSilent = false }
    guard isSilent else { return }
    try await look()
    try await clock.sleep(for: options.pause)
  }

  /// Whether anything came.
  private func fetch(_ indices: [Int], blocks: Bool) async throws -> Bool {
    guard let first = indices.first else { return false }
    var command = RedisCommand("XREAD", "COUNT", "\(entriesPerRead)")
    var timeout = client.options.commandTimeout
    if blocks {
      command.append("BLOCK")
      let milliseconds = max(1, Int64(options.blockTime / .milliseconds(1)))
      command.append(milliseconds)
      timeout += .milliseconds(milliseconds)
    }
    command.append("STREAMS")
    for index in indices { command.append(intakes[index].key) }
    for index in indices { command.append(intakes[index].position.description) }
    let answer = try await client.call(command, key: intakes[first].key, timeout: timeout)
    guard !answer.isNull else { return false }
    for part in answer.array ?? [] {
      guard let pair = part.array, pair.count == 2, let key = pair[0].text, let entries = pair[1].array,
        let index = intakes.firstIndex(where: { $0.key == key })
      else { continue }
      for entry in entries {
        let (batch, missing) = try intakes[index].take(entry, times: times)
        if let missing { throw try await loss(of: missing, in: index, before: entry) }
        intakes[index].hasVanished = false
        alignment.insert(batch)
      }
    }
    return true
  }
}
