/// What became of lines that are done with. The lines are the sum of what became of them.
public struct FileLedger: Sendable, Equatable, Codable {
  public internal(set) var lines: UInt64 = 0
  public internal(set) var bytes: UInt64 = 0
  /// The server made the document.
  public internal(set) var accepted: UInt64 = 0
  /// The server had it already: an answer to an earlier request was not heard.
  public internal(set) var repeated: UInt64 = 0
  /// The server took it, and put it into its failure store.
  public internal(set) var failureStore: UInt64 = 0
  /// The server refused it for good; it is in the dead-letter file.
  public internal(set) var deadLettered: UInt64 = 0
  /// Nothing stands in them; they are not sent.
  public internal(set) var blank: UInt64 = 0
  /// Of those that were sent: something was left out of them.
  public internal(set) var redacted: UInt64 = 0

  /// Of those that were sent: they name a data stream that cannot be, or may not, and went to the index of all others.
  public internal(set) var unroutable: UInt64 = 0

  public init() {}

  /// A checkpoint that was written before something was counted does not have it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    lines = try container.decode(UInt64.self, forKey: .lines)
    bytes = try container.decode(UInt64.self, forKey: .bytes)
    accepted = try container.decode(UInt64.self, forKey: .accepted)
    repeated = try container.decode(UInt64.self, forKey: .repeated)
    failureStore = try container.decode(UInt64.self, forKey: .failureStore)
    deadLettered = try container.decode(UInt64.self, forKey: .deadLettered)
    blank = try container.decode(UInt64.self, forKey: .blank)
    redacted = try container.decodeIfPresent(UInt64.self, forKey: .redacted) ?? 0
    unroutable = try container.decodeIfPresent(UInt64.self, forKey: .unroutable) ?? 0
  }

  /// Lines that the server has.
  public var delivered: UInt64 { accepted + repeated + failureStore }

  static func += (sum: inout FileLedger, other: FileLedger) {
    sum.lines += other.lines
    sum.bytes += other.bytes
    sum.accepted += other.accepted
    sum.repeated += other.repeated
    sum.failureStore += other.failureStore
    sum.deadLettered += other.deadLettered
    sum.blank += other.blank
    sum.redacted += other.redacted
    sum.unroutable += other.unroutable
  }
}
