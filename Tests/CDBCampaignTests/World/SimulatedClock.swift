import CDBDomain
import CDBPipeline
import Synchronization

/// The clocks of a simulated machine: time that goes when the world says so, and a wall clock that may be put elsewhere.
final class SimulatedClock: Sendable {
  /// When every world begins: a Monday, midnight.
  static let origin = EventTime(nanoseconds: 1_793_577_600_000_000_000)
  static let second: Int64 = 1_000_000_000

  private struct State {
    var elapsed: Int64 = 0
    var offset: Int64 = 0
  }
  private let state = Mutex(State())

  /// Nanoseconds since the world began.
  var elapsed: Int64 { state.withLock { $0.elapsed } }
  var seconds: Double { Double(elapsed) / 1e9 }
  /// Not zero, as on a machine that has been up for a while.
  var monotonic: UInt64 { UInt64(elapsed + 3_600 * Self.second) }
  /// The time that everybody else has, such as an exchange.
  var actual: EventTime { Self.origin.advanced(by: elapsed) }
  var wall: EventTime { state.withLock { Self.origin.advanced(by: $0.elapsed + $0.offset) } }

  func advance(by nanoseconds: Int64) { state.withLock { $0.elapsed += nanoseconds } }
  /// Puts the wall clock forward, or back.
  func jump(by nanoseconds: Int64) { state.withLock { $0.offset += nanoseconds } }

  var pipeline: PipelineClock {
    PipelineClock(monotonic: { self.monotonic }, wall: { self.wall })
  }
}
