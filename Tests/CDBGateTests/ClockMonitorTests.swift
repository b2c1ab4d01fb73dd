import CDBDomain
import CDBGate
import Testing

@Suite("The clock monitor")
struct ClockMonitorTests {
  private static let second: Int64 = 1_000_000_000
  private static let start: Int64 = 1_700_000_000_000_000_000

  /// Both clocks a second on, and the wall clock by `jump` more at one moment.
  private func jumps(of jump: Int64, for seconds: Int64) -> [ClockMonitor.Jump?] {
    var monitor = ClockMonitor()
    return (0..<seconds).map { step in
      let wall = Self.start + step * Self.second + (step >= 5 ? jump : 0)
      return monitor.observe(
        wall: EventTime(nanoseconds: wall), monotonic: UInt64(step * Self.second) + 77)
    }
  }

  @Test(
    "a clock that goes evenly, or is corrected by little, is no jump",
    arguments: [0, 400_000_000, -400_000_000])
  func even(correction: Int64) {
    #expect(jumps(of: correction, for: 60).allSatisfy { $0 == nil })
  }

  @Test(
    "a jump is seen at once, with its size, and forgotten after its time",
    arguments: [3_600.0, -3_600, 2, -2])
  func jump(seconds: Double) {
    let seen = jumps(of: Int64(seconds) * Self.second, for: 60)
    #expect(seen[4] == nil)
    #expect(seen[5]?.seconds == seconds)
    #expect(seen[19]?.seconds == seconds)
    #expect(seen[20] == nil)
  }

  /// A look after so many seconds.
  private func look(_ monitor: inout ClockMonitor, after seconds: Double) -> ClockMonitor.Jump? {
    let passed = Int64(seconds * Double(Self.second))
    return monitor.observe(
      wall: EventTime(nanoseconds: Self.start + passed), monotonic: 1 + UInt64(passed))
  }

  @Test("a process that stood still sees no jump, since both clocks went on, but a pause, for a while")
  func stopped() {
    var monitor = ClockMonitor()
    #expect(look(&monitor, after: 0) == nil)
    #expect(look(&monitor, after: 2.9) == nil)
    let seen = look(&monitor, after: 602.9)
    #expect(seen?.kind == .heldUp && seen?.seconds == 600)
    #expect(look(&monitor, after: 605)?.kind == .heldUp)
    #expect(look(&monitor, after: 607.8)?.kind == .heldUp)
    #expect(look(&monitor, after: 608) == nil)
  }
}
