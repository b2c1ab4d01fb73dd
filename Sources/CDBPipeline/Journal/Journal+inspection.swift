import CDBDomain
import DurableQueue

extension Journal {
  /// The source of the last frame, if one is among the last few thousand records. Damaged records are passed
  /// over: whether they are needed is recovery's to say.
  public func lastSource() throws -> UInt16? {
    let last = lastSequence
    guard last > 0 else { return nil }
    let first = max(queue.statistics.firstSequence, last > 4_096 ? last - 4_096 : 1)
    let reader = try reader(from: first)
    var found: UInt16?
    while true {
      let batch: IngestBatch
      do {
        batch = try reader.read(maximum: 1_024)
      } catch is DurableQueueError {
        guard try reader.skipFault() else { return found }
        continue
      }
      if batch.isEmpty { return found }
      found = batch.records.last { $0.kind == .frame }?.source ?? found
    }
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
}
