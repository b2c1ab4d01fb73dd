import CDBDomain

/// Notices when the wall clock moves otherwise than time does.
public struct ClockMonitor: Sendable {
  /// A jump, and how long ago it was.
  public struct Jump: Sendable, Hashable {
    /// How far the clock went beyond the time that passed, seconds; negative for a step back.
    public var seconds: Double
    public var at: EventTime
  }

  /// Nanoseconds from which on a difference between two readings is a jump, and not a correction.
  public static let tolerance: Int64 = 1_000_000_000
  /// How long a jump is reported, nanoseconds.
  public static let memory: Int64 = 15_000_000_000

  private var last: (wall: Int64, monotonic: UInt64)?
  private var jump: (seconds: Double, wall: EventTime, monotonic: UInt64)?

  public init() {}

  /// Takes both clocks' readings, nanoseconds, and gives the jump that still counts.
  public mutating func observe(wall: EventTime, monotonic: UInt64) -> Jump? {
    if let last {
      let passed = Int64(clamping: monotonic &- min(monotonic, last.monotonic))
      let (moved, overflow) = wall.nanoseconds.subtractingReportingOverflow(last.wall)
      let difference = overflow ? Int64.max : moved &- passed
      if difference.magnitude >= UInt64(Self.tolerance) {
        jump = (Double(difference) / 1e9, wall, monotonic)
      }
    }
    last = (wall.nanoseconds, monotonic)
    guard let found = jump, monotonic &- found.monotonic < UInt64(Self.memory) else { return nil }
    return Jump(seconds: found.seconds, at: found.wall)
  }
}
