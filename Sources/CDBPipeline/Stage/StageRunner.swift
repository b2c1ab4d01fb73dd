import CDBDomain

/// What the runtime notes while a stage works. Everything is on, everywhere but in a benchmark that
/// measures what it costs.
public struct Instrumentation: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let metrics = Instrumentation(rawValue: 1)
  public static let logs = Instrumentation(rawValue: 2)
  public static let ledger = Instrumentation(rawValue: 4)
  public static let all: Instrumentation = [.metrics, .logs, .ledger]
}

/// Runs one stage's values over their input and keeps the books: the synchronous heart of every stage's
/// task. It knows nothing of tasks and mailboxes.
struct StageRunner<S: Stage> {
  /// One value per partition, or a single one.
  private(set) var stages: [S]
  private(set) var outbox: Outbox
  private var tally = NodeLedger()
  private let output: StreamName?
  private let monitor: StageMonitor
  private let observer: StageObserver
  private let counts: Bool
  let clock: PipelineClock

  private var startCPU: UInt64 = 0
  private var startTime: UInt64 = 0
  private var ingestedAt: UInt64 = 0
  private var feedDelay: Int64 = 0
  private var processed = 0

  init(
    snapshot: StageSnapshot<S>, output: StreamName?, monitor: StageMonitor, observer: StageObserver,
    instrumentation: Instrumentation, clock: PipelineClock = .process
  ) {
    self.clock = clock
    stages = snapshot.stages
    outbox = Outbox(producer: S.name, sequences: snapshot.emitted, feedback: snapshot.emittedFeedback)
    self.output = output
    self.monitor = monitor
    self.observer = observer
    counts = instrumentation.contains(.ledger)
    monitor.restore(snapshot.ledger)
  }

  /// Starts the clocks of a run over one or more batches.
  mutating func begin(backlog: Int) {
    startTime = clock.monotonic()
    startCPU = ProcessClock.threadCPU()
    monitor.began(now: startTime, backlog: backlog)
  }

  mutating func note(ingestedAt: UInt64, feedDelay: Int64) {
    self.ingestedAt = max(self.ingestedAt, ingestedAt)
    self.feedDelay = feedDelay
  }

  mutating func redelivered(_ count: Int) { tally.redeliveries &+= UInt64(count) }

  @inline(__always)
  private mutating func account(for disposition: Disposition, kind: EventKind?) {
    processed &+= 1
    guard counts else { return }
    tally.received &+= 1
    if let kind { tally.receivedByKind[kind] &+= 1 }
    switch disposition {
    case .acted: tally.acted &+= 1
    case .absorbed(let reason): tally.absorbed[reason] &+= 1
    case .dropped(let reason): tally.dropped[reason] &+= 1
    }
  }

  /// Lets event time come to `time`.
  mutating func advance(to time: EventTime) {
    stages[0].advance(to: time, &outbox)
  }

  /// Ends a run: books what was counted, and says what was notable.
  mutating func finish(inFlight: Int) {
    let now = clock.monotonic()
    let cpu = ProcessClock.threadCPU()
    monitor.finished(
      takeTally(), at: now, wall: clock.wall().nanoseconds, time: outbox.time,
      inFlight: UInt64(inFlight), cpu: cpu &- min(cpu, startCPU))
    if processed > 0 {
      // A delay by hostile clocks may be as long as there is: an age stays at the longest instead of wrapping.
      let age = EventTime(nanoseconds: feedDelay).advanced(by: Int64(clamping: now &- min(now, ingestedAt)))
      observer.worked(
        events: processed, nanoseconds: now &- startTime, age: age.nanoseconds, origin: outbox.origin)
    }
    if !outbox.notable.isEmpty {
      for envelope in outbox.notable { observer.emitted(envelope) }
      outbox.notable.removeAll(keepingCapacity: true)
    }
    processed = 0
    startTime = now
    startCPU = cpu
  }

  private mutating func takeTally() -> NodeLedger {
    if counts { tally.emittedByKind = outbox.emitted }
    let taken = tally
    outbox.emitted.reset()
    tally.reset()
    return taken
  }

