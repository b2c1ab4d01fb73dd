import CDBDomain
import CDBPipeline

/// A journal's records from memory, cut as the reader asks: what a replay delivers, commands included.
struct RecordSource: FrameSource {
  struct Record: Sendable {
    var kind: RecordKind
    var source: UInt16 = 0
    var time: EventTime
    var payload: [UInt8] = []
  }

  let name = "records"
  let isLive = false
  let deliversJournal = true
  private let records: [Record]
  private var position = 0

  init(_ records: [Record]) { self.records = records }

  mutating func resume(after count: UInt64) { position = min(records.count, Int(clamping: count)) }

  mutating func next(maximum: Int, into batch: inout IngestBatch) -> FrameSourceStatus {
    guard position < records.count else { return .ended }
    let end = min(records.count, position + maximum)
    for record in records[position..<end] {
      batch.append(record.kind, source: record.source, time: record.time, payload: record.payload)
    }
    position = end
    return .more
  }

  /// A configuration, then frames with ascending times, and after every `every`th of them what `command` says.
  static func journal(
    _ configuration: PipelineConfiguration, frames: [MemorySource.Frame], every: Int = .max,
    command: (Int) throws -> Control? = { _ in nil }
  ) throws -> [Record] {
    guard let first = frames.first else { return [] }
    var records = [
      Record(kind: .control, time: first.time, payload: try Control.configure(configuration).json())
    ]
    for (index, frame) in frames.enumerated() {
      let time = max(frame.time, (records.last?.time ?? frame.time).advanced(by: 1))
      records.append(Record(kind: .frame, source: frame.source, time: time, payload: frame.bytes))
      if index % every == every - 1, let control = try command(index / every) {
        records.append(Record(kind: .control, time: time.advanced(by: 1), payload: try control.json()))
      }
    }
    return records
  }
}
