import Glibc

/// The time by which tasks work; a test hands in its own.
public struct TaskClock: Sendable {
  /// Milliseconds since the epoch.
  public var wall: @Sendable () -> Int64
  /// Nanoseconds that only grow.
  public var monotonic: @Sendable () -> UInt64
  /// Throws when the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void

  public init(
    wall: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> UInt64,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.wall = wall
    self.monotonic = monotonic
    self.sleep = sleep
  }

  /// That of the machine.
  public static let system = TaskClock(
    wall: { nanoseconds(CLOCK_REALTIME).map { $0 / 1_000_000 } ?? 0 },
    monotonic: { UInt64(nanoseconds(CLOCK_MONOTONIC) ?? 0) },
    sleep: { try await Task.sleep(for: $0) })

  private static func nanoseconds(_ clock: clockid_t) -> Int64? {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0 else { return nil }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
