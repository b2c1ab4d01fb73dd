import CDBDomain
import DurableQueue

extension Journal {
  /// How many records at the end are looked at.
  private static let tail: UInt64 = 4_096

  /// The source of the last frame, if one is among the last few thousand records that can be read.
  public func lastSource() throws -> UInt16? {
    try newest { record in record.kind == .frame ? record.source : nil }
  }

  /// The time of the last record that can be read, of the last few thousand; nil where there is none.
  public func lastTime() throws -> EventTime? { try newest(\.time) }

  /// The newest value at the end of the journal. What is damaged or gone there is passed over: whether it is needed is
  /// recovery's to say.
  private func newest<Value>(_ value: (IngestBatch.Record) -> Value?) throws -> Value? {
    let last = lastSequence
    guard last > 0 else { return nil }
    let first = max(queue.statistics.firstSequence, last > Self.tail ? last - Self.tail : 1)
    let reader = try reader(from: first)
    var found: Value?
    while true {
      let batch: IngestBatch
      do {
        batch = try reader.read(maximum: 1_024)
      } catch is DurableQueueError {
        guard try reader.skipFault() else { return found }
        continue
      }
      if batch.isEmpty { return found }
      found = batch.records.lazy.reversed().compactMap(value).first ?? found
    }
  }

  /// The decisions of a journal as far as it can be read.
  public struct Decisions: Sendable {
    /// By the number of their record.
    public var decisions: [UInt64: Control] = [:]
    /// The first and the last record that were read; nil where none could be.
    public var range: ClosedRange<UInt64>?
    /// What ended the reading before the record that was asked for, in words; nil where nothing did.
    public var damage: String?
  }

  /// The decisions of a journal, read without opening it for writing; nil where it has no record up to `last`. Damage ends the
  /// reading, and is told.
  public static func decisions(ofJournalIn directory: String, through last: UInt64) throws -> Decisions? {
    let queue = try DurableQueue.openForReading(directory: directory)
    guard let first = try queue.firstSequence(), first <= last else { return nil }
    let reader = JournalReader(try queue.makeReader())
    var found = Decisions()
    var end = first - 1
    while end < last {
      let batch: IngestBatch
      do {
        batch = try reader.read(maximum: 4_096)
      } catch {
        found.damage = "\(error)"
        break
      }
      if batch.isEmpty { break }
      batch.bytes.withUnsafeBytes { bytes in
        for (position, record) in batch.records.enumerated() where record.kind == .control {
          let body = UnsafeRawBufferPointer(rebasing: bytes[record.offset..<record.offset + record.count])
          guard let control = Control(json: body), control.isDecision else { continue }
          found.decisions[batch.firstSequence + UInt64(position)] = control
        }
      }
      end = batch.firstSequence + UInt64(batch.count) - 1
    }
    if end >= first { found.range = first...min(end, last) }
    return found
  }

  /// The configuration that a journal begins with, read without opening it for writing; nil where it does not
  /// begin with one.
  public static func openingConfiguration(ofJournalIn directory: String) throws -> PipelineConfiguration? {
    let queue = try DurableQueue.openForReading(directory: directory)
    guard try queue.firstSequence() != nil else { return nil }
    let batch = try JournalReader(queue.makeReader()).read(maximum: 1)
    return batch.bytes.withUnsafeBytes { bytes in
      guard batch.records.first?.kind == .control, case .configure(let configuration)? = Control(json: bytes)
      else { return nil }
      return configuration
    }
  }

  /// The number of a journal's first record, at 1 unless it was shortened; nil where it has none.
  public static func firstRecord(ofJournalIn directory: String) throws -> UInt64? {
    try DurableQueue.openForReading(directory: directory).firstSequence()
  }
}
