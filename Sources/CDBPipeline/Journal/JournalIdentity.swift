import Synchronization

/// Whose events these are: the journal's number, from which traces derive.
public protocol JournalIdentity: Sendable {
  /// Zero while it is not known.
  var identity: UInt64 { get }
}

/// The journal of another process, once it has said which it is.
final class DistantJournal: JournalIdentity {
  private let known: Atomic<UInt64>

  init(identity: UInt64 = 0) { known = Atomic(identity) }

  var identity: UInt64 { known.load(ordering: .relaxed) }

  func know(_ identity: UInt64) { known.store(identity, ordering: .relaxed) }
}
