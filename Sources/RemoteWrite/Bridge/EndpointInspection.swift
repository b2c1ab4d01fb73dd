import DurableQueue
import Foundation

/// What is in an endpoint's folder, for who looks from outside: also while a bridge has it open. Changes nothing.
public struct EndpointInspection: Sendable, Codable {
  public let name: String
  /// Samples since the queue was made.
  public let enqueued: UInt64
  /// As of the newest checkpoint; what is under way is not in it.
  public let ledger: EndpointLedger
  /// Fragments that wait, and their samples.
  public let fragments: UInt64
  public let samples: UInt64
  /// When the oldest of them was enqueued; milliseconds since the epoch.
  public let oldest: Int64?
  /// Whether a batch is cut that may have been sent.
  public let isUnderWay: Bool
  /// What cannot be read, a sentence each; at most 100.
  public let faults: [String]
  /// Oldest first; at most the newest 100.
  public let deadLetters: [DeadLetter]

  /// The endpoints of a bridge's folder, by name.
  ///
  /// - Throws: where there is no such folder, or it cannot be read.
  public static func all(in directory: String) throws -> [EndpointInspection] {
    let folder = directory + "/endpoints"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
      try EndpointInspection(folder: "\(folder)/\($0)", name: $0)
    }
  }

  private init(folder: String, name: String) throws {
    self.name = name
    var faults: [String] = []
    var checkpoint = Checkpoint()
    do {
      let file = try CheckpointFile(path: folder + "/checkpoint", isForReading: true)
      if let bytes = file.read() { checkpoint = try JSONDecoder().decode(Checkpoint.self, from: Data(bytes)) }
    } catch {
      faults.append("\(error)")
    }
    var waiting: (fragments: UInt64, samples: UInt64, oldest: Int64?) = (0, 0, nil)
    var enqueued = checkpoint.samplesThrough
    let done = checkpoint.cuts.filter(\.isDone)
    try Self.read(folder + "/queue", behind: checkpoint.through, &faults) { sequence, payload in
      guard let record = FragmentRecord(payload) else { return }
      enqueued = max(enqueued, record.samplesThrough)
      guard !done.contains(where: { $0.first <= sequence && sequence <= $0.last }) else { return }
      waiting.fragments += 1
      waiting.samples += UInt64(record.fragment.samples)
      if waiting.oldest == nil { waiting.oldest = record.time }
    }
    var letters: [DeadLetter] = []
    try Self.read(folder + "/dead-letters", behind: 0, &faults) { _, payload in
      if let letter = DeadLetter.read(payload)?.letter { letters.append(letter) }
      if letters.count > 200 { letters.removeFirst(100) }
    }
    self.enqueued = enqueued
    ledger = checkpoint.ledger
    fragments = waiting.fragments
    samples = waiting.samples
    oldest = waiting.oldest
    isUnderWay = !checkpoint.cuts.isEmpty
    self.faults = Array(faults.prefix(100))
    deadLetters = Array(letters.suffix(100))
  }

  private static func read(
    _ directory: String, behind sequence: UInt64, _ faults: inout [String],
    _ body: (_ sequence: UInt64, _ payload: UnsafeRawBufferPointer) -> Void
  ) throws {
    let queue = try DurableQueue.openForReading(directory: directory)
    let first = try queue.firstSequence() ?? 1
    let reader = try queue.makeReader(from: max(first, sequence + 1))
    while true {
      do {
        let count = try reader.next(maximumRecords: 1_024, maximumBytes: 4 << 20) { body($0, $1) }
        if count == 0 { return }
      } catch {
        faults.append("\(error)")
        if try reader.skipFault() == nil { return }
      }
    }
  }
}
