import CDBDomain
import Synchronization

/// What the snapshots that are kept say of themselves, so that nobody reads them again at each look.
final class SnapshotIndex: Sendable {
  struct Entry: Sendable {
    var cut: StageCut
    var manifest: CheckpointManifest
  }

  private let known = Mutex<[UInt64: Entry]>([:])

  /// A snapshot was written.
  func note(_ entry: Entry) { known.withLock { $0[entry.cut.barrier] = entry } }

  /// Those of the barriers that there are, in their order; what is not known is read, and what is there no more forgotten.
  func entries(of barriers: [UInt64], read: (UInt64) -> Entry?) -> [Entry] {
    known.withLock { known in
      var kept: [UInt64: Entry] = [:]
      for barrier in barriers { kept[barrier] = known[barrier] ?? read(barrier) }
      known = kept
      return barriers.compactMap { kept[$0] }
    }
  }
}
