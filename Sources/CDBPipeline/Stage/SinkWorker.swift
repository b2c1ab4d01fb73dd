import CDBDomain
import OpenMetrics

/// db_writer: takes the order path in and says what a commit holds. It knows neither the store nor the journal.
struct SinkWorker: Sendable {
  private(set) var runner: StageRunner<DBWriterStage>
  private var acceptance = GaplessAcceptance()
  /// What was taken in and is not committed.
  private(set) var rows: [Envelope] = []
  private var origin: UInt64
  private let age: Histogram?
  /// Of ``rows``, batch by batch, how many there are and when what they follow from was taken in.
  private var arrivals: [(rows: Int, ingestedAt: UInt64)] = []

  init(_ runner: StageRunner<DBWriterStage>, position: SinkPosition, age: Histogram?) {
    self.runner = runner
    self.age = age
    acceptance.restore(position.sequence, partition: 0)
    origin = position.origin
  }

  /// Takes batches in; returns the last one if it ends with a marker. execution sends a marker as the last
  /// batch of a group, so none is passed over.
  ///
  /// - Throws: ``SequenceGap`` where events are missing.
  mutating func take(_ group: [Batch], backlog: Int) throws -> Batch? {
    runner.begin(backlog: backlog)
    for batch in group {
      let skipping = try acceptance.accept(batch)
      runner.run(batch, skipping: skipping)
      let before = rows.count
      for envelope in batch.envelopes[skipping...] where envelope.event.kind != .tick {
        rows.append(envelope)
      }
      if rows.count > before { arrivals.append((rows.count - before, batch.ingestedAt)) }
    }
    runner.finish(inFlight: rows.count)
    return group.last?.marker == nil ? nil : group.last
  }

  /// Where a commit of ``rows`` brings the sink to.
  mutating func position(_ ledger: NodeLedger) -> SinkPosition {
    origin = rows.reduce(origin) { max($0, $1.origin) }
    return SinkPosition(sequence: acceptance.position(of: 0), ledger: ledger, origin: origin)
  }

  /// The rows are in the store.
  ///
  /// - Parameter now: on the monotonic clock, nanoseconds.
  mutating func committed(at now: UInt64) {
    for arrival in arrivals where now >= arrival.ingestedAt {
      age?.observe(Double(now - arrival.ingestedAt) / 1e9, count: UInt64(arrival.rows))
    }
    arrivals.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
  }

  /// The cut of a barrier that a batch ended with; nil for the end. While the journal is worked off again, the store
  /// may be ahead: of what it has accepted, the cut is what came before this barrier.
  mutating func cut(_ marked: Batch) throws -> StageCheckpoint? {
    guard case .barrier(let number) = marked.marker else { return nil }
    return try runner.cut(
      barrier: number, watermark: .distantPast,
      accepted: [.orderResults: [min(marked.lastSequence, acceptance.position(of: 0))]])
  }
}
