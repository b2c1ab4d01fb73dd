import DurableQueue
import Foundation
import Glibc

/// A directory of its own for a queue; all of them go when the process does.
final class Folder: Sendable {
  private static let root: String = {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("durable-queue-\(getpid())").path
    atexit { try? FileManager.default.removeItem(atPath: Folder.root) }
    return root
  }()

  let path: String

  init() {
    path = Folder.root + "/" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func path(of name: String) -> String { path + "/" + name }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
  var segments: [String] { names.filter { $0.hasSuffix(".seg") } }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(of: name))))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(of: name)))
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(of: name)) }

  func copy() throws -> Folder {
    let copy = Folder()
    for name in segments { try copy.write(name, try read(name)) }
    return copy
  }

  func open(_ options: DurableQueueOptions = DurableQueueOptions()) throws -> DurableQueue {
    try DurableQueue.open(directory: path, options: options)
  }
}

/// The same numbers on every machine and in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

/// A payload that tells its sequence.
func payload(_ sequence: UInt64, padding: Int = 0) -> [UInt8] {
  Array("record \(sequence)".utf8) + [UInt8](repeating: UInt8(truncatingIfNeeded: sequence), count: padding)
}

extension DurableQueue {
  /// Appends `count` numbered records, `perBatch` at a time.
  func fill(_ count: Int, perBatch: Int = 1, padding: Int = 0) throws {
    var batch = RecordBatch()
    var left = count
    while left > 0 {
      batch.removeAll()
      let next = statistics.nextSequence
      let size = min(perBatch, left)
      for index in 0..<size { batch.append(payload(next + UInt64(index), padding: padding)) }
      try append(batch)
      left -= size
    }
  }

  /// Everything a reader from the oldest record gets.
  func drain() throws -> Drained {
    try Drained(try makeReader(from: statistics.firstSequence))
  }
}

/// What a reader delivered, going on behind faults.
struct Drained {
  var records: [UInt64: [UInt8]] = [:]
  var sequences: [UInt64] = []
  var faults: [DurableQueueError] = []
  var lost: [ClosedRange<UInt64>] = []

  init(_ reader: DurableQueueReader, maximumRecords: Int = 100) throws {
    while true {
      do {
        let count = try reader.next(maximumRecords: maximumRecords, maximumBytes: 1 << 20) {
          sequence, bytes in
          sequences.append(sequence)
          records[sequence] = Array(bytes)
        }
        if count == 0 { return }
      } catch let error as DurableQueueError {
        faults.append(error)
        if let skipped = try reader.skipFault() { lost.append(skipped) }
      }
    }
  }

  /// Every delivered record is the one that was appended under its sequence, in order, each once.
  func isTrue(padding: Int = 0) -> Bool {
    zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 }
      && records.allSatisfy { $1 == payload($0, padding: padding) }
  }
}
