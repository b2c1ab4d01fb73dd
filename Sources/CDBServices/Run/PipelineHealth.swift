import CDBDomain
import CDBGate
import CDBPipeline
import ServiceRuntime

extension HealthReport.Component {
  /// What somebody should know of, though everything does its work.
  init(_ remark: Remark) {
    self.init(name: remark.kind.rawValue, healthy: true, reason: remark.line(in: .en))
  }

  /// Whether it is a remark.
  public var isRemark: Bool { healthy && Remark.Kind(rawValue: name) != nil }
}

extension HealthReport {
  /// Healthy where every stage does its work; what it did last is the reason. `feed` is unhealthy while frames
  /// cannot be had or journaled, and so is whatever layer the diagnosis calls broken or blocked; the gate is unhealthy
  /// while something that nobody chose keeps it shut. Once the input has ended nothing crosses the pipeline that it could check.
  init(_ status: PipelineStatus, _ diagnosis: Diagnosis, now: Int64) {
    var components = status.stages.map { stage in
      let age = stage.lastEventWall.map { Double(max(0, now - $0.nanoseconds)) / 1e9 }
      return Component(
        name: stage.stage.rawValue, healthy: stage.health.doesItsWork,
        reason: stage.failure ?? stage.health.rawValue, age: age.map { .seconds($0) })
    }
    let isFeedBroken = diagnosis.verdict == .broken && diagnosis.layer == .marketData
    components.append(
      Component(
        name: "feed", healthy: status.feed.failure == nil && !isFeedBroken,
        reason: status.feed.failure ?? (isFeedBroken ? diagnosis.summary : nil)))
    components.append(
      Component(
        name: "flow", healthy: status.flow?.isBalanced ?? true,
        reason: status.flow?.imbalances.first.map { "\($0)" }))
    if let failure = status.checkpointFailure {
      components.append(Component(name: "checkpoint", healthy: false, reason: failure))
    }
    if let layer = diagnosis.layer, diagnosis.verdict == .broken || diagnosis.verdict == .blocked {
      components.append(
        Component(name: "layer \(layer.rawValue)", healthy: false, reason: diagnosis.summary))
    }
    // It works all the same.
    components += diagnosis.remarks.map(Component.init)
    if let gate = diagnosis.gate {
      components.append(
        Component(
          name: "gate", healthy: !gate.isKeptShut || diagnosis.verdict == .ended,
          reason: "\(gate.state.rawValue): \(gate.reason)"))
    }
    self.init(components: components)
  }
}
