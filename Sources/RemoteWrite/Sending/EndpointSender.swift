import Foundation
import HTTPTransport
import Logging
import TaskTiming

/// Sends what waits for one endpoint: one batch at a time, again and again until it is accepted or refused.
actor EndpointSender {
  /// A batch as it goes over the wire.
  private struct Batch {
    var range: FragmentRange
    var body: [UInt8]
    var samples: Int
    var samplesThrough: UInt64
    /// Samples before its end that are not there any more.
    var lostFull: UInt64
    var lostCorrupt: UInt64
    /// Whether a process before this one may have sent it.
    var isRepeated: Bool
  }

  nonisolated let endpoint: WriteEndpoint
  nonisolated let queue: EndpointQueue
  nonisolated let status: EndpointStatus
  /// Set when nothing comes any more: what waits is sent without delay, and that is the end.
  nonisolated let draining = Signal()

  private let client: WriteClient
  private let clock: TaskClock
  private let logger: Logger
  private let file: CheckpointFile
  private let deadLetters: DeadLetters
  private var checkpoint: Checkpoint
  /// Whether the disk does not know yet what became of the last batch.
  private var isAhead = false
  private var reader: FragmentReader?
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
    while !Task.isCancelled {
      do {
        guard let batch = try await nextBatch() else { break }
        try await deliver(batch)
      } catch is CancellationError {
        break
      } catch {
        // The disk: without a checkpoint nothing may be sent.
        note("\(error)")
        reader = nil
        await draining.wait(atMost: .milliseconds(endpoint.queue.longestPause), clock: clock)
        if draining.isSet { break }
      }
    }
    // Where it cannot, the batch is sent again after the start, as after a kill.
    try? settle()
  }

  /// Gives up the folder.
  func close() {
    queue.close()
    deadLetters.close()
  }

  // MARK: - Cutting

  /// Nil where nothing waits and nothing comes any more.
  private func nextBatch() async throws -> Batch? {
    if let cut = checkpoint.cut, let batch = try repeated(cut) { return batch }
    while !Task.isCancelled {
      let reader = try self.reader ?? queue.makeReader(behind: checkpoint.through)
      self.reader = reader
      queue.arrived.reset()
      guard let first = try reader.peek() else {
        status.update { $0.oldest = nil }
        try settle()
        if draining.isSet { return nil }
        await waitForArrival()
        continue
      }
      status.update { $0.oldest = first.record.time }
      if try await isDue(first.record) { return try cut(reader) }
    }
    throw CancellationError()
  }

  private func waitForArrival() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [queue] in await queue.arrived.wait() }
      group.addTask { [draining] in await draining.wait() }
      await group.next()
      group.cancelAll()
    }
  }

  /// Waits for a batch that is not full; false where something came meanwhile.
  private func isDue(_ oldest: FragmentRecord) async throws -> Bool {
    let waiting = queue.counts.enqueued - min(checkpoint.samplesThrough, queue.counts.enqueued)
    guard waiting < UInt64(endpoint.queue.samplesPerBatch), !draining.isSet else { return true }
    let age = clock.wall() - oldest.time
    let deadline = endpoint.queue.batchDeadline
    // A clock that was set back is no reason to wait long.
    guard (0..<deadline).contains(age) else { return true }
    try settle()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [queue] in await queue.arrived.wait() }
      group.addTask { [draining] in await draining.wait() }
      group.addTask { [clock] in try? await clock.sleep(.milliseconds(deadline - age)) }
      await group.next()
      group.cancelAll()
    }
    return false
  }

  private func cut(_ reader: FragmentReader) throws -> Batch {
    var cutter = BatchCutter(samplesPerBatch: endpoint.queue.samplesPerBatch)
    let batch = try collect(reader, isRepeated: false) { cutter.add($0.fragment) }
    checkpoint.cut = batch.range
    do {
      // What the checkpoint speaks of is on the disk before it.
      try queue.synchronize(through: batch.range.last)
      try write()
    } catch {
      checkpoint.cut = nil
      throw error
    }
    return batch
  }

  /// The batch that the checkpoint says may have been sent.
  private func repeated(_ cut: FragmentRange) throws -> Batch? {
    let reader = try queue.makeReader(behind: cut.first - 1)
    self.reader = reader
    guard let first = try reader.peek(), first.sequence <= cut.last else {
      // Nothing of it is there any more.
      checkpoint.cut = nil
      return nil
    }
    logger.info(
      "a batch may have been sent before, and is sent again",
      metadata: ["first": "\(cut.first)", "last": "\(cut.last)"])
    return try collect(reader, isRepeated: true) { _ in true }
  }

  /// Takes fragments as long as `isTaken` says yes, or to the end of what is repeated.
  private func collect(
    _ reader: FragmentReader, isRepeated: Bool, _ isTaken: (FragmentRecord) -> Bool
  ) throws -> Batch {
    var batch = Batch(
      range: FragmentRange(first: 0, last: 0), body: [], samples: 0,
      samplesThrough: checkpoint.samplesThrough, lostFull: 0, lostCorrupt: 0, isRepeated: isRepeated)
    var bodies: [[UInt8]] = []
    while let found = try reader.peek() {
      if isRepeated, let cut = checkpoint.cut, found.sequence > cut.last { break }
      let gap = reader.lastGap
      guard isTaken(found.record) else { break }
      let record = found.record
      let lost = record.samplesBefore - min(batch.samplesThrough, record.samplesBefore)
      if gap == .corrupt { batch.lostCorrupt += lost } else { batch.lostFull += lost }
      if bodies.isEmpty { batch.range.first = found.sequence }
      batch.range.last = found.sequence
      batch.samples += record.fragment.samples
      batch.samplesThrough = max(batch.samplesThrough, record.samplesThrough)
      bodies.append(record.fragment.body)
      reader.advance()
    }
    batch.body = try SnappyBlock.join(bodies)
    return batch
  }

  // MARK: - Sending

  private func deliver(_ batch: Batch) async throws {
    if batch.isRepeated, let letter = deadLetters.last,
      letter.first == batch.range.first, letter.last == batch.range.last
    {
      // Refused before the checkpoint could say so.
      return acknowledge(batch) { $0.refused += UInt64(batch.samples) }
    }
    var machine = DeliveryMachine(settings: endpoint.queue, isRepeated: batch.isRepeated)
    while true {
      try Task.checkCancellation()
      let version = version
      let outcome = try await send(batch, version, attempt: machine.attempts)
      switch machine.judge(outcome) {
      case .inVersion1(let words):
        note("does not understand remote write 2.0, and gets 1.0 for a day: \(words)")
        checkpoint.version1Since = clock.wall()
        checkpoint.speaksVersion2 = false
      case .delivered:
        if version == .version2 { checkpoint.speaksVersion2 = true }
        let now = clock.wall()
        status.update {
          $0.lastSuccess = now
          $0.lastError = nil
        }
        lastWords = nil
        return acknowledge(batch) { $0.delivered += UInt64(batch.samples) }
      case .presumedDelivered(let words):
        note("has it already: \(words)")
        return acknowledge(batch) { $0.presumedDelivered += UInt64(batch.samples) }
      case .refused(let code, let words):
        note("refused \(batch.samples) samples for good, HTTP status \(code): \(words)")
        try await untilDone { try deadLetters.append(letter(batch, code, words), body: batch.body) }
        acknowledge(batch) { $0.refused += UInt64(batch.samples) }
        try await untilDone { try settle() }
        // Who says no gets no more for a while, at the end either: what waits is better kept than refused.
        try await clock.sleep(.milliseconds(max(endpoint.queue.batchDeadline, 5_000)))
        return
      case .again(let after, let words):
        note(words)
        try await clock.sleep(.milliseconds(after))
      }
    }
  }

  /// In the version that the receiver understands, as far as one knows.
  private func send(_ batch: Batch, _ version: WriteProtocol, attempt: Int) async throws -> DeliveryOutcome {
    guard let body = version == .version1 ? batch.body : try? WriteRequest.version2(of: batch.body) else {
      return .notUnderstood(words: "the batch has no form in 2.0")
    }
    let result = await client.send(
      body, version, isKnown: version == .version1 || checkpoint.speaksVersion2, attempt: attempt,
      now: clock.wall())
    if case .failure = result.outcome { try Task.checkCancellation() }
    let unwritten = batch.samples - min(result.written ?? batch.samples, batch.samples)
    if unwritten > 0 { note("the receiver has not written \(unwritten) samples of a batch that it accepted") }
    status.update {
      $0.requests[result.outcome.kind, default: 0] += 1
      $0.sentBytes += UInt64(body.count)
      $0.unwritten += UInt64(unwritten)
      if attempt > 0 { $0.retries += 1 }
    }
    return result.outcome
  }

  private var version: WriteProtocol {
    guard endpoint.message == .version2 else { return .version1 }
    // Receivers are made better now and then.
    if let since = checkpoint.version1Since, clock.wall() - since < 86_400_000 { return .version1 }
    return .version2
  }

  // MARK: - Keeping account

  private func acknowledge(_ batch: Batch, _ count: (inout EndpointLedger) -> Void) {
    checkpoint.through = batch.range.last
    checkpoint.samplesThrough = batch.samplesThrough
    checkpoint.cut = nil
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
  private func settle() throws {
    if isAhead { try write() }
  }

  private func write() throws {
    try EndpointQueue.write(checkpoint, to: file)
    isAhead = false
    // Not before: a checkpoint may speak of nothing that is not there.
    queue.trim(through: checkpoint.through)
  }

  private func untilDone(_ body: () throws -> Void) async throws {
    while true {
      do {
        return try body()
      } catch {
        note("\(error)")
        try await clock.sleep(.milliseconds(endpoint.queue.longestPause))
      }
    }
  }

  private func letter(_ batch: Batch, _ status: Int, _ words: String) -> DeadLetter {
    let time = Date(timeIntervalSince1970: Double(clock.wall()) / 1000)
    return DeadLetter(
      time: time.ISO8601Format(), url: endpoint.shownURL, status: status, words: words,
      samples: batch.samples, first: batch.range.first, last: batch.range.last)
  }

  /// Shows an error, and logs it unless the last one was the same.
  private func note(_ words: String) {
    status.update { $0.lastError = words }
    guard words != lastWords else { return }
    lastWords = words
    logger.warning("\(words)", metadata: ["event.reason": "remote_write"])
  }
}
