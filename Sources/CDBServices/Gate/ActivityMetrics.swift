import CDBDomain
import CDBGate
import CDBPipeline
import OpenMetrics
import ServiceRuntime

/// How long nothing has happened, as metrics.
enum ActivityMetrics {
  static let seconds = MetricDescriptor(
    "cdb_zero_activity_seconds", type: .gauge,
    help: "Time in which the market lived and nothing of the kind happened.", unit: "seconds",
    labels: ["kind"],
    owner: "CDBGate")
  static let level = MetricDescriptor(
    "cdb_zero_activity_level", type: .stateset, help: "The highest level of all kinds.",
    states: ZeroActivityLevel.allCases.map(\.rawValue), owner: "CDBGate")
  static let restarts = MetricDescriptor(
    "cdb_restarts", type: .counter,
    help: "Starts of the pipeline on a data directory that had run before, since that was made.",
    labels: ["kind"],
    owner: "CDBGate")
  static let all = [seconds, level, restarts]
}

/// Reads them off the board.
struct ActivityCollector: MetricCollector {
  let board: GateBoard

  var descriptors: [MetricDescriptor] { ActivityMetrics.all }

  func collect() throws -> [MetricFamily] {
    let counted = try MetricFamily.counter(
      ActivityMetrics.restarts, counts: board.restarts.sorted { $0.key < $1.key }.map { ([$0.key], $0.value) }
    )
    guard let activity = board.activity else { return [counted] }
    return [
      counted,
      try .gauge(
        ActivityMetrics.seconds, activity.seconds.sorted { $0.key < $1.key }.map { ([$0.key], $0.value) }),
      try .stateSet(ActivityMetrics.level, [([], [activity.level.rawValue])]),
    ]
  }
}

extension ZeroActivityTiers {
  init(_ settings: EffectiveConfiguration) {
    self.init()
    notice = settings.duration("zero_activity.notice").nanoseconds
    warning = settings.duration("zero_activity.warning").nanoseconds
    high = settings.duration("zero_activity.high").nanoseconds
    critical = settings.duration("zero_activity.critical").nanoseconds
  }
}

extension CDBConfiguration {
  /// The levels of zero activity.
  static let zeroActivity = [("notice", "1h"), ("warning", "4h"), ("high", "12h"), ("critical", "24h")].map {
    ConfigurationKey(
      "zero_activity.\($0.0)", .duration(.seconds(1) ... .seconds(2_592_000)), default: $0.1,
      help:
        "From how long without a signal, an accepted order or a fill in a living market the level is \($0.0)."
    )
  }
}
