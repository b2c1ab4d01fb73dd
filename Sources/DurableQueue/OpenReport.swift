/// What opening found and did.
public struct OpenReport: Sendable, Equatable {
  /// An end of the newest segment that was no whole record, and was cut off.
  public struct TornTail: Sendable, Equatable {
    public var file: String
    /// The length of the file now.
    public var offset: Int
    /// How many bytes were cut.
    public var bytes: Int
    public var reason: FaultReason
  }

  /// The oldest record's sequence; equal to `nextSequence` when there is none.
  public internal(set) var firstSequence: UInt64 = 1
  /// The sequence the next appended record gets.
  public internal(set) var nextSequence: UInt64 = 1
  public internal(set) var tornTail: TornTail?
  /// What cannot be read, oldest first. Parts of a segment stay in place, whole files are kept aside with
  /// the suffix `.corrupt`; nothing is thrown away. Older segments are checked when they are read.
  public internal(set) var quarantined: [LogFault] = []

  /// Nothing was cut and nothing is missing.
  public var isClean: Bool { tornTail == nil && quarantined.isEmpty }

  /// The report for people, a sentence a line: what the log holds, then ``faultLines``.
  public var descriptionLines: [String] {
    let holding =
      firstSequence == nextSequence
      ? "the log is empty; the next sequence is \(nextSequence)"
      : "the log holds sequences \(firstSequence) to \(nextSequence - 1)"
    return [holding] + faultLines
  }

  /// What was cut, and what cannot be read, a sentence each; none where the report is clean.
  public var faultLines: [String] {
    let cut = tornTail.map { "\($0.file): cut \($0.bytes) bytes at offset \($0.offset): \($0.reason)" }
    return (cut.map { [$0] } ?? []) + quarantined.map(\.description)
  }
}

/// What ``DurableQueue/verify()`` found.
public struct VerificationReport: Sendable, Equatable {
  public internal(set) var segments = 0
  public internal(set) var records: UInt64 = 0
  public internal(set) var bytes = 0
  /// Every fault, oldest first.
  public internal(set) var faults: [LogFault] = []
}
