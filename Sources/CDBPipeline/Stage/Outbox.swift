import CDBDomain

/// Takes what a stage emits, and numbers it.
public struct Outbox: Sendable {
  struct Lane: Sendable {
    /// The number of the last event emitted.
    var sequence: UInt64
    /// The number of the first event in `envelopes`.
    var first: UInt64
    var envelopes: [Envelope] = []
  }

  let producer: StageName
  var lanes: [Lane]
  var feedback: Lane
  /// Events of the order path among what was emitted, for logs and tallies: they are few.
  var notable: [Envelope] = []
  var emitted = KindCounts()

  /// The time of the event that is being handled.
  public internal(set) var time = EventTime.distantPast
  /// The journal record that caused it.
  public internal(set) var origin: UInt64 = 0
  /// The partition it belongs to.
  public internal(set) var partition: UInt16 = 0

  init(producer: StageName, sequences: [UInt64], feedback: UInt64) {
    self.producer = producer
    lanes = sequences.map { Lane(sequence: $0, first: $0 + 1) }
    self.feedback = Lane(sequence: feedback, first: feedback + 1)
  }

  public var partitions: Int { lanes.count }

  /// The identity of the next event emitted into the partition of the event being handled.
  public var nextID: EventID {
    EventID(producer: producer, partition: outPartition, sequence: lanes[Int(outPartition)].sequence + 1)
  }

  /// Where events of this partition go: a stage with a single output has a single lane.
  private var outPartition: UInt16 { lanes.count == 1 ? 0 : partition }

  /// Emits an event at the time, and with the cause, of the one that is being handled.
  @inline(__always)
  public mutating func emit(_ event: Event) {
    append(Envelope(time: time, origin: origin, event: event), to: Int(outPartition))
  }

  /// Emits into another partition.
  @inline(__always)
  public mutating func emit(_ event: Event, into partition: UInt16) {
    append(Envelope(time: time, origin: origin, event: event), to: Int(partition))
  }

  /// Emits the event into every partition.
  public mutating func broadcast(_ event: Event) {
    for lane in lanes.indices { append(Envelope(time: time, origin: origin, event: event), to: lane) }
  }

  /// Emits an event that has its own time and cause, such as the result of an order that was submitted
  /// earlier, and sends it back on the feedback edge too.
  public mutating func emitResult(_ event: Event, at time: EventTime, origin: UInt64) {
    let envelope = Envelope(time: time, origin: origin, event: event)
    append(envelope, to: 0)
    feedback.sequence += 1
    feedback.envelopes.append(envelope)
  }

  @inline(__always)
  private mutating func append(_ envelope: Envelope, to lane: Int) {
    let kind = envelope.event.kind
    emitted[kind] &+= 1
    lanes[lane].sequence &+= 1
    lanes[lane].envelopes.append(envelope)
    if kind.rawValue >= EventKind.signal.rawValue, isOwn(envelope.event, lane: lane) {
      notable.append(envelope)
    }
  }

  /// Whether the event was made here, not passed on. Controls are the feed's, one copy of each.
  private func isOwn(_ event: Event, lane: Int) -> Bool {
    switch event {
    case .signal(let signal): signal.id.producer == producer
    case .decision(let decision): decision.id.producer == producer
    case .order(let order): order.id.producer == producer
    case .result(let result): result.id.producer == producer
    case .alert(let alert): alert.id.producer == producer
    case .cancel(let request): request.id.producer == producer
    case .control: producer == .ws && lane == 0
    case .trade, .quote, .book, .kline, .tick, .summary: false
    }
  }

  /// Takes what was emitted into a partition since the last call.
  mutating func takeLane(_ lane: Int) -> (first: UInt64, envelopes: [Envelope]) {
    let first = lanes[lane].first
    let envelopes = lanes[lane].envelopes
    lanes[lane].first = lanes[lane].sequence + 1
    lanes[lane].envelopes = []
    if !envelopes.isEmpty { lanes[lane].envelopes.reserveCapacity(envelopes.count) }
    return (first, envelopes)
  }

  mutating func takeFeedback() -> (first: UInt64, envelopes: [Envelope]) {
    defer {
      feedback.first = feedback.sequence + 1
      feedback.envelopes = []
    }
    return (feedback.first, feedback.envelopes)
  }
}
