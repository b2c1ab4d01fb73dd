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
  private let queue: DurableQueue
  /// The newest one.
  private(set) var last: DeadLetter?

  init(directory: String, maximumBytes: Int = 256 << 20) throws {
    queue = try DurableQueue.open(
      directory: directory,
      options: DurableQueueOptions(
        segmentBytes: 4 << 20, maximumBytes: maximumBytes, whenFull: .dropOldest, fsync: .everyAppend))
    let (first, next) = (queue.statistics.firstSequence, queue.statistics.nextSequence)
    guard first < next else { return }
    let reader = try queue.makeReader(from: next - 1)
    // A damaged one is only not recognized, should its batch come again.
    _ = try? reader.next(maximumRecords: 1, maximumBytes: 1) { _, payload in
      last = DeadLetter.read(payload)?.letter
    }
  }

  func append(_ letter: DeadLetter, body: [UInt8]) throws {
    var batch = RecordBatch()
    batch.append(try letter.record(body))
    try queue.append(batch)
    last = letter
  }

  func close() { queue.close() }
}
