/// Bytes at the end of a log that is only read, behind its last whole record. A writer that died left them, or
/// one that is at work has not finished them; opening the log for writing cuts them off.
public struct UnreadTail: Sendable, Equatable, CustomStringConvertible {
  /// The segment's file name.
  public var file: String
  /// Where they begin, in bytes from the start of the file.
  public var offset: Int
  /// How many they are, from 1.
  public var bytes: Int
  /// The sequence that a record there would have had.
  public var sequence: UInt64
  public var reason: FaultReason

  public var description: String {
    "\(file): \(bytes) bytes at offset \(offset), where sequence \(sequence) would begin: \(reason)"
  }
}
