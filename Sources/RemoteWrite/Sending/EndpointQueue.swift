import DurableQueue
import Foundation
import Synchronization
import TaskTiming

/// What waits for one endpoint, on the disk: fragments in a ``DurableQueue``, and the checkpoint.
///
/// Scrapes append from any task; one task, the sender's, reads, cuts and acknowledges.
final class EndpointQueue: Sendable {
  /// How much a queue may hold and how often it is forced to the disk.
  struct Options: Sendable {
    var maximumBytes = 4 << 30
    var segmentBytes = 16 << 20
    var fsyncInterval: UInt64 = 1_000_000_000
    /// How many damaged places opening looks behind for the newest fragment that can be read.
    var searchedFaults = 1_000
  }

  private struct Writing {
    var batch = RecordBatch()
    /// Samples enqueued since the queue was made.
    var samples: UInt64
    var failed: UInt64 = 0
    var lastError: String?
  }

  let directory: String
  private let queue: DurableQueue
  /// What may be on the disk when something is taken of those who can wait: the rest is for scrapes, which cannot.
  private let pushedBytes: Int
  private let writing: Mutex<Writing>
  /// Set when there is something new.
  let arrived = Signal()

  /// What opening found to be wrong, a sentence each.
  let faults: [String]
  /// The state of things when it was opened.
  let beginning: Checkpoint

  /// Opens or makes the queue.
  ///
  /// - Parameter file: where the checkpoint is; it is the sender's from then on.
  init(directory: String, options: Options, file: CheckpointFile) throws {
    self.directory = directory
    pushedBytes = options.maximumBytes / 4 * 3
    queue = try DurableQueue.open(
      directory: directory,
      options: DurableQueueOptions(
        segmentBytes: options.segmentBytes, maximumBytes: options.maximumBytes, whenFull: .dropOldest,
        fsync: .interval(nanoseconds: options.fsyncInterval), keepsSpare: true))
    var faults = queue.openReport.faultLines
    let next = queue.statistics.nextSequence
    var checkpoint = Checkpoint()
    if let bytes = file.read() {
      if let read = try? JSONDecoder().decode(Checkpoint.self, from: Data(bytes)) {
        checkpoint = read
      } else {
        faults.append("the checkpoint cannot be read; what is in the queue is sent again")
      }
    }
    let enqueued = try Self.samplesEnqueued(queue, faults: options.searchedFaults)
    if checkpoint == Checkpoint(), let first = try Self.firstRecord(queue), first.samplesBefore > 0 {
      // What came before was told by a checkpoint that is gone.
      checkpoint.samplesThrough = first.samplesBefore
      checkpoint.ledger.forgotten = first.samplesBefore
    }
    if checkpoint.through >= next {
      // A loss of power took fragments that were done with. Their numbers come again.
      faults.append("the checkpoint is at \(checkpoint.through), and the queue ends at \(next - 1)")
      checkpoint.through = next - 1
      checkpoint.cut = nil
      try Self.write(checkpoint, to: file)
    }
    if let cut = checkpoint.cut, cut.first >= next {
      checkpoint.cut = nil
    } else if let cut = checkpoint.cut, cut.last >= next {
      checkpoint.cut = FragmentRange(first: cut.first, last: next - 1)
    }
    writing = Mutex(Writing(samples: max(enqueued ?? 0, checkpoint.samplesThrough)))
    beginning = checkpoint
    self.faults = faults
  }

  static func write(_ checkpoint: Checkpoint, to file: CheckpointFile) throws {
    try file.write(checkpoint.json)
  }

  /// What the newest fragment that can be read says; nil where there is none, or `faults` are met on the way to it.
  ///
  /// Nearly always it is the last one. Where that is damaged, twice as many are read each time, from further back.
  private static func samplesEnqueued(_ queue: DurableQueue, faults most: Int) throws -> UInt64? {
    let (first, next) = (queue.statistics.firstSequence, queue.statistics.nextSequence)
    var (end, count, faults): (UInt64, UInt64, Int) = (next, 1, 0)
    while end > first, faults <= most {
      let start = max(first, end - min(end, count))
      let reader = try queue.makeReader(from: start)
      var newest: UInt64?
      while reader.nextSequence < end, faults <= most {
        do {
          let left = Int(min(end - reader.nextSequence, 1_024))
          let count = try reader.next(maximumRecords: left, maximumBytes: 1 << 20) { _, payload in
            if let record = FragmentRecord(payload) { newest = record.samplesThrough }
          }
          if count == 0 { break }
        } catch {
          faults += 1
          try reader.skipFault()
        }
      }
      if let newest { return newest }
      (end, count) = (start, count * 2)
    }
    return nil
  }

