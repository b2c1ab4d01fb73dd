import CDBDomain
import Foundation

/// Where one stage goes on.
struct StageStart<S: Stage>: Sendable {
  /// Nil at the beginning.
  var manifest: CheckpointManifest?
  /// What the stage noted at that barrier; nil at the beginning.
  var cut: StageCut?
  var snapshot: StageSnapshot<S>

  var barrier: UInt64 { cut?.barrier ?? 0 }

  /// By partition, where the stage goes on with an edge into it.
  func inputs(_ stream: StreamName, _ partitions: [UInt16]) -> [EdgeStart] {
    let positions = snapshot.accepted[stream] ?? []
    return partitions.map { partition in
      let index = Int(partition)
      return EdgeStart(
        partition: partition, sequence: index < positions.count ? positions[index] : 0, barrier: barrier)
    }
  }

  /// By partition, where it goes on with the edge out of it.
  var outputs: [EdgeStart] {
    snapshot.emitted.enumerated().map { EdgeStart(partition: UInt16($0.offset), sequence: $0.element) }
  }

  /// The same, of a share of the partitions.
  func outputs(_ partitions: [UInt16]) -> [EdgeStart] { outputs.filter { partitions.contains($0.partition) } }
}

/// The durable snapshots of one stage, each at a barrier.
///
/// Kept are the newest one from which everything can be made again that the stage behind has not covered, all after it, and
/// two in any case: of two neighbours the later one is never behind what the earlier one can make again.
struct StageSnapshots: Sendable {
  static let cutName = "cut"
  static let newestKept = 2
  /// Of more the ones in the middle go, and a stage behind that stays away for so long has to come back first.
  static let mostKept = 64

  let store: CheckpointStore
  let stage: StageName
  /// What the process takes of the stage's partitions; nil for all.
  var share: PartitionShare?
  private let index = SnapshotIndex()

  /// The folder's name in the data directory: of each share its own, as several may use one directory.
  static func folder(of stage: StageName, _ share: PartitionShare?) -> String {
    "snapshots-" + stage.rawValue + (share.map { "-\($0)" } ?? "")
  }

  /// The newest snapshot that can be read and lies before a barrier; nil where there is none. What cannot be used is named.
  func newest<S: Stage>(
    before limit: UInt64 = .max, as type: S.Type, stages: Int, outputs: Int, notice: (String) -> Void
  ) -> StageStart<S>? {
    for barrier in store.barriers().reversed() where barrier < limit {
      do {
        return StageStart(
          manifest: try store.manifest(of: barrier), cut: try store.read(Self.cutName, of: barrier),
          snapshot: try store.snapshot(of: barrier, as: S.self, stages: stages, outputs: outputs))
      } catch {
        notice("\(error); trying an older one")
      }
    }
    return nil
  }

  func save(_ part: StageCheckpoint, _ manifest: CheckpointManifest) throws {
    try store.write(
      [
        "manifest": try JSONEncoder().encode(manifest), Self.cutName: try JSONEncoder().encode(part.cut),
        stage.rawValue: part.snapshot,
      ], barrier: part.cut.barrier)
    index.note(SnapshotIndex.Entry(cut: part.cut, manifest: manifest))
  }

  /// Removes what nobody needs.
  ///
  /// - Parameter covered: by edge out of the stage and partition, what the other end's durable snapshot covers.
  /// - Returns: the oldest snapshot that the stage may have to go on from; nil for the beginning.
  func shed(covered: [StreamName: [UInt16: UInt64]]) -> SnapshotIndex.Entry? {
    let found = index.entries(of: store.barriers()) { barrier in
      let cut: StageCut? = try? store.read(Self.cutName, of: barrier)
      let manifest = try? store.manifest(of: barrier)
      return cut.flatMap { cut in manifest.map { SnapshotIndex.Entry(cut: cut, manifest: $0) } }
    }
    let needed = found.lastIndex { $0.cut.canMakeAgain(whatFollows: covered) }
    // All that may be needed next: neighbours that have lost everything meet at a barrier that both have kept.
    let first = min(needed ?? 0, max(0, found.count - Self.newestKept))
    let kept = found.indices.filter {
      $0 >= first && ($0 <= first + 1 || $0 >= found.count - Self.mostKept + 2)
    }
    for (index, snapshot) in found.enumerated() where !kept.contains(index) {
      store.remove(snapshot.cut.barrier)
    }
    guard needed != nil, let oldest = kept.first else { return nil }
    return found[oldest]
  }
}

extension StageCut {
  /// Whether a stage that goes on from here makes everything again that its successors have not covered.
  ///
  /// The edge that goes back counts not: risk keeps the barrier that execution keeps, since it covers what execution
  /// takes, and at the same barrier the two fit. Each waiting for the other, neither would ever let go of anything.
  func canMakeAgain(whatFollows covered: [StreamName: [UInt16: UInt64]]) -> Bool {
    for (stream, numbers) in emitted where stream != .feedback {
      for (partition, number) in numbers.enumerated() {
        guard number <= covered[stream]?[UInt16(partition)] ?? 0 else { return false }
      }
    }
    return true
  }
}
