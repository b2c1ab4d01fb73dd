import CCRC32C
import DurableQueue
import Foundation

/// A batch that its receiver does not want.
public struct DeadLetter: Sendable, Equatable, Codable {
  /// RFC 3339, UTC.
  public var time: String
  public var url: String
  public var status: Int
  /// The receiver's own, at most 1024 characters.
  public var words: String
  public var samples: Int
  /// The numbers of its fragments.
  public var first: UInt64
  public var last: UInt64

  /// The letter and the body of the request, as they stand in a record; nil where they do not.
  static func read(_ payload: UnsafeRawBufferPointer) -> (letter: DeadLetter, body: [UInt8])? {
    guard let end = payload.firstIndex(of: 10),
      let letter = try? JSONDecoder().decode(DeadLetter.self, from: Data(payload[..<end]))
    else { return nil }
    return (letter, Array(payload[(end + 1)...]))
  }

  func record(_ body: [UInt8]) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [10] + body
  }
}

/// The folder of dead letters, which is bounded: the oldest go.
final class DeadLetters {
  /// A letter by what it is of.
  private struct Mark: Equatable {
    var first: UInt64
    var last: UInt64
    var checksum: UInt32
  }

  private let queue: DurableQueue
  /// The newest ones: as many as there may be batches of which the checkpoint does not know yet that they are done with.
  private var newest: [Mark] = []

  init(directory: String, maximumBytes: Int = 256 << 20) throws {
    queue = try DurableQueue.open(
      directory: directory,
      options: DurableQueueOptions(
        segmentBytes: 4 << 20, maximumBytes: maximumBytes, whenFull: .dropOldest, fsync: .everyAppend))
    let (first, next) = (queue.statistics.firstSequence, queue.statistics.nextSequence)
    guard first < next else { return }
    let reader = try queue.makeReader(from: max(first, next - min(next, UInt64(Checkpoint.mostCuts))))
    while reader.nextSequence < next {
      // A damaged one is only not recognized, should its batch come again.
      do {
        let count = try reader.next(maximumRecords: 1, maximumBytes: 1) { _, payload in
          if let read = DeadLetter.read(payload) { note(read.letter, read.body) }
        }
        if count == 0 { return }
      } catch {
        if try reader.skipFault() == nil { return }
      }
    }
  }

  /// Whether there is one of this batch: refused before the checkpoint could say so.
  func has(_ batch: SendBatch) -> Bool {
    newest.contains(Self.mark(batch.cut.first, batch.cut.last, batch.body))
  }

  func append(_ letter: DeadLetter, body: [UInt8]) throws {
    var batch = RecordBatch()
    batch.append(try letter.record(body))
    try queue.append(batch)
    note(letter, body)
  }

  private func note(_ letter: DeadLetter, _ body: [UInt8]) {
    newest.append(Self.mark(letter.first, letter.last, body))
    if newest.count > Checkpoint.mostCuts { newest.removeFirst() }
  }

  private static func mark(_ first: UInt64, _ last: UInt64, _ body: [UInt8]) -> Mark {
    Mark(first: first, last: last, checksum: ccrc32c(0, body, body.count))
  }

  func close() { queue.close() }
}
