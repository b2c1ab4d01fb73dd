import Synchronization

/// What the writer has published: readers and statistics look here and never wait for the disk.
final class SegmentCatalog: SegmentSource {
  struct Entry: Sendable, Equatable {
    var firstSequence: UInt64
    var bytes: Int
  }

  /// A value, so that every reader sees one consistent moment.
  struct State: Sendable {
    /// Ascending; the last one is being written. Never empty.
    var entries: [Entry]
    var nextSequence: UInt64
    var bytes: Int
    var appended: UInt64 = 0
    var dropped = DurableQueueStatistics.Dropped()
    var fsyncs: UInt64 = 0
    var lastFsyncNanoseconds: UInt64 = 0

    init(entries: [Entry], nextSequence: UInt64) {
      self.entries = entries
      self.nextSequence = nextSequence
      bytes = entries.reduce(0) { $0 + $1.bytes }
    }

    mutating func grow(byRecords records: Int, bytes added: Int) {
      entries[entries.count - 1].bytes += added
      bytes += added
      nextSequence += UInt64(records)
      appended += UInt64(records)
    }

    mutating func add(_ entry: Entry) {
      entries.append(entry)
      bytes += entry.bytes
    }

    mutating func removeOldest() {
      bytes -= entries.removeFirst().bytes
    }

    /// How many records the oldest segment stands for.
    var oldestRecords: UInt64 {
      (entries.count > 1 ? entries[1].firstSequence : nextSequence) - entries[0].firstSequence
    }

    /// The place of the last entry that begins at or before `sequence`.
    func index(holding sequence: UInt64) -> Int? {
      var (low, high) = (0, entries.count)
      while low < high {
        let middle = (low + high) / 2
        if entries[middle].firstSequence <= sequence { low = middle + 1 } else { high = middle }
      }
      return low == 0 ? nil : low - 1
    }

    func view(at index: Int) -> SegmentView {
      SegmentView(
        firstSequence: entries[index].firstSequence, limit: entries[index].bytes,
        successor: index + 1 < entries.count ? entries[index + 1].firstSequence : nil,
        nextSequence: nextSequence)
    }
  }

  let directory: QueueDirectory
  private let state: Mutex<State>

  init(directory: QueueDirectory, state: State) {
    self.directory = directory
    self.state = Mutex(state)
  }

  func read<Value: Sendable>(_ body: (State) -> Value) -> Value { state.withLock { body($0) } }

  func update(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  func segment(holding sequence: UInt64) -> SegmentView? {
    read { $0.view(at: $0.index(holding: sequence) ?? 0) }
  }

  func view(of firstSequence: UInt64) -> SegmentView {
    read { state in
      if let index = state.index(holding: firstSequence), state.entries[index].firstSequence == firstSequence
      {
        return state.view(at: index)
      }
      // Trimmed under the reader's feet: its file is final, and the reader still has it open.
      return SegmentView(
        firstSequence: firstSequence, limit: nil,
        successor: state.entries.first { $0.firstSequence > firstSequence }?.firstSequence,
        nextSequence: state.nextSequence)
    }
  }

  var statistics: DurableQueueStatistics {
    read { state in
      var statistics = DurableQueueStatistics()
      statistics.bytes = state.bytes
      statistics.segments = state.entries.count
      statistics.firstSequence = state.entries[0].firstSequence
      statistics.nextSequence = state.nextSequence
      statistics.appended = state.appended
      statistics.dropped = state.dropped
      statistics.fsyncs = state.fsyncs
      statistics.lastFsyncNanoseconds = state.lastFsyncNanoseconds
      return statistics
    }
  }
}
