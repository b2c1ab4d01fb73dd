import CDBDomain
import CDBPipeline

/// How far the newest barrier has come: the stages that it has passed, in their order.
struct CanaryPlace: Sendable, Hashable {
  /// The stages that the newest barrier has passed.
  var passed: [StageName]
  /// When it entered; nil where none has.
  var entered: EventTime?
  /// When the last of all stages passed it; nil while it is under way.
  var arrived: EventTime?

  init(_ status: PipelineStatus) {
    let times = StageName.allCases.map { ($0, status.stage($0)?.lastBarrierWall) }
    entered = times.first?.1
    passed = []
    guard let entered else { return }
    // A stage passes a barrier no earlier than the one before it, so an older time is of an older barrier.
    for (stage, time) in times {
      guard let time, time >= entered else { break }
      passed.append(stage)
    }
    arrived = passed.count == StageName.allCases.count ? times.last?.1 : nil
  }

  /// Where it waits; nil where it has passed all, or there is none.
  var waitsAt: StageName? {
    guard entered != nil, passed.count < StageName.allCases.count else { return nil }
    return StageName.allCases[passed.count]
  }
}
