import CDBDomain
import CDBGate
import CDBPipeline
import OpenMetrics
import Synchronization

/// The gate as metrics.
enum GateMetrics {
  static let state = MetricDescriptor(
    "cdb_gate_state", type: .stateset, help: "What the gate lets happen.",
    states: GateState.allCases.map(\.rawValue), owner: "CDBGate")
  static let check = MetricDescriptor(
    "cdb_gate_check", type: .stateset, help: "What a check of the gate found; an old pass is unknown.",
    labels: ["check"], states: GateOutcome.allCases.map(\.rawValue), owner: "CDBGate")
  static let age = MetricDescriptor(
    "cdb_gate_check_age_seconds", type: .gauge, help: "Time since a check's verdict.", unit: "seconds",
    labels: ["check"], owner: "CDBGate")
  static let incidents = MetricDescriptor(
    "cdb_incidents", type: .counter,
    help:
      "Incidents that were opened, by where and why; a pair has no sample before its first, as any layer may fail for "
      + "any reason.",
    labels: ["layer", "reason"], owner: "CDBGate")
  static let openIncidents = MetricDescriptor(
    "cdb_incidents_unclosed", type: .gauge, help: "Incidents that are not closed, by how bad they are.",
    labels: ["severity"], owner: "CDBGate")
  static let all = [state, check, age, incidents, openIncidents]
}

/// The gate as it was last seen, for those who cannot wait for an actor: scrapes, health checks, a terminal.
final class GateBoard: MetricCollector, Sendable {
  private struct State {
    var report: GateReport?
    var activity: ZeroActivityReport?
    var incidents = IncidentRegister()
    var restarts: [String: UInt64] = ["planned": 0, "unplanned": 0]
    var jump: ClockMonitor.Jump?
    /// The clocks as they were when the gate last looked.
    var clock = ClockMonitor()
    var lateness = LatenessMonitor()
  }

  private let state = Mutex(State())
  private let thresholds: DiagnosisThresholds

  init(thresholds: DiagnosisThresholds) { self.thresholds = thresholds }

  func update(_ report: GateReport?, _ jump: ClockMonitor.Jump?) {
    state.withLock {
      $0.report = report
      $0.jump = jump
      _ = $0.clock.observe(wall: ProcessClock.wall(), monotonic: ProcessClock.monotonic())
    }
  }

  func update(_ activity: ZeroActivityReport) { state.withLock { $0.activity = activity } }

  func update(_ incidents: IncidentRegister) { state.withLock { $0.incidents = incidents } }

  /// All that are not closed, and the newest that are.
  var incidents: IncidentRegister { state.withLock { $0.incidents } }

  func update(restarts: [String: UInt64]) {
    state.withLock { $0.restarts.merge(restarts, uniquingKeysWith: { $1 }) }
  }

  /// Starts on a directory that had run before, by kind.
  var restarts: [String: UInt64] { state.withLock { $0.restarts } }

  /// How long nothing has happened; nil where nobody counts it.
  var activity: ZeroActivityReport? { state.withLock { $0.activity } }

  /// Nil where nothing guards the pipeline.
  var report: GateReport? { state.withLock { $0.report } }

  /// The answer to *why*, from a status and what the gate knows.
  func diagnosis(of status: PipelineStatus) -> Diagnosis {
    let wall = ProcessClock.wall()
    let monotonic = ProcessClock.monotonic()
    let (state, lateness) = state.withLock { state in
      (state, state.lateness.observe(status.feed, monotonic: monotonic))
    }
    // The gate looks five times a second. What happened to the clock since it last did it cannot know yet; and where it has
    // not looked for long, the process was held up, or its timers are. Without a gate nobody looks evenly.
    var clock = state.clock
    let seen = state.report == nil ? nil : clock.observe(wall: wall, monotonic: monotonic)
    let jump = state.jump ?? seen
    var diagnosis = Diagnostician(
      status, at: wall, gate: state.report, clock: jump, lateness: lateness, thresholds: thresholds
    ).diagnose()
    diagnosis.zeroActivity = state.activity
    diagnosis.refer(to: state.incidents)
    return diagnosis
  }

  var descriptors: [MetricDescriptor] { GateMetrics.all }

  func collect() throws -> [MetricFamily] {
    guard let report else { return [] }
    let register = incidents
    let unclosed = Dictionary(register.unclosed.map { ($0.severity, 1.0) }, uniquingKeysWith: +)
    return [
      try .counter(
        GateMetrics.incidents,
        counts: register.opened.sorted { $0.key < $1.key }.map {
          ([$0.key.layer?.rawValue ?? "none", $0.key.reason], $0.value)
        }),
      try .gauge(
        GateMetrics.openIncidents, IncidentSeverity.allCases.map { ([$0.rawValue], unclosed[$0] ?? 0) }),
      try .stateSet(GateMetrics.state, [([], [report.state.rawValue])]),
      try .stateSet(GateMetrics.check, report.checks.map { ([$0.check.rawValue], [$0.outcome.rawValue]) }),
      try .gauge(
        GateMetrics.age,
        report.checks.compactMap { check in check.ageSeconds.map { ([check.check.rawValue], $0) } }),
    ]
  }
}
