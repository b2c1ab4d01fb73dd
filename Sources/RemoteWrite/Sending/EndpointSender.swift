import Foundation
import HTTPTransport
import Logging
import TaskTiming

/// Sends what waits for one endpoint, each batch again and again until it is accepted or refused.
///
/// Batches are cut one after the other, in the order of the queue. As many are under way at a time as there are shards, and never
/// two that have a series in common: a batch waits for those before it that have one of its series.
actor EndpointSender {
  nonisolated let endpoint: WriteEndpoint
  nonisolated let queue: EndpointQueue
  nonisolated let status: EndpointStatus
  /// Set when nothing comes any more: what waits is sent without delay, and that is the end.
  nonisolated let draining = Signal()

  let client: WriteClient
  let clock: TaskClock
  let logger: Logger
  let deadLetters: DeadLetters
  var checkpoint: Checkpoint
  /// Before this instant no request begins; nanoseconds of the monotonic clock.
  var pausedUntil: UInt64 = 0
  /// The first fragments of batches that were not accepted at once.
  var troubled: Set<UInt64> = []
  var sighting = ShardPlan.Sighting()
  private let file: CheckpointFile
  private var plan: ShardPlan
  /// By their first fragments.
  private var underWay: [UInt64: SendBatch] = [:]
  /// Set when a batch is not under way any more, or there are more shards.
  private let freed = Signal()
  /// What a process before this one may have sent, oldest first.
  private var repeats: [BatchCut]
  /// Whether the disk does not know yet what became of the last batch.
  private var isAhead = false
  private var reader: FragmentReader?
  /// The series of a fragment that waits, and its number; nil where they are not understood.
  private var waiting: (number: UInt64, series: [UInt64]?) = (0, nil)
  private var lastWords: String?

  /// Opens or makes the endpoint's folder.
  ///
  /// - Parameter directory: the folder that the endpoint's own is in.
  init(
    endpoint: WriteEndpoint, directory: String, options: EndpointQueue.Options, client: HTTPClient,
    userAgent: String, clock: TaskClock, logger: Logger
  ) throws {
    let folder = "\(directory)/\(endpoint.name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let file = try CheckpointFile(path: folder + "/checkpoint")
    queue = try EndpointQueue(directory: folder + "/queue", options: options, file: file)
    deadLetters = try DeadLetters(directory: folder + "/dead-letters")
    checkpoint = queue.beginning
    repeats = checkpoint.cuts.filter { !$0.isDone }
    plan = ShardPlan(endpoint.queue)
    self.file = file
    self.endpoint = endpoint
    self.client = WriteClient(endpoint: endpoint, client: client, userAgent: userAgent)
    self.clock = clock
    var logger = logger
    logger[metadataKey: "endpoint"] = "\(endpoint.name)"
    self.logger = logger
    status = EndpointStatus(endpoint)
    status.update { [ledger = checkpoint.ledger] in $0.ledger = ledger }
    for fault in queue.faults {
      logger.warning("\(fault)", metadata: ["event.reason": "queue_recovery"])
    }
  }

  /// How the endpoint is.
  nonisolated var statistics: EndpointStatistics {
    var statistics = status.statistics
    let counts = queue.counts
    statistics.enqueued = counts.enqueued
    statistics.failed = counts.failed
    statistics.queueBytes = queue.byteCount
    if let error = counts.lastError, statistics.lastError == nil, counts.failed > 0 {
      statistics.lastError = error
    }
    return statistics
  }

  /// Sends until everything is sent after ``draining`` was set, or the task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      if plan.isAdaptive { group.addTask { await self.adapt() } }
      await work(&group)
      group.cancelAll()
    }
    // Where it cannot, the batch is sent again after the start, as after a kill.
    try? settle()
  }

  /// Gives up the folder.
  func close() {
    queue.close()
    deadLetters.close()
  }

  private func work(_ group: inout DiscardingTaskGroup) async {
    while !Task.isCancelled {
      do {
        guard let batch = try await nextBatch() else { return }
        underWay[batch.cut.first] = batch
        group.addTask { await self.send(batch) }
      } catch is CancellationError {
        return
      } catch {
        // The disk: without a checkpoint nothing may be sent.
        note("\(error)")
        reader = nil
        await draining.wait(atMost: .milliseconds(endpoint.queue.longestPause), clock: clock)
        if draining.isSet { return await waitUntilIdle() }
      }
    }
  }

  /// Where the task is cancelled the batch stays cut on the disk.
  private func send(_ batch: SendBatch) async {
    try? await deliver(batch)
    underWay[batch.cut.first] = nil
    troubled.remove(batch.cut.first)
    freed.set()
  }

  private func waitUntilIdle() async {
    while !underWay.isEmpty, !Task.isCancelled {
      freed.reset()
      await freed.wait()
    }
  }

  // MARK: - Shards

  /// Looks every second how many there should be.
  private func adapt() async {
    var last = (time: clock.monotonic(), enqueued: queue.counts.enqueued)
    while (try? await clock.sleep(.seconds(1))) != nil {
      let now = (time: clock.monotonic(), enqueued: queue.counts.enqueued)
      guard now.time > last.time else { continue }
      sighting.enqueued = now.enqueued - min(last.enqueued, now.enqueued)
      sighting.waiting = now.enqueued - min(checkpoint.ledger.total, now.enqueued)
      sighting.age = status.statistics.oldest.map { Double(max(clock.wall() - $0, 0)) / 1_000 } ?? 0
      let before = plan.shards
      let shards = plan.see(sighting, seconds: Double(now.time - last.time) / 1e9)
      sighting = ShardPlan.Sighting()
      last = now
      status.update { [desired = plan.desired] in
        $0.shards = shards
        $0.desiredShards = desired
      }
      guard shards != before else { continue }
      logger.info("shards: \(shards), before it \(before)", metadata: ["event.reason": "remote_write"])
      freed.set()
    }
  }

  // MARK: - Cutting

  /// Nil where nothing waits and nothing comes any more.
  private func nextBatch() async throws -> SendBatch? {
    while !Task.isCancelled {
      freed.reset()
      try await waitForPause()
      // What is sent again is so in its order.
      guard underWay.count < plan.shards, repeats.isEmpty || underWay.isEmpty else {
        await freed.wait()
        continue
      }
      if let cut = repeats.first {
        let batch = try repeated(cut)
        repeats.removeFirst()
        if let batch { return batch }
        continue
      }
      guard checkpoint.cuts.count < Checkpoint.mostCuts else {
        try settle()
        await freed.wait()
        continue
      }
      let reader = try self.reader ?? queue.makeReader(behind: checkpoint.end.fragment)
      self.reader = reader
      queue.arrived.reset()
      guard let first = try reader.peek() else {
        showOldest(nil)
        try settle()
        if draining.isSet, underWay.isEmpty { return nil }
        await waitForNews(atMost: nil)
        continue
      }
      showOldest(first.record.time)
      guard try await isDue(first.record) else { continue }
      if let batch = try cut(first, reader) { return batch }
      // Not before one is done with that has a series of its own.
      try settle()
      await freed.wait()
    }
    throw CancellationError()
  }

  /// Waits until something came, a batch is done with, or so many milliseconds have passed.
  private func waitForNews(atMost limit: Int64?) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [queue] in await queue.arrived.wait() }
      group.addTask { [freed] in await freed.wait() }
      if !draining.isSet { group.addTask { [draining] in await draining.wait() } }
      if let limit { group.addTask { [clock] in try? await clock.sleep(.milliseconds(limit)) } }
      await group.next()
      group.cancelAll()
    }
  }

  /// Waits for a batch that is not full; false where something came meanwhile.
  private func isDue(_ oldest: FragmentRecord) async throws -> Bool {
    let enqueued = queue.counts.enqueued
    let waiting = enqueued - min(checkpoint.end.samples, enqueued)
    guard waiting < UInt64(endpoint.queue.samplesPerBatch), !draining.isSet else { return true }
    let age = clock.wall() - oldest.time
    let deadline = endpoint.queue.batchDeadline
    // A clock that was set back is no reason to wait long.
    guard (0..<deadline).contains(age) else { return true }
    try settle()
    await waitForNews(atMost: deadline - age)
    return false
  }

  /// Nil where a batch that is under way has one of the first fragment's series, or may have.
  private func cut(_ first: FragmentReader.Found, _ reader: FragmentReader) throws -> SendBatch? {
    // With one shard nothing else is under way, and nobody needs to know the series.
    let isKnown = plan.shards > 1 || !underWay.isEmpty
    if isKnown, waiting.number != first.sequence {
      waiting = (first.sequence, SeriesHashes.of(first.record.fragment.body))
    }
    let series = isKnown ? waiting.series : nil
    let others = underWay.values.compactMap(\.series)
    if !underWay.isEmpty {
      guard others.count == underWay.count, let series, others.allSatisfy({ $0.isDisjoint(with: series) })
      else { return nil }
    }
    var cutter = BatchCutter(samplesPerBatch: endpoint.queue.samplesPerBatch, apartFrom: others)
    var batch = try SendBatch(reader, behind: checkpoint.end.samples) { found in
      cutter.add(found.record.fragment, series: found.sequence == first.sequence ? series : nil)
    }
    batch.series = cutter.series
    waiting = (0, nil)
    checkpoint.begin(batch.cut)
    do {
      // What the checkpoint speaks of is on the disk before it.
      try queue.synchronize(through: batch.cut.last)
      try write()
    } catch {
      checkpoint.withdraw(batch.cut)
      throw error
    }
    return batch
  }

  /// A batch of which the checkpoint says that it may have been sent; nil where nothing of it is there any more.
  private func repeated(_ cut: BatchCut) throws -> SendBatch? {
    let reader = try queue.makeReader(behind: cut.first - 1)
    let batch = try SendBatch(reader, repeated: cut, behind: checkpoint.samples(before: cut)) { _ in true }
    // Where there is one behind it that is done with, reading goes on behind that.
    self.reader = cut.last == checkpoint.end.fragment ? reader : nil
    checkpoint.complete(batch.cut)
    guard batch.samples > 0 else {
      acknowledge(batch) { _ in }
      return nil
    }
    showOldest(batch.time)
    logger.info(
      "a batch may have been sent before, and is sent again",
      metadata: ["first": "\(cut.first)", "last": "\(cut.last)"])
    return batch
  }

  /// - Parameter next: the time of what is not under way yet.
  private func showOldest(_ next: Int64?) {
    let oldest = underWay.values.map(\.time).min() ?? next
    status.update { $0.oldest = oldest }
  }

  // MARK: - Keeping account

  func acknowledge(_ batch: SendBatch, _ count: (inout EndpointLedger) -> Void) {
    checkpoint.finish(batch.cut)
    checkpoint.ledger.droppedFull += batch.lostFull
    checkpoint.ledger.droppedCorrupt += batch.lostCorrupt
    count(&checkpoint.ledger)
    if batch.lostFull + batch.lostCorrupt > 0 {
      logger.error(
        "samples were dropped before they were sent",
        metadata: ["queue_full": "\(batch.lostFull)", "corrupt": "\(batch.lostCorrupt)"])
    }
    status.update { [ledger = checkpoint.ledger] in $0.ledger = ledger }
    isAhead = true
  }

  /// Writes what became of the last batch, unless the next cut has done it: one write for both, where something waits already.
  func settle() throws {
    if isAhead { try write() }
  }

  private func write() throws {
    try EndpointQueue.write(checkpoint, to: file)
    isAhead = false
    // Not before: a checkpoint may speak of nothing that is not there.
    queue.trim(through: checkpoint.through)
  }

  /// Shows an error, and logs it unless the last one was the same.
  func note(_ words: String) {
    status.update { $0.lastError = words }
    guard words != lastWords else { return }
    lastWords = words
    logger.warning("\(words)", metadata: ["event.reason": "remote_write"])
  }

  /// Takes note that a batch was accepted. While another one is not, that is what there is to show.
  func noteSuccess(of batch: SendBatch) {
    let now = clock.wall()
    troubled.remove(batch.cut.first)
    let isWell = troubled.isEmpty
    status.update {
      $0.lastSuccess = now
      if isWell { $0.lastError = nil }
    }
    if isWell { lastWords = nil }
  }
}