  private static func firstRecord(_ queue: DurableQueue) throws -> FragmentRecord? {
    let reader = FragmentReader(try queue.makeReader(from: queue.statistics.firstSequence))
    return try reader.peek()?.record
  }

  // MARK: - Writing

  /// Appends all fragments of a scrape, or none.
  ///
  /// - Parameter time: milliseconds since the epoch.
  /// - Returns: whether the disk took them.
  func append(_ fragments: [Fragment], time: Int64) -> Bool {
    guard !fragments.isEmpty else { return true }
    let isTaken = writing.withLock { writing -> Bool in
      writing.batch.removeAll()
      var samples = writing.samples
      for fragment in fragments {
        let record = FragmentRecord(fragment: fragment, samplesBefore: samples, time: time)
        record.header.withUnsafeBytes { header in
          fragment.body.withUnsafeBytes { writing.batch.append(header: header, payload: $0) }
        }
        samples = record.samplesThrough
      }
      do {
        try queue.append(writing.batch)
        writing.samples = samples
        return true
      } catch {
        writing.failed += UInt64(fragments.reduce(0) { $0 + $1.samples })
        writing.lastError = "\(error)"
        return false
      }
    }
    arrived.set()
    return isTaken
  }

  /// What a queue says to those who can wait.
  enum Room: Equatable {
    case enough
    /// For now.
    case full
    /// It is more than the queue ever takes at once, in bytes.
    case never(most: Int)
  }

  /// Whether all these fragments can be appended without anything else being dropped for them.
  func room(for fragments: [Fragment]) -> Room {
    guard !fragments.isEmpty else { return .enough }
    let bytes = fragments.reduce(0) { $0 + $1.body.count + FragmentRecord.headerBytes + Self.frameBytes }
    guard bytes <= pushedBytes / 2 else { return .never(most: pushedBytes / 2) }
    return queue.hasRoom(for: bytes, within: pushedBytes) ? .enough : .full
  }

  /// Beside each record.
  private static let frameBytes = 20

  /// Samples enqueued since the queue was made, those that the disk did not take since it was opened, and its last words on it.
  var counts: (enqueued: UInt64, failed: UInt64, lastError: String?) {
    writing.withLock { ($0.samples, $0.failed, $0.lastError) }
  }

  /// What it takes on disk.
  var byteCount: Int { queue.statistics.bytes }

  /// Forces to the disk what was appended, where the interval has passed.
  ///
  /// - Parameter now: nanoseconds of a monotonic clock.
  func synchronizeIfDue(now: UInt64) throws { try queue.synchronizeIfDue(now: now) }

  // MARK: - Reading

  /// A reader behind what is done with.
  func makeReader(behind sequence: UInt64) throws -> FragmentReader {
    let first = queue.statistics.firstSequence
    return FragmentReader(try queue.makeReader(from: max(sequence + 1, first)))
  }

  /// Forces to the disk what was appended before the call.
  func synchronize() throws { try queue.synchronize() }

  /// Forces to the disk what was appended up to `sequence`.
  func synchronize(through sequence: UInt64) throws {
    if queue.durableThrough < sequence { try queue.synchronize() }
  }

  func trim(through sequence: UInt64) { try? queue.trim(through: sequence) }

  func close() {
    queue.close()
  }
}

/// Reads fragments in their order, one ahead.
final class FragmentReader {
  struct Found {
    var sequence: UInt64
    var record: FragmentRecord
  }

  private let reader: DurableQueueReader
  private var ahead: Found?
  /// Whether a gap was met that was trimmed away, or damage, since this was asked last.
  private(set) var lastGap: Gap?

  enum Gap { case full, corrupt }

  init(_ reader: DurableQueueReader) { self.reader = reader }

  /// The next fragment, which stays the next one; nil at the end for now.
  func peek() throws -> Found? {
    while ahead == nil {
      do {
        let count = try reader.next(maximumRecords: 1, maximumBytes: 1) { sequence, payload in
          if let record = FragmentRecord(payload) {
            ahead = Found(sequence: sequence, record: record)
          } else {
            lastGap = .corrupt
          }
        }
        if count == 0 { return nil }
      } catch DurableQueueError.missingRecords {
        if lastGap == nil { lastGap = .full }
        try reader.skipFault()
      } catch DurableQueueError.corruptRecord {
        lastGap = .corrupt
        try reader.skipFault()
      }
    }
    return ahead
  }

  func advance() {
    ahead = nil
    lastGap = nil
  }
}
