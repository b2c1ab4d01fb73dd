/// Why bytes of a segment are not what they should be. Each case is a stable reason code.
public enum FaultReason: Error, Sendable, Equatable {
  /// The file ends inside its header; also an empty file.
  case truncatedHeader
  /// Neither copy of the header is whole.
  case damagedHeader
  /// The header is whole and of a format this version does not know.
  case unsupportedVersion(UInt32)
  /// The file's name and its header disagree about the first sequence.
  case misnamed(headerSays: UInt64)
  /// The file is missing, though its successor names it.
  case missing
  /// Not a regular file.
  case notAFile
  /// The kernel could not read it; the value is `errno`.
  case unreadable(Int32)
  /// The segment ends inside a record.
  case truncatedRecord
  /// Zero bytes where a record should begin: never written, or lost with the power.
  case zeroFilled
  /// The frame in front of the payload does not match its checksum.
  case damagedFrame
  /// The payload does not match its checksum.
  case damagedPayload
  /// A whole record with another sequence than the one due.
  case unexpectedSequence(UInt64)
  /// The segment ends, whole, before the sequence at which its successor begins.
  case missingRecords
}

extension FaultReason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncatedHeader: "the file ends inside its header"
    case .damagedHeader: "the header is damaged"
    case .unsupportedVersion(let version): "format version \(version) is unknown"
    case .misnamed(let first): "the header says that the first sequence is \(first)"
    case .missing: "the file is missing"
    case .notAFile: "not a regular file"
    case .unreadable(let code): "unreadable: \(errorText(code))"
    case .truncatedRecord: "the file ends inside a record"
    case .zeroFilled: "zero bytes instead of a record"
    case .damagedFrame: "a record's frame is damaged"
    case .damagedPayload: "a record's payload is damaged"
    case .unexpectedSequence(let sequence): "a record with the unexpected sequence \(sequence)"
    case .missingRecords: "the segment ends before its successor begins"
    }
  }
}

/// A part of the log that cannot be read, and what was in it.
public struct LogFault: Sendable, Equatable, CustomStringConvertible {
  /// The file's name now: a file that was no segment at all is kept under a name ending in `.corrupt`.
  public var file: String
  /// Where the part begins, in bytes from the start of the file.
  public var offset: Int
  /// Its length in bytes; 0 for a file that is missing.
  public var bytes: Int
  public var reason: FaultReason
  /// The records that are lost with it; nil when none is, or when nothing tells.
  public var lostSequences: ClosedRange<UInt64>?

  public init(
    file: String, offset: Int, bytes: Int, reason: FaultReason, lostSequences: ClosedRange<UInt64>?
  ) {
    self.file = file
    self.offset = offset
    self.bytes = bytes
    self.reason = reason
    self.lostSequences = lostSequences
  }

  public var description: String {
    let lost =
      lostSequences.map { "sequences \($0.lowerBound) to \($0.upperBound) are lost" }
      ?? "no known record is lost"
    return "\(file): \(bytes) bytes at offset \(offset): \(reason); \(lost)"
  }
}

/// `first ... last`, or nil when that is empty.
func closedRange(_ first: UInt64, upTo end: UInt64) -> ClosedRange<UInt64>? {
  first < end ? first...(end - 1) : nil
}
