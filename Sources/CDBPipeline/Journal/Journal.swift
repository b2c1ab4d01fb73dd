import CDBDomain
import DurableQueue
import Synchronization

/// A record of the journal that is not one.
public enum JournalError: Error, Sendable, CustomStringConvertible {
  case malformedRecord(sequence: UInt64, String)
  /// A record that is needed cannot be read; what it held is lost.
  case damaged(String)
  /// The first record that is needed is gone, and no snapshot covers it.
  case startMissing(needed: UInt64, first: UInt64)

  public var description: String {
    switch self {
    case .malformedRecord(let sequence, let reason): "journal record \(sequence): \(reason)"
    case .damaged(let fault):
      "the journal is damaged where it is needed: \(fault); keep the directory for an inspection and go on with "
        + "another --data-dir"
    case .startMissing(let needed, let first):
      "the journal begins at record \(first), and no snapshot covers records \(needed) to \(first - 1)"
    }
  }
}

/// Everything that came from outside, in order, on disk before anything acts on it.
///
/// It is the pipeline's only input that is not determined by anything else: with it, all that follows can
/// be computed again, to the bit. A record is its kind (1 byte), source (2) and time (8, little-endian),
/// then the payload.
public final class Journal: JournalIdentity {
  static let headerBytes = 11
  public let queue: DurableQueue
  public let directory: String
  private let knownIdentity = Atomic<UInt64>(0)

  public init(directory: String, options: DurableQueueOptions) throws(DurableQueueError) {
    queue = try DurableQueue.open(directory: directory, options: options)
    self.directory = directory
  }

  /// The number of the last record; zero while there is none.
  public var lastSequence: UInt64 { queue.statistics.nextSequence - 1 }

  /// A number for this journal, the same for the same first record, so that a replay's traces are the
  /// original's; zero while the journal is empty. It outlives the first record: see ``adopt(identity:)``.
  public var identity: UInt64 {
    let known = knownIdentity.load(ordering: .relaxed)
    if known != 0 { return known }
    let computed = (try? computeIdentity()) ?? 0
    knownIdentity.store(computed, ordering: .relaxed)
    return computed
  }

  /// Takes over the identity that a checkpoint kept: the first record may have been trimmed since.
  func adopt(identity: UInt64) { knownIdentity.store(identity, ordering: .relaxed) }

  private func computeIdentity() throws -> UInt64 {
    guard lastSequence > 0 else { return 0 }
    let batch = try reader(from: queue.statistics.firstSequence).read(maximum: 1)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in batch.bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return hash ^ UInt64(bitPattern: batch.records.first?.time.nanoseconds ?? 0)
  }

  /// Appends a batch and gives it its numbers. It is in the operating system's hands when this returns:
  /// it survives the death of the process; it survives the machine's once ``synchronize()`` returned.
  public func append(_ batch: inout IngestBatch, using scratch: inout RecordBatch) throws(DurableQueueError) {
    guard !batch.isEmpty else { return }
    scratch.removeAll(keepingCapacity: true)
    batch.bytes.withUnsafeBytes { bytes in
      for record in batch.records {
        withUnsafeTemporaryAllocation(byteCount: Self.headerBytes, alignment: 8) { header in
          header[0] = record.kind.rawValue
          header.storeBytes(of: record.source.littleEndian, toByteOffset: 1, as: UInt16.self)
          header.storeBytes(of: record.time.nanoseconds.littleEndian, toByteOffset: 3, as: Int64.self)
          scratch.append(
            header: UnsafeRawBufferPointer(header),
            payload: UnsafeRawBufferPointer(rebasing: bytes[record.offset..<record.offset + record.count]))
        }
      }
    }
    batch.firstSequence = try queue.append(scratch).lowerBound
  }

  /// Forces what was appended to the disk.
  public func synchronize() throws(DurableQueueError) { try queue.synchronize() }

  /// Forces the records up to `sequence` to the disk, unless they are there already.
  public func synchronize(through sequence: UInt64) throws(DurableQueueError) {
    if queue.durableThrough < sequence { try queue.synchronize() }
  }

  /// Shortens it to about as many bytes, and not beyond what is covered.
  ///
  /// - Parameter covered: the last record that nobody will read again.
  func trim(upTo covered: UInt64, keeping retention: Int) throws(DurableQueueError) {
    let statistics = queue.statistics
    guard statistics.bytes > retention, statistics.nextSequence > statistics.firstSequence else { return }
    let excess = Double(statistics.bytes - retention) / Double(statistics.bytes)
    let records = Double(statistics.nextSequence - statistics.firstSequence)
    let target = statistics.firstSequence + UInt64(excess * records)
    try queue.trim(through: min(covered, target))
  }

  public func reader(from sequence: UInt64) throws -> JournalReader {
    JournalReader(try queue.makeReader(from: sequence))
  }
}

/// Reads a journal's records in batches. Not shared between tasks.
public final class JournalReader {
  private let reader: DurableQueueReader
  private static let maximumBatchBytes = 4 << 20

  public init(_ reader: DurableQueueReader) { self.reader = reader }

  /// What lies behind the last whole record, once ``read(maximum:)`` came to the end; nil where nothing does.
  public var unreadTail: UnreadTail? { reader.unreadTail }

  /// Passes over what cannot be read, after ``read(maximum:)`` has thrown for it; false where nothing follows.
  public func skipFault() throws -> Bool { try reader.skipFault() != nil }

  /// The next records, up to `maximum`; empty at the end of what is there now.
  public func read(maximum: Int) throws -> IngestBatch {
    var batch = IngestBatch()
    var failure: JournalError?
    _ = try reader.next(maximumRecords: maximum, maximumBytes: Self.maximumBatchBytes) {
      sequence, payload in
      if batch.firstSequence == 0 { batch.firstSequence = sequence }
      guard failure == nil else { return }
      guard payload.count >= Journal.headerBytes, let kind = RecordKind(rawValue: payload[0]) else {
        failure = .malformedRecord(
          sequence: sequence, "\(payload.count) bytes of kind \(payload.first ?? 0) are no journal record")
        return
      }
      batch.append(
        kind, source: UInt16(littleEndian: payload.loadUnaligned(fromByteOffset: 1, as: UInt16.self)),
        time: EventTime(
          nanoseconds: Int64(littleEndian: payload.loadUnaligned(fromByteOffset: 3, as: Int64.self))),
        payload: UnsafeRawBufferPointer(rebasing: payload[Journal.headerBytes...]))
    }
    if let failure { throw failure }
    return batch
  }
}
