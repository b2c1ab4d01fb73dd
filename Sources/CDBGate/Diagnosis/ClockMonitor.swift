import CDBDomain

/// Notices when the wall clock moves otherwise than time does, and when nobody looked for a while: the process was held
/// up, or got no processor time.
public struct ClockMonitor: Sendable {
  /// A jump or a pause, and how long ago it was.
  public struct Jump: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      /// The wall clock was set.
      case clock
      /// Time went on evenly, and nobody looked.
      case heldUp
    }

    /// How far the clock went beyond the time that passed, seconds, negative for a step back; of a pause its length.
    public var seconds: Double
    public var at: EventTime
    public var kind = Kind.clock
  }

  /// Nanoseconds from which on a difference between two readings is a jump, and not a correction.
  public static let tolerance: Int64 = 1_000_000_000
  /// Nanoseconds between two looks from which on the process was held up: ages that were read then say nothing of what
  /// they are ages of.
  public static let longestPause: UInt64 = 3_000_000_000
  /// How long a jump is reported, nanoseconds.
  public static let memory: Int64 = 15_000_000_000
  /// How long a pause is reported, nanoseconds: until everything else had time to go on.
  public static let pauseMemory: Int64 = 5_000_000_000

  private var last: (wall: Int64, monotonic: UInt64)?
  private var jump: (found: Jump, monotonic: UInt64)?
  private var pause: (found: Jump, monotonic: UInt64)?

  public init() {}

  /// Takes both clocks' readings, nanoseconds, and gives the jump that still counts, or else the pause.
  public mutating func observe(wall: EventTime, monotonic: UInt64) -> Jump? {
    if let last {
      let passed = monotonic &- min(monotonic, last.monotonic)
      let (moved, overflow) = wall.nanoseconds.subtractingReportingOverflow(last.wall)
      let difference = overflow ? Int64.max : moved &- Int64(clamping: passed)
      if difference.magnitude >= UInt64(Self.tolerance) {
        jump = (Jump(seconds: Double(difference) / 1e9, at: wall), monotonic)
      }
      if passed >= Self.longestPause {
        pause = (Jump(seconds: Double(passed) / 1e9, at: wall, kind: .heldUp), monotonic)
      }
    }
    last = (wall.nanoseconds, monotonic)
    if let jump, monotonic &- jump.monotonic < UInt64(Self.memory) { return jump.found }
    if let pause, monotonic &- pause.monotonic < UInt64(Self.pauseMemory) { return pause.found }
    return nil
  }
}