  /// What a lane has emitted since the last call, as a batch; nil where nothing was and nothing marks it.
  mutating func takeBatch(lane: Int, watermark: EventTime, marker: Marker?, evenIfEmpty: Bool) -> Batch? {
    guard let output else { return nil }
    let (first, envelopes) = outbox.takeLane(lane)
    guard !envelopes.isEmpty || marker != nil || evenIfEmpty else { return nil }
    return Batch(
      stream: output, partition: UInt16(lane), firstSequence: first, envelopes: envelopes,
      watermark: watermark, marker: marker, ingestedAt: ingestedAt, feedDelay: feedDelay)
  }

  mutating func takeFeedback(watermark: EventTime) -> Batch {
    let (first, envelopes) = outbox.takeFeedback()
    return Batch(
      stream: .feedback, partition: 0, firstSequence: first, envelopes: envelopes, watermark: watermark,
      marker: nil, ingestedAt: ingestedAt, feedDelay: feedDelay)
  }

  /// The stage's snapshot and its cut, for a barrier that everything before has passed.
  ///
  /// - Parameter partitions: those that the stage has here; nil for all.
  func cut(
    barrier: UInt64, watermark: EventTime, accepted: [StreamName: [UInt64]],
    feedbackOutput: Bool = false, undelivered: [Envelope] = [], partitions: [UInt16]? = nil
  ) throws -> StageCheckpoint {
    let ledger = monitor.ledger
    let emitted = outbox.lanes.map(\.sequence)
    var out: [StreamName: [UInt64]] = [:]
    if let output { out[output] = emitted }
    var underway: [StreamName: UInt64] = [:]
    if feedbackOutput {
      out[.feedback] = [outbox.feedback.sequence]
      underway[.feedback] = UInt64(undelivered.count)
    }
    monitor.passedBarrier(wall: clock.wall().nanoseconds)
    let snapshot = StageSnapshot(
      stages: stages, ledger: ledger, accepted: accepted, emitted: emitted,
      emittedFeedback: outbox.feedback.sequence, undelivered: undelivered, watermark: watermark)
    return StageCheckpoint(
      cut: StageCut(
        stage: S.name, barrier: barrier, ledger: ledger, inFlight: 0, accepted: accepted, emitted: out,
        underway: underway, partitions: partitions),
      snapshot: try snapshot.encoded())
  }
}

extension StageRunner where S.Input == Event {
  /// Runs one event.
  @inline(__always)
  mutating func step(_ envelope: Envelope, partition: UInt16) {
    outbox.time = envelope.time
    outbox.origin = envelope.origin
    outbox.partition = partition
    let index = stages.count == 1 ? 0 : Int(partition)
    let disposition = stages[index].handle(envelope.event, &outbox)
    account(for: disposition, kind: envelope.event.kind)
  }

  /// Runs a batch but for its first events, which were accepted before.
  mutating func run(_ batch: Batch, skipping: Int) {
    redelivered(skipping)
    note(ingestedAt: batch.ingestedAt, feedDelay: batch.feedDelay)
    for index in skipping..<batch.envelopes.count { step(batch.envelopes[index], partition: batch.partition) }
  }
}

extension StageRunner where S: FeedbackStage {
  mutating func awaitsAnswer(after known: EventTime) -> EventTime? { stages[0].awaitsAnswer(after: known) }
  var smallestFeedbackLatency: Int64 { stages[0].smallestFeedbackLatency }
}

extension StageRunner where S == FeedStage {
  /// Runs journaled inputs.
  mutating func run(_ batch: IngestBatch) {
    batch.bytes.withUnsafeBytes { bytes in
      for (index, record) in batch.records.enumerated() {
        outbox.time = record.time
        outbox.origin = batch.firstSequence &+ UInt64(index)
        outbox.partition = 0
        let disposition = stages[0].handle(
          IngestInput(
            kind: record.kind, source: record.source,
            payload: UnsafeRawBufferPointer(rebasing: bytes[record.offset..<record.offset + record.count])),
          &outbox)
        account(for: disposition, kind: nil)
      }
    }
    note(ingestedAt: batch.ingestedAt, feedDelay: stages[0].feedDelay)
  }
}
