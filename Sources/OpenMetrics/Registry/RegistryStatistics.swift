import Synchronization

/// What a registry had to refuse or do without; these numbers only grow.
public final class RegistryStatistics: Sendable {
  private let rejected = Atomic<UInt64>(0)
  private let refused = Atomic<UInt64>(0)
  private let failures = Atomic<UInt64>(0)
  private let failure = Mutex<String?>(nil)

  init() {}

  /// Updates that were ignored: NaN, negative increments, undeclared states, a labelled family used without labels.
  public var rejectedUpdates: UInt64 { rejected.load(ordering: .relaxed) }

  /// Look-ups of a new label set in a family that was full, and children that are not exposed because another has
  /// the same label values as text.
  public var refusedChildren: UInt64 { refused.load(ordering: .relaxed) }

  /// Collections that threw, and families of collectors that were left out because they were invalid or undeclared.
  public var collectFailures: UInt64 { failures.load(ordering: .relaxed) }

  /// Why the last collection failed.
  public var lastCollectFailure: String? { failure.withLock { $0 } }

  func rejectUpdate() { rejected.wrappingAdd(1, ordering: .relaxed) }

  func refuseChild() { refused.wrappingAdd(1, ordering: .relaxed) }

  func failCollection(_ reason: String) {
    failures.wrappingAdd(1, ordering: .relaxed)
    failure.withLock { $0 = reason }
  }
}
