/// A stream entry's id, `<sequence>-<part>`.
///
/// The sequence is the number of the batch's last event, and the part 0. A batch without events (a watermark, a marker)
/// has the number of the event before it, and a part that grows with time: more than one may stand behind an event.
public struct EntryID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var sequence: UInt64
  public var part: UInt64

  public init(sequence: UInt64, part: UInt64 = 0) {
    self.sequence = sequence
    self.part = part
  }

  public static let zero = EntryID(sequence: 0)

  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let sequence = UInt64(parts[0]), let part = UInt64(parts[1]) else { return nil }
    self.init(sequence: sequence, part: part)
  }

  public static func < (a: Self, b: Self) -> Bool {
    a.sequence == b.sequence ? a.part < b.part : a.sequence < b.sequence
  }

  public var description: String { "\(sequence)-\(part)" }
}

/// The keys of an edge's partition. The braces keep them in one slot of a cluster.
public struct EdgeKeys: Sendable, Hashable {
  public var stream: String
  /// Who may append.
  public var lease: String
  /// Counts the owners that there were.
  public var owners: String
  /// The number of the last event that the consumer's durable snapshot covers.
  public var covered: String

  /// - Parameter prefix: what tells this pipeline from others on the same server, such as `cdb`.
  public init(prefix: String, stream name: StreamName, partition: UInt16) {
    stream = "\(prefix):{\(name.rawValue):\(partition)}"
    lease = stream + ":owner"
    owners = stream + ":owners"
    covered = stream + ":covered"
  }
}
