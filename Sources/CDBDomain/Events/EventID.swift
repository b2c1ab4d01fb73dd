/// The stages of the pipeline, in the order in which an event meets them.
public enum StageName: String, Sendable, Hashable, CaseIterable, Codable {
  case ws
  case core
  case risk
  case execution
  case dbWriter = "db_writer"

  /// The stage's place in the pipeline, 0…4.
  public var position: UInt8 {
    switch self {
    case .ws: 0
    case .core: 1
    case .risk: 2
    case .execution: 3
    case .dbWriter: 4
    }
  }
}

/// Who made an event, and which of its events it is. The same input gives the same ids, always: this is
/// what makes a redelivery recognisable and a report comparable by id.
public struct EventID: Sendable, Hashable, Codable, CustomStringConvertible {
  public var producer: StageName
  /// The producer's partition: the instrument's index before risk, the account's from there on.
  public var partition: UInt16
  /// The number of the event on the producer's edge, from 1, without gaps.
  public var sequence: UInt64

  @inlinable
  public init(producer: StageName, partition: UInt16, sequence: UInt64) {
    self.producer = producer
    self.partition = partition
    self.sequence = sequence
  }

  /// For example `core-0-1742`.
  public var description: String { "\(producer.rawValue)-\(partition)-\(sequence)" }

  /// Reads what ``description`` writes; nil where the text is not one.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let producer = StageName(rawValue: String(parts[0])),
      let partition = UInt16(parts[1]), let sequence = UInt64(parts[2])
    else { return nil }
    self.init(producer: producer, partition: partition, sequence: sequence)
    // Swift's integers also read `+1` and `001`: two texts for one id would compare as two events.
    guard description == text else { return nil }
  }

  /// One integer for the store's keys: three bits of stage, thirteen of partition, 47 of sequence. Nil
  /// where a part does not fit (a partition above 8,191, a sequence of 2^47 or more).
  public var storeKey: Int64? {
    guard partition < 1 << 13, sequence < 1 << 47 else { return nil }
    return Int64(producer.position) << 60 | Int64(partition) << 47 | Int64(sequence)
  }

  /// Reads what ``storeKey`` gives; nil where the number is not one.
  public init?(storeKey key: Int64) {
    let position = UInt8(truncatingIfNeeded: key >> 60)
    guard key >= 0, let producer = StageName.allCases.first(where: { $0.position == position }) else {
      return nil
    }
    self.init(
      producer: producer, partition: UInt16(truncatingIfNeeded: key >> 47) & 0x1FFF,
      sequence: UInt64(key) & (1 << 47 - 1))
  }
}
