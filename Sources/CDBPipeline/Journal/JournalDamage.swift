import DurableQueue

/// A part of the journal that cannot be read, and that nothing that runs needs: a checkpoint covers it.
public struct JournalDamage: Sendable, Hashable, Codable {
  /// Its name in the folder of the journal.
  public var file: String
  /// Where the part begins, in bytes from the start of the file.
  public var offset: Int
  /// Its length in bytes; 0 for a file that is missing.
  public var bytes: Int
  /// What is wrong with it, in English words.
  public var reason: String
  /// The first and the last record that are lost with it; nil where none is, or nothing tells.
  public var firstLost: UInt64?
  public var lastLost: UInt64?

  enum CodingKeys: String, CodingKey {
    case file, offset, bytes, reason
    case firstLost = "first_lost"
    case lastLost = "last_lost"
  }
}

extension JournalDamage {
  init(_ fault: LogFault) {
    self.init(
      file: fault.file, offset: fault.offset, bytes: fault.bytes, reason: "\(fault.reason)",
      firstLost: fault.lostSequences?.lowerBound, lastLost: fault.lostSequences?.upperBound)
  }
}
