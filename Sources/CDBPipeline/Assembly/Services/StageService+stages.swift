import CDBDomain
import DurableQueue
import RedisTransport

// The five stages, each between its edges.
extension StageService {
  private var assembly: StageAssembly { StageAssembly(options: options, board: board, journal: origin) }
  private var beginning: StartingPoint<Matching> {
    StartingPoint(configuration: options.configuration, matching: matching)
  }

  func runFeed(_ source: (any FrameSource)?) async throws {
    guard let journal, let barriers, let source else { throw ServiceError.noSource }
    // The first record may have been trimmed since; a snapshot has kept what it told.
    let kept = snapshots.store.barriers().reversed().lazy
      .compactMap { try? self.snapshots.store.manifest(of: $0).journalIdentity }.first { $0 != 0 }
    if let kept { journal.adopt(identity: kept) }
    try await meet(journal: journal.identity)
    let first = try StartingPoint.beginning(
      of: journal, otherwise: options.configuration, matching: matching
    ).feed
    let (start, writers) = try await open(first, outputs: [(.marketData, { $0.outputs })])
    // While the streams were another's they may have become another journal's.
    try await meet(journal: journal.identity)
    let manifest = start.manifest
    let needed = manifest?.journalSequence ?? 0
    guard needed <= journal.lastSequence else {
      throw PipelineError.journalBehind(
        last: journal.lastSequence, needed: needed, by: "the snapshot of barrier \(start.barrier)")
    }
    // By now db_writer has said it: over a bus that has forgotten everything the stages open from there backwards.
    let stored = StoredRecord(client: bus.client("cdb-ws"), prefix: bus.edge.prefix)
    let record = try await stored.last()
    await stored.close()
    guard record <= journal.lastSequence else {
      await leave(writers)
      throw PipelineError.journalBehind(last: journal.lastSequence, needed: record, by: "the store")
    }
    let tail = try journal.configurations(from: needed + 1).last
    let inForce = try tail?.fingerprint() ?? manifest?.configurationFingerprint
    let opening: [Control] =
      inForce == fingerprint || !options.journalsConfiguration ? [] : [.configure(options.configuration)]
    let resumption = Resumption(from: manifest, of: snapshots.store, in: journal)
    board.resumed(resumption, after: manifest?.framesAccepted ?? 0)
    let intake = Intake(
      journal: journal, output: edges.intake, checkpoints: edges.checkpoints, controls: controls,
      board: board, logger: options.logger, clock: options.clock, batchRecords: options.batchRecords,
      opening: opening, barriers: barriers)
    var settings = IntakeWorker.Settings(options)
    // A stream has room for so many entries, and is shortened up to snapshots, which are at barriers alone.
    settings.barrierBatches = max(1, bus.edge.maximumEntries / 8)
    let intakeWorker = try IntakeWorker(
      journal: journal, settings: settings, clock: options.clock, from: manifest)
    let feedWorker = try assembly.feed(start.snapshot)
    let feed = FeedLoop(input: edges.intake, output: edges.output, checkpoints: edges.checkpoints)
    let retention = options.journalRetention
    let naming = JournalNaming(client: bus.client("cdb-ws"), prefix: bus.edge.prefix, keeper: keeper)
    try await between(
      [], writers, snapshots: snapshots,
      trim: { [board] oldest in
        try barriers.trim(through: oldest.barrier)
        try journal.trim(upTo: oldest.journalSequence, keeping: retention)
        board.journalBegins(at: journal.queue.statistics.firstSequence)
      },
      force: { manifest in
        try journal.synchronize(through: manifest.journalSequence)
        try barriers.synchronize()
      },
      prepare: { [disk = BlockingQueue(label: "cdb.journal.sync"), step] in
        step(.read)
        // Nobody acts on what a power loss could take.
        try await disk.run {
          try journal.synchronize(through: journal.lastSequence)
          try barriers.synchronize()
        }
        try await naming.say(journal.identity)
      }
    ) {
      try await together(
        [{ try await intake.run(source, intakeWorker) }, { try await feed.run(feedWorker) }],
        closing: self.edges.close)
    }
  }

  func runCore() async throws {
    let first = beginning.core
    let (start, writers) = try await open(
      first,
      find: { [snapshots, board] in
        snapshots.newestOfShares(before: $0, beginning: first) { board.notice($0) }
      }, outputs: [(.signals, { [partitions] in $0.outputs(partitions) })])
    try await meet(journal: start.manifest?.journalIdentity ?? 0)
    let worker = try assembly.core(start.snapshot, share: snapshots.share)
    let loop = PartitionedLoop(input: edges.input, output: edges.output, checkpoints: edges.checkpoints)
    try await between(
      [reader(.marketData, start.inputs(.marketData, partitions))], writers, snapshots: snapshots
    ) { try await loop.run(worker) }
  }

