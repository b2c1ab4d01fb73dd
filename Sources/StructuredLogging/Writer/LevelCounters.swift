import Logging
import Synchronization

/// A counter for each level, without a lock.
struct LevelCounters: ~Copyable, Sendable {
  private let trace = Atomic<UInt64>(0)
  private let debug = Atomic<UInt64>(0)
  private let info = Atomic<UInt64>(0)
  private let notice = Atomic<UInt64>(0)
  private let warning = Atomic<UInt64>(0)
  private let error = Atomic<UInt64>(0)
  private let critical = Atomic<UInt64>(0)

  @inline(__always)
  func count(_ level: Logger.Level) {
    switch level {
    case .trace: trace.wrappingAdd(1, ordering: .relaxed)
    case .debug: debug.wrappingAdd(1, ordering: .relaxed)
    case .info: info.wrappingAdd(1, ordering: .relaxed)
    case .notice: notice.wrappingAdd(1, ordering: .relaxed)
    case .warning: warning.wrappingAdd(1, ordering: .relaxed)
    case .error: error.wrappingAdd(1, ordering: .relaxed)
    case .critical: critical.wrappingAdd(1, ordering: .relaxed)
    }
  }

  var snapshot: [Logger.Level: UInt64] {
    [
      .trace: trace.load(ordering: .relaxed),
      .debug: debug.load(ordering: .relaxed),
      .info: info.load(ordering: .relaxed),
      .notice: notice.load(ordering: .relaxed),
      .warning: warning.load(ordering: .relaxed),
      .error: error.load(ordering: .relaxed),
      .critical: critical.load(ordering: .relaxed),
    ]
  }
}
