/// What a producer knows of one partition of its edge: what it made, what of it the stream has, and what it keeps to be
/// sent again. A value without I/O.
///
/// An entry is kept until a consumer's durable snapshot covers it, or until there is too much; then the oldest go first.
/// What is not in the stream yet is kept whatever it takes: it is bounded by the producer's waiting.
struct EdgeLane: Sendable {
  struct Entry: Sendable, Equatable {
    var id: EntryID
    /// The number of the first event; above the id's sequence where there is none.
    var first: UInt64
    var bytes: [UInt8]
  }

  let stream: StreamName
  let partition: UInt16
  /// In the order of their ids; those before `head` were let go.
  private var entries: [Entry] = []
  private var head = 0
  /// Entries from here on were not handed to the server since the last ``resume(after:)``.
  private var unsent = 0
  /// Entries from here on are not confirmed; never beyond `unsent`.
  private var unconfirmed = 0
  private(set) var keptBytes = 0
  /// Of entries that the server may not have yet, bytes.
  private(set) var pendingBytes = 0
  /// The id that the stream ends with once everything that was handed over is taken.
  private(set) var sentTail: EntryID
  /// The newest id that the server has confirmed.
  private(set) var confirmed: EntryID
  /// The number of the last event that was made.
  private(set) var made: UInt64
  private var lastPart: UInt64 = 0
  /// The number of the last event that the consumer's durable snapshot covers.
  private(set) var covered: UInt64
  /// How many entries were sent again because the server had lost them.
  private(set) var refilled = 0
  private let maximumKeptBytes: Int

  /// - Parameters:
  ///   - made: the number of the last event before this producer's first, from its snapshot.
  ///   - covered: what the consumer's durable snapshot is known to cover.
  init(stream: StreamName, partition: UInt16, made: UInt64, covered: UInt64, maximumKeptBytes: Int) {
    self.stream = stream
    self.partition = partition
    self.made = made
    self.covered = covered
    self.maximumKeptBytes = maximumKeptBytes
    sentTail = .zero
    confirmed = .zero
  }

  /// The id of the next batch.
  ///
  /// - Parameter wall: the time, milliseconds since the epoch, for a batch without events.
  mutating func nextID(first: UInt64, events: Int, wall: UInt64) throws(SequenceGap) -> EntryID {
    guard first == made + 1 else {
      throw SequenceGap(stream: stream, partition: partition, expected: made + 1, found: first)
    }
    guard events == 0 else { return EntryID(sequence: made + UInt64(events)) }
    let taken = max(lastPart, sentTail.sequence == made ? sentTail.part : 0)
    return EntryID(sequence: made, part: max(taken + 1, wall))
  }

  /// Adds a batch behind all others. What the stream has already, from this producer's earlier life, is not sent: the
  /// same number is the same event.
  mutating func append(_ id: EntryID, first: UInt64, bytes: [UInt8]) {
    entries.append(Entry(id: id, first: first, bytes: bytes))
    made = id.sequence
    lastPart = id.part
    keptBytes += bytes.count
    if id <= confirmed, unconfirmed == entries.count - 1 {
      unsent += 1
      unconfirmed += 1
    } else {
      pendingBytes += bytes.count
    }
    shed()
  }

  /// The next entries to be handed over, at most about as many bytes, with the id that they follow on.
  mutating func takeUnsent(maximumBytes: Int) -> (previous: EntryID, entries: ArraySlice<Entry>)? {
    guard unsent < entries.count else { return nil }
    var end = unsent
    var bytes = 0
    while end < entries.count, end == unsent || bytes + entries[end].bytes.count <= maximumBytes {
      bytes += entries[end].bytes.count
      end += 1
    }
    let taken = entries[unsent..<end]
    let previous = sentTail
    sentTail = entries[end - 1].id
    unsent = end
    return (previous, taken)
  }

  /// The server has everything up to an id.
  mutating func confirm(_ id: EntryID) {
    guard id > confirmed else { return }
    while unconfirmed < unsent, entries[unconfirmed].id <= id {
      pendingBytes -= entries[unconfirmed].bytes.count
      unconfirmed += 1
    }
    confirmed = id
    shed()
  }

  /// A consumer's durable snapshot covers everything up to that event.
  mutating func cover(_ sequence: UInt64) {
    covered = max(covered, sequence)
    shed()
  }

  /// Lets go of the oldest entries that the stream has: those that nobody needs, and where there is too much, others.
  private mutating func shed() {
    // The newest stays: it may be all that tells how far time has come.
    while head < min(unconfirmed, entries.count - 1),
      entries[head].id.sequence <= covered || keptBytes > maximumKeptBytes
    {
      keptBytes -= entries[head].bytes.count
      entries[head].bytes = []
      head += 1
    }
    // In portions: each removal moves all that stay.
    guard head > entries.count / 2 else { return }
    entries.removeFirst(head)
    unsent -= head
    unconfirmed -= head
    head = 0
  }

  /// What is kept.
  var kept: ArraySlice<Entry> { entries[head...] }

  /// What has still to be handed over.
  var toSend: ArraySlice<Entry> { entries[unsent...] }

  /// Finds what to send on from where the stream ends, which the server was asked for: everything behind it that is
  /// kept goes out again.
  ///
  /// - Parameter last: the stream's last id; ``EntryID/zero`` where there is no stream.
  /// - Throws: ``EdgeLoss`` where events between the stream's end and what is kept are missing.
  mutating func resume(after last: EntryID) throws(EdgeLoss) {
    let next = kept.firstIndex { $0.id > last } ?? entries.count
    // The first event that is kept behind the stream's end; what comes next where nothing is.
    let available = next < entries.count ? entries[next].first : made + 1
    // What a consumer's snapshot covers nobody asks for any more.
    let needed = max(last.sequence, covered) + 1
    guard available <= needed else {
      throw EdgeLoss(
        stream: stream, partition: partition, cause: last == .zero ? .vanished : .tailLost,
        missing: needed...(available - 1))
    }
    refilled += max(0, unconfirmed - next)
    unsent = next
    unconfirmed = next
    sentTail = last
    confirmed = last
    pendingBytes = entries[next...].reduce(0) { $0 + $1.bytes.count }
  }
}
