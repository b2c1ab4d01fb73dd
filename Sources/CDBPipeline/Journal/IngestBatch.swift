import CDBDomain

/// What a journal record holds.
public enum RecordKind: UInt8, Sendable, Hashable {
  /// Bytes as the exchange sent them.
  case frame = 1
  /// Time has come this far.
  case tick = 2
  /// A command or configuration: JSON of a `Control`.
  case control = 3
}

/// Consecutive inputs, in one contiguous buffer: what a feed delivers, the journal keeps, and ws decodes.
public struct IngestBatch: Sendable {
  public struct Record: Sendable, Hashable {
    public var kind: RecordKind
    /// The connection or file that the frame came from.
    public var source: UInt16
    public var time: EventTime
    public var offset: Int
    public var count: Int
  }

  public private(set) var records: [Record] = []
  public private(set) var bytes: [UInt8] = []
  /// The journal's number of the first record; zero until it is journaled.
  public var firstSequence: UInt64 = 0
  /// When the newest record was taken in, on the monotonic clock, nanoseconds.
  public var ingestedAt: UInt64 = 0
  public var marker: Marker?

  public init() {}

  public var isEmpty: Bool { records.isEmpty }
  public var count: Int { records.count }

  public mutating func reserve(records: Int, bytes: Int) {
    self.records.reserveCapacity(records)
    self.bytes.reserveCapacity(bytes)
  }

  public mutating func append(
    _ kind: RecordKind, source: UInt16 = 0, time: EventTime, payload: UnsafeRawBufferPointer
  ) {
    records.append(
      Record(kind: kind, source: source, time: time, offset: bytes.count, count: payload.count))
    bytes.append(contentsOf: payload)
  }

  public mutating func append(_ kind: RecordKind, source: UInt16 = 0, time: EventTime, payload: [UInt8] = [])
  {
    payload.withUnsafeBytes { append(kind, source: source, time: time, payload: $0) }
  }
}

extension IngestBatch {
  /// The configurations among the records, in order.
  var configurations: [PipelineConfiguration] {
    guard records.contains(where: { $0.kind == .control }) else { return [] }
    return bytes.withUnsafeBytes { bytes in
      records.lazy.filter { $0.kind == .control }.compactMap { record in
        let body = UnsafeRawBufferPointer(rebasing: bytes[record.offset..<record.offset + record.count])
        guard case .configure(let configuration)? = Control(json: body) else { return nil }
        return configuration
      }
    }
  }
}
