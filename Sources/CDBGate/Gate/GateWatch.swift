import CDBDomain
import CDBPipeline

/// Makes of looks at a pipeline what the gate's state machine is told: a value, whoever looks and whatever clock goes.
public struct GateWatch: Sendable {
  private let policy: GatePolicy
  private let thresholds: DiagnosisThresholds
  private var clock = ClockMonitor()
  private var lateness = LatenessMonitor()
  private var seen: [ReasonCode: UInt64] = [:]
  private var hasNoCheckpoint = false
  /// A jump of the wall clock that still counts.
  public private(set) var jump: ClockMonitor.Jump?

  public init(policy: GatePolicy, thresholds: DiagnosisThresholds) {
    self.policy = policy
    self.thresholds = thresholds
  }

  /// - Parameters:
  ///   - wall: the wall clock's reading.
  ///   - monotonic: that of a clock that goes evenly, nanoseconds.
  /// - Returns: what the machine is to handle, in order.
  public mutating func look(
    at status: PipelineStatus, wall: EventTime, monotonic: UInt64
  ) -> [GateStateMachine.Input] {
    jump = clock.observe(wall: wall, monotonic: monotonic)
    var inputs: [GateStateMachine.Input] = []
    if let observed = status.gate?.state { inputs.append(.observed(observed)) }
    inputs += newIncidents(status).map { .condition(GateCondition(reason: $0)) }
    if hasNoCheckpoint, status.checkpointFailure == nil { inputs.append(.errorsOver) }
    hasNoCheckpoint = status.checkpointFailure != nil
    let late = lateness.observe(status.feed, monotonic: monotonic)
    let condition = Diagnostician(
      status, at: wall, clock: jump, lateness: late, thresholds: thresholds
    ).condition()
    return inputs + [.condition(condition), status.feed.hasEnded ? .ended : .tick]
  }

  /// Alerts that were committed since the last look and that trip the gate, each once.
  private mutating func newIncidents(_ status: PipelineStatus) -> [ReasonCode] {
    let all = status.tally.incidents
    defer { seen = all }
    return all.filter { $0.value > seen[$0.key] ?? 0 && policy.needsPerson.contains($0.key) }.map(\.key)
      .sorted { $0.rawValue < $1.rawValue }
  }
}
