import CDBDomain
import CDBPipeline

// The walk over the six layers: consumed, produced, refused.
extension Diagnostician {
  func layers(in diagnosis: Diagnosis) -> [LayerReport] {
    let broken = diagnosis.layer.flatMap(Layer.allCases.firstIndex(of:))
    return Layer.allCases.enumerated().map { index, layer in
      let condition: LayerReport.Condition =
        switch broken {
        case .none: .works
        case .some(let broken): index < broken ? .works : index == broken ? .broke : .behind
        }
      return report(layer, condition)
    }
  }

  private func report(_ layer: Layer, _ condition: LayerReport.Condition) -> LayerReport {
    let tally = status.tally
    let orders = tally.orders.values.reduce(0, +)
    return switch layer {
    case .system:
      LayerReport(
        layer: layer, condition: condition, consumed: status.feed.frames,
        produced: status.stage(.ws)?.sinceStart.received ?? 0,
        refused: status.feed.connection?.discarded ?? [:])
    case .marketData: report(layer, condition, of: .ws)
    case .signal:
      LayerReport(
        layer: layer, condition: condition, consumed: status.stage(.core)?.sinceStart.received ?? 0,
        produced: tally.signals.values.reduce(0, +), refused: dropped(.core))
    case .risk:
      LayerReport(
        layer: layer, condition: condition, consumed: tally.decisions.values.reduce(0, +), produced: orders,
        refused: Dictionary(
          tally.decisions.filter { !$0.key.approved }.map { ($0.key.reason.code, $0.value) },
          uniquingKeysWith: +))
    case .execution:
      LayerReport(
        layer: layer, condition: condition, consumed: orders, produced: tally.fills.values.reduce(0, +),
        refused: Dictionary(
          tally.gateRefusals.map { ($0.key.code, $0.value) }
            + [("rejected", (tally.results[.rejected] ?? 0) &- tally.gateRefusals.values.reduce(0, +))]
            .filter { $0.1 > 0 }, uniquingKeysWith: +))
    case .database: report(layer, condition, of: .dbWriter)
    }
  }

  private func report(
    _ layer: Layer, _ condition: LayerReport.Condition, of stage: StageName
  ) -> LayerReport {
    let ledger = status.stage(stage)?.sinceStart
    let received = ledger?.received ?? 0
    // The last stage emits nothing: what it has worked off is in the store.
    let produced =
      stage == .dbWriter
      ? received &- (status.stage(stage)?.inFlight ?? 0) : ledger?.emittedByKind.total ?? 0
    return LayerReport(
      layer: layer, condition: condition, consumed: received, produced: produced, refused: dropped(stage))
  }

  private func dropped(_ stage: StageName) -> [String: UInt64] {
    Dictionary(
      (status.stage(stage)?.sinceStart.dropped.byReason ?? []).map { ($0.reason.code, $0.count) },
      uniquingKeysWith: +)
  }
}