  func runRisk() async throws {
    let (start, writers) = try await open(beginning.risk, outputs: [(.orders, { $0.outputs })])
    try await meet(journal: start.manifest?.journalIdentity ?? 0)
    let worker = try assembly.risk(start.snapshot)
    let loop = RiskLoop(input: edges.input, output: edges.output, checkpoints: edges.checkpoints)
    let saved = SavedBarrier(client: bus.client("cdb-risk-saved"), prefix: bus.edge.prefix)
    await saved.say(start.barrier)
    try await closing(saved) {
      try await between(
        [
          reader(.signals, start.inputs(.signals, partitions)),
          reader(.feedback, start.inputs(.feedback, [0])),
        ], writers, snapshots: snapshots,
        saved: { barrier in
          if let barrier { await saved.say(barrier) } else { await saved.say() }
        }
      ) { try await loop.run(worker) }
    }
  }

  func runExecution() async throws {
    let (start, writers) = try await open(
      beginning.execution,
      outputs: [
        (.orderResults, { $0.outputs }),
        (
          .feedback,
          { start in
            let again = UInt64(start.snapshot.undelivered.count)
            let emitted = start.snapshot.emittedFeedback
            let taken = emitted - min(emitted, again)
            // Risk goes on from the barrier that this one keeps, and so cannot be asked before.
            return [EdgeStart(partition: 0, sequence: taken, assumedCovered: taken)]
          }
        ),
      ])
    try await meet(journal: start.manifest?.journalIdentity ?? 0)
    let worker = try assembly.execution(start.snapshot)
    let loop = ExecutionLoop<Matching>(
      input: edges.input, output: edges.output, feedback: edges.feedback, checkpoints: edges.checkpoints)
    let saved = SavedBarrier(client: bus.client("cdb-execution-saved"), prefix: bus.edge.prefix)
    try await closing(saved) {
      try await between(
        [reader(.orders, start.inputs(.orders, [0]))], writers, snapshots: snapshots,
        mayBeSaved: { try await saved.reaches($0) }
      ) { try await loop.run(worker) }
    }
  }

  private func closing(_ saved: SavedBarrier, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch {
      await saved.close()
      throw error
    }
    await saved.close()
  }

  func runSink() async throws {
    guard let store else { throw ServiceError.noStore }
    let position = try await store.position()
    try await meet(journal: position.journal)
    let stored = StoredRecord(client: bus.client("cdb-db_writer"), prefix: bus.edge.prefix)
    try await stored.begin(position.origin)
    let worker = try assembly.sink(position)
    let loop = SinkLoop(
      input: edges.input, store: store, journal: origin, force: {}, checkpoints: edges.checkpoints,
      controls: controls, board: board, logger: options.logger, configuration: options.configuration,
      commitInterval: options.commitInterval, earlier: position.origin, times: options.clock,
      step: step, stored: { stored.note($0.origin) })
    try await between(
      [reader(.orderResults, [EdgeStart(partition: 0, sequence: position.sequence)])], [], snapshots: nil,
      covered: { await stored.say() }
    ) { try await loop.run(worker) }
  }
}

/// Says on the bus whose events its streams carry, and again where the server has lost it.
private actor JournalNaming {
  private let client: RedisClient
  private let prefix: String
  private let keeper: ServiceError.Keeper
  private var saidAt: ContinuousClock.Instant?

  static let interval = Duration.seconds(1)

  init(client: RedisClient, prefix: String, keeper: ServiceError.Keeper) {
    self.client = client
    self.keeper = keeper
    self.prefix = prefix
  }

  func say(_ identity: UInt64) async throws {
    let now = ContinuousClock.now
    guard identity != 0, saidAt.map({ now - $0 >= Self.interval }) ?? true else { return }
    // The first time nobody may read an event before it knows whose it is.
    let isFirst = saidAt == nil
    while true {
      switch await set(identity) {
      case .success(let found) where found == identity:
        saidAt = now
        return
      case .success(let found):
        throw ServiceError.otherJournal(prefix: prefix, streams: found, own: identity, keeper: keeper)
      case .failure(let failure):
        guard failure.isTransient else { throw failure }
        guard isFirst else { return }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Says it where nobody has, and hears what stands there.
  private func set(_ identity: UInt64) async -> Result<UInt64, RedisError> {
    do throws(RedisError) {
      let key = prefix + ":journal"
      _ = try await client.call(RedisCommand("SET", key, String(identity, radix: 16), "NX"))
      let found = try await client.call(RedisCommand("GET", key)).text
      return .success(found.flatMap { UInt64($0, radix: 16) } ?? 0)
    } catch {
      return .failure(error)
    }
  }
}
