import CDBDomain
import CDBPipeline
import DurableQueue
import Synchronization

/// Another run's journal as a feed: all of its records, with the times that they were given then. The stages
/// decide by the configurations in it, so its replay is that run again, to the bit.
public final class JournalSource: FrameSource {
  public let name = "journal"
  public let isLive = false
  public let deliversJournal = true
  private let batches: Mutex<Position>

  /// How much of a journal was read.
  public struct Reading: Sendable, Equatable {
    /// Of the records that were delivered; nil before the first.
    public var firstSequence: UInt64?
    public var lastSequence: UInt64?
    /// Why it could not be read any further; what follows the last sequence was not delivered.
    public var damage: String?
    /// What lies behind the last whole record of a journal that was read to its end.
    public var tail: UnreadTail?
  }

  private struct Position {
    var reader: JournalReader
    var batch = IngestBatch()
    var next = 0
    var reading = Reading()
  }

  public init(directory: String) throws {
    let queue = try DurableQueue.openForReading(directory: directory)
    batches = Mutex(Position(reader: JournalReader(try queue.makeReader())))
  }

  public var reading: Reading { batches.withLock { $0.reading } }

  public func resume(after frames: UInt64) async throws {
    var left = frames
    while left > 0 {
      var batch = IngestBatch()
      guard try await next(maximum: Int(min(left, 4_096)), into: &batch) == .more else { return }
      left -= UInt64(batch.count)
    }
  }

  public func next(maximum: Int, into batch: inout IngestBatch) async throws -> FrameSourceStatus {
    try batches.withLock { position in
      while batch.count < maximum {
        if position.next == position.batch.count {
          // Damage stays: it is said once, and is the end.
          if position.reading.damage != nil { return .ended }
          do {
            position.batch = try position.reader.read(maximum: 1_024)
          } catch {
            position.reading.damage = "\(error)"
            throw error
          }
          position.next = 0
          if position.batch.isEmpty {
            position.reading.tail = position.reader.unreadTail
            return batch.isEmpty ? .ended : .more
          }
        }
        let sequence = position.batch.firstSequence + UInt64(position.next)
        position.reading.firstSequence = position.reading.firstSequence ?? sequence
        position.reading.lastSequence = sequence
        let record = position.batch.records[position.next]
        position.next += 1
        position.batch.bytes.withUnsafeBytes { bytes in
          batch.append(
            record.kind, source: record.source, time: record.time,
            payload: UnsafeRawBufferPointer(rebasing: bytes[record.offset..<record.offset + record.count]))
        }
      }
      return .more
    }
  }
}
