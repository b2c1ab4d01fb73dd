/// A log that is only read: somebody else's, an old one, or one that is being written at this moment.
///
/// Takes no lock and changes nothing. A torn end is the end; readers go on when it becomes whole.
public struct ReadOnlyQueue: Sendable {
  private let source: DirectorySource

  init(directory: QueueDirectory) throws(DurableQueueError) {
    source = DirectorySource(directory: directory)
    _ = try directory.segments()
  }

  /// The sequence at which the oldest segment begins; nil while there is no segment.
  public func firstSequence() throws(DurableQueueError) -> UInt64? {
    try source.segment(holding: 0)?.firstSequence
  }

  /// A reader that begins with the oldest record.
  public func makeReader() throws(DurableQueueError) -> DurableQueueReader {
    DurableQueueReader(source: source, from: try firstSequence() ?? 1)
  }

  /// A reader that begins with `sequence`, which may also be one that is still to come.
  ///
  /// - Throws: ``DurableQueueError/sequenceUnavailable(requested:firstSequence:nextSequence:)`` if it
  ///   is older than the oldest segment; `nextSequence` is then the oldest segment's first, too.
  public func makeReader(from sequence: UInt64) throws(DurableQueueError) -> DurableQueueReader {
    let first = try firstSequence() ?? 1
    guard sequence >= first else {
      throw .sequenceUnavailable(requested: sequence, firstSequence: first, nextSequence: first)
    }
    return DurableQueueReader(source: source, from: sequence)
  }

  /// Reads everything and names every fault; a torn end is none.
  public func verify() throws(DurableQueueError) -> VerificationReport {
    try Verification(source: source).run()
  }
}
