import Synchronization

/// The newest cuts of a stage, for whoever balances the flow.
final class CutRecord: Sendable {
  private let cuts = Mutex<[StageCut]>([])

  func note(_ cut: StageCut) {
    cuts.withLock { cuts in
      cuts.removeAll { $0.barrier == cut.barrier }
      cuts.append(cut)
      if cuts.count > ServicePart.keptCuts { cuts.removeFirst(cuts.count - ServicePart.keptCuts) }
    }
  }

  var newest: [StageCut] { cuts.withLock { $0 } }
}
