import DurableQueue
import Foundation
import Synchronization

/// Where ws has put its barriers: on the disk before anybody sees them, so that a ws which makes the last minute again puts
/// the same barriers in the same places. Whoever reads its streams may have passed one on one partition and not on another.
public final class BarrierLog: Sendable {
  private let queue: DurableQueue
  /// By barrier, the record that notes it.
  private let records = Mutex<[UInt64: UInt64]>([:])

  static let options = DurableQueueOptions(
    segmentBytes: 65_536, maximumBytes: 256 << 20, fsync: .onRequest)

  public init(directory: String) throws(DurableQueueError) {
    queue = try DurableQueue.open(directory: directory, options: Self.options)
  }

  /// Notes a barrier. It is durable once ``synchronize()`` returned.
  func append(_ manifest: CheckpointManifest) throws {
    var batch = RecordBatch()
    batch.append(Array(try JSONEncoder().encode(manifest)))
    let record = try queue.append(batch).lowerBound
    records.withLock { $0[manifest.barrier] = record }
  }

  func synchronize() throws(DurableQueueError) {
    if queue.durableThrough < queue.statistics.nextSequence - 1 { try queue.synchronize() }
  }

  /// The barriers behind one, in their order. What cannot be read is passed over: such a barrier is put nowhere again, and
  /// whoever has it on one partition alone passes over it too.
  func manifests(after barrier: UInt64) throws -> [CheckpointManifest] {
    var found: [CheckpointManifest] = []
    var notes: [UInt64: UInt64] = [:]
    let reader = try queue.makeReader(from: queue.statistics.firstSequence)
    var isAtEnd = false
    while !isAtEnd {
      do {
        let count = try reader.next(maximumRecords: 256, maximumBytes: 1 << 20) { sequence, payload in
          guard let manifest = try? JSONDecoder().decode(CheckpointManifest.self, from: Data(payload)) else {
            return
          }
          notes[manifest.barrier] = sequence
          if manifest.barrier > barrier { found.append(manifest) }
        }
        isAtEnd = count == 0
      } catch {
        guard try reader.skipFault() != nil else { break }
      }
    }
    records.withLock { $0.merge(notes) { _, new in new } }
    return found.sorted { $0.barrier < $1.barrier }
  }

  /// Forgets the barriers up to one that every start lies behind.
  func trim(through barrier: UInt64) throws(DurableQueueError) {
    let last = records.withLock { records in
      let covered = records.filter { $0.key <= barrier }
      for key in covered.keys { records[key] = nil }
      return covered.values.max()
    }
    if let last { try queue.trim(through: last) }
  }
}
