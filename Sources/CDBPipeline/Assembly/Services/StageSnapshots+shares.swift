import CDBDomain
import Foundation

// Where a share of core's partitions goes on: at its own newest snapshot, or at what shares that were cut otherwise have left.
extension StageSnapshots {
  /// A snapshot of core in some folder of the data directory.
  private struct Piece {
    var cut: StageCut
    var manifest: CheckpointManifest
    var snapshot: StageSnapshot<CoreStage>
  }

  /// The newest barrier before a limit at which every partition of the share is in a snapshot, whoever has written it: a
  /// barrier is one cut through all partitions, so what is in several folders at the same one fits together.
  ///
  /// - Parameters:
  ///   - beginning: the stage without a snapshot, with all partitions.
  ///   - notice: hears of what should be usable and is not.
  /// - Returns: nil where there is no such barrier.
  func newestOfShares(
    before limit: UInt64 = .max, beginning: StageSnapshot<CoreStage>, notice: (String) -> Void
  ) -> StageStart<CoreStage>? {
    let count = beginning.stages.count
    let own = Set(store.barriers())
    let others = otherFolders
    let all = own.union(others.flatMap { $0.barriers() })
    for barrier in all.sorted(by: >) where barrier < limit {
      if own.contains(barrier) {
        do {
          return StageStart(
            manifest: try store.manifest(of: barrier), cut: try store.read(Self.cutName, of: barrier),
            snapshot: try store.snapshot(of: barrier, as: CoreStage.self, stages: count, outputs: count))
        } catch {
          notice("\(error); trying an older one")
        }
      }
      let pieces = others.compactMap { piece(of: barrier, in: $0, partitions: count) }
      if let start = joined(pieces, barrier: barrier, beginning) { return start }
    }
    let wanted = share?.partitions ?? (0..<count).map { UInt16(clamping: $0) }
    let isLeft = others.contains { other in
      other.barriers().contains { barrier in
        guard barrier < limit, let cut: StageCut = try? other.read(Self.cutName, of: barrier) else {
          return false
        }
        return wanted.contains(where: cut.isOf)
      }
    }
    if isLeft {
      notice(
        "other shares of core have left snapshots, and at no barrier of all its partitions: it begins without"
      )
    }
    return nil
  }

  /// Whether the data directory has none of the stage, whichever share has written it.
  var isEmpty: Bool { ([store] + otherFolders).allSatisfy { $0.barriers().isEmpty } }

  /// Whether one of them, whichever share has written it, has all that a stage without it misses.
  func have(through loss: EdgeLoss) -> Bool {
    ([store] + otherFolders).contains { folder in
      folder.barriers().contains { barrier in
        guard let cut: StageCut = try? folder.read(Self.cutName, of: barrier) else { return false }
        let accepted = cut.accepted[loss.stream] ?? []
        return Int(loss.partition) < accepted.count
          && accepted[Int(loss.partition)] >= loss.missing.upperBound
      }
    }
  }

  /// Those of the stage's folders in the data directory that are not this share's.
  private var otherFolders: [CheckpointStore] {
    let own = Self.folder(of: stage, share)
    let parent = URL(filePath: store.directory).deletingLastPathComponent().path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    let all = Self.folder(of: stage, nil)
    return names.sorted().filter { $0 != own && ($0 == all || $0.hasPrefix(all + "-")) }
      .compactMap { try? CheckpointStore(directory: parent + "/" + $0) }
  }

  /// Nil where it is not there or cannot be used: another process may be removing it.
  private func piece(of barrier: UInt64, in store: CheckpointStore, partitions count: Int) -> Piece? {
    guard let cut: StageCut = try? store.read(Self.cutName, of: barrier), cut.stage == stage,
      let manifest = try? store.manifest(of: barrier),
      let snapshot = try? store.snapshot(of: barrier, as: CoreStage.self, stages: count, outputs: count)
    else { return nil }
    return Piece(cut: cut, manifest: manifest, snapshot: snapshot)
  }

  /// Each partition of the share from the first piece that is of it; nil where one is in none.
  private func joined(
    _ pieces: [Piece], barrier: UInt64, _ beginning: StageSnapshot<CoreStage>
  ) -> StageStart<CoreStage>? {
    guard let manifest = pieces.first?.manifest,
      pieces.allSatisfy({ $0.manifest.journalIdentity == manifest.journalIdentity })
    else { return nil }
    let all = (0..<beginning.stages.count).map { UInt16(clamping: $0) }
    let wanted = share?.partitions ?? all
    var snapshot = beginning
    var accepted = Array(repeating: UInt64(0), count: beginning.stages.count)
    for partition in wanted {
      let index = Int(partition)
      guard let piece = pieces.first(where: { $0.cut.isOf(partition) }), index < all.count else { return nil }
      snapshot.stages[index] = piece.snapshot.stages[index]
      snapshot.emitted[index] = piece.snapshot.emitted[index]
      let positions = piece.snapshot.accepted[.marketData] ?? []
      accepted[index] = index < positions.count ? positions[index] : 0
      snapshot.watermark = max(snapshot.watermark, piece.snapshot.watermark)
    }
    snapshot.accepted = [.marketData: accepted]
    // A process's books are of all its partitions together: they go to whoever takes the first of them from it.
    for (index, piece) in pieces.enumerated() {
      guard let first = (piece.cut.partitions ?? all).min(), wanted.contains(first),
        pieces.firstIndex(where: { $0.cut.isOf(first) }) == index
      else { continue }
      snapshot.ledger.add(piece.snapshot.ledger)
    }
    let cut = StageCut(
      stage: stage, barrier: barrier, ledger: snapshot.ledger, inFlight: 0, accepted: snapshot.accepted,
      emitted: [.signals: snapshot.emitted], partitions: share?.partitions)
    return StageStart(manifest: manifest, cut: cut, snapshot: snapshot)
  }
}
