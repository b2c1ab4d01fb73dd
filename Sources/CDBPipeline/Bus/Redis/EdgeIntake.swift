import RedisTransport

/// What a consumer knows of one partition of its edge: how far it has read, and what an entry must be to come next. A
/// value without I/O.
struct EdgeIntake: Sendable {
  let stream: StreamName
  let partition: UInt16
  let key: String
  /// The id behind which to read on.
  private(set) var position: EntryID
  /// The number of the last event that was read.
  private(set) var read: UInt64
  /// Where it began.
  let start: UInt64
  private var barrier: UInt64
  /// Where the barriers stand that no snapshot covers yet.
  private var marks: [UInt64: EntryID] = [:]
  /// The stream was not there although it must have been.
  var hasVanished = false

  init(stream: StreamName, start: EdgeStart, key: String) {
    self.stream = stream
    partition = start.partition
    self.key = key
    read = start.sequence
    self.start = start.sequence
    barrier = start.barrier
    // Batches without events stand behind the event before them, and may be new.
    position = EntryID(sequence: start.sequence)
  }

  /// Reads an entry.
  ///
  /// - Returns: its batch, and the events that are missing before it, if any are.
  /// - Throws: ``ForeignEntry`` where it is none of this edge.
  mutating func take(
    _ entry: RedisValue, times: PipelineClock
  ) throws(ForeignEntry) -> (batch: Batch, missing: ClosedRange<UInt64>?) {
    guard let parts = entry.array, parts.count == 2, let text = parts[0].text, let id = EntryID(text) else {
      throw ForeignEntry(key: key, id: "?", problem: "not an entry")
    }
    func foreign(_ problem: String) -> ForeignEntry { ForeignEntry(key: key, id: text, problem: problem) }
    guard let fields = parts[1].array, fields.count == 2, fields[0].text == "b", let bytes = fields[1].bytes
    else {
      throw foreign("it has other fields than the pipeline's")
    }
    var batch: Batch
    do throws(BatchCodingError) {
      let buffer = bytes.withUnsafeBytes { bytes in
        Result { () throws(BatchCodingError) in try BatchCoding.decode(bytes, clock: times) }
      }
      batch = try buffer.get()
    } catch {
      throw foreign("\(error)")
    }
    guard batch.stream == stream, batch.partition == partition else {
      throw foreign("it is of edge \(batch.stream.rawValue), partition \(batch.partition)")
    }
    guard id.sequence == batch.lastSequence, (id.part == 0) == !batch.envelopes.isEmpty || id.sequence == 0,
      id > position
    else { throw foreign("its id does not fit the events \(batch.firstSequence) to \(batch.lastSequence)") }
    if batch.firstSequence > read + 1 { return (batch, (read + 1)...(batch.firstSequence - 1)) }
    position = id
    read = max(read, batch.lastSequence)
    if case .barrier(let number) = batch.marker {
      // A barrier passes once, however often its producer began anew.
      if number <= barrier { batch.marker = nil } else { barrier = number }
      if batch.marker != nil { marks[number] = id }
    }
    return (batch, nil)
  }

  /// The first entry that is needed once a durable snapshot has everything up to an event: of those without events, which
  /// have no number of their own, the one that stands at the snapshot's barrier, or the newest where the edge has no barriers.
  mutating func firstNeeded(after sequence: UInt64, barrier: UInt64?) -> EntryID {
    // Behind the last event stand batches without events, which a restart reads again.
    let behind = EntryID(sequence: sequence, part: 1)
    guard let barrier else { return position.sequence == sequence ? max(behind, position) : behind }
    let mark = marks[barrier]
    marks = marks.filter { $0.key > barrier }
    return mark.map { max($0, behind) } ?? behind
  }
}
