import OpenMetrics

/// What swift-metrics asks for, as a kind of family.
enum InstrumentKind: String, Sendable, Hashable {
  /// Of whole or broken numbers.
  case counter
  /// A meter, or a recorder that does not aggregate.
  case gauge
  /// A recorder that aggregates.
  case recorder
  case timer

  var type: MetricType {
    switch self {
    case .counter: .counter
    case .gauge: .gauge
    case .recorder, .timer: .histogram
    }
  }

  /// The family's name: a counter's without `_total`, which is added on exposition; a timer's with its unit.
  func familyName(_ name: String, addsUnit: Bool) -> String {
    switch self {
    case .counter where name.hasSuffix("_total") && name.utf8.count > "_total".utf8.count:
      return String(name.dropLast("_total".count))
    case .timer where addsUnit:
      if name.hasSuffix("_seconds") { return name }
      let other = Self.timeUnits.first { name.hasSuffix($0) && name.utf8.count > $0.utf8.count }
      return name.dropLast(other?.count ?? 0) + "_seconds"
    case .counter, .gauge, .recorder, .timer:
      return name
    }
  }

  /// Units that a timer's label may end in, although its values come in seconds.
  private static let timeUnits = ["_nanoseconds", "_microseconds", "_milliseconds", "_ns", "_us", "_ms"]
}
