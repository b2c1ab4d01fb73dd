import CDBDomain

/// The clocks that the runtime reads: those of the process, or those of a simulation. Stages read neither.
public struct PipelineClock: Sendable {
  /// Goes on evenly; nanoseconds.
  public var monotonic: @Sendable () -> UInt64
  /// What people call the time. It may jump.
  public var wall: @Sendable () -> EventTime

  public init(monotonic: @escaping @Sendable () -> UInt64, wall: @escaping @Sendable () -> EventTime) {
    self.monotonic = monotonic
    self.wall = wall
  }

  public static let process = PipelineClock(
    monotonic: { ProcessClock.monotonic() }, wall: { ProcessClock.wall() })
}
