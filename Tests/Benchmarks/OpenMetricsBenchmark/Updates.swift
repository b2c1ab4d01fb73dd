import CMetricArena
import OpenMetrics

/// A word that threads add to with the bare locked instruction.
///
/// `@unchecked Sendable`: the word is only touched atomically.
final class LockedWord: @unchecked Sendable {
  private let word: UnsafeMutablePointer<UInt64>

  init() {
    word = .allocate(capacity: 1)
    word.initialize(to: 0)
  }

  deinit { word.deallocate() }

  @inline(__always)
  func add() { _ = metric_locked_add(word, 1) }
}

/// Returns the nanoseconds of `lock xadd` on one thread.
func benchmarkUpdates() -> Double {
  let registry = MetricRegistry()
  let word = LockedWord()
  guard let counter = try? registry.counter(.init("c", type: .counter, help: "")).child,
    let gauge = try? registry.gauge(.init("g", type: .gauge, help: "")).child,
    let histogram = try? registry.histogram(.init("h", type: .histogram, help: "")).child
  else { return .nan }
  let bare = nanoseconds { for _ in 0..<$0 { word.add() } }
  let contended = nanosecondsOfTwo { for _ in 0..<$0 { word.add() } }
  report("lock xadd", bare, "ns")
  report("lock xadd, two threads", contended, "ns")

  line(
    "counter, increment()", { for _ in 0..<$0 { counter.increment() } }, bare, contended, one: 0.5, two: 0.4)
  line("counter, increment(by: 0.5)", { for _ in 0..<$0 { counter.increment(by: 0.5) } }, bare, contended)
  line(
    "histogram, observe()", { for round in 0..<$0 { histogram.observe(Double(round & 7) * 0.01) } }, bare,
    contended,
    one: 2.5)
  line("gauge, set()", { for round in 0..<$0 { gauge.set(Double(round)) } }, bare, contended)
  line("gauge, increment()", { for _ in 0..<$0 { gauge.increment() } }, bare, contended)
  return bare
}

private func line(
  _ name: String, _ update: @escaping @Sendable (Int) -> Void, _ bare: Double, _ contended: Double,
  one: Double? = nil, two: Double? = nil
) {
  let single = nanoseconds(body: update)
  report(name, single, "ns", ratio: single / bare, goal: one.map { "goal: at most \($0)" } ?? "")
  let double = nanosecondsOfTwo(body: update)
  report(
    name + ", two threads", double, "ns", ratio: double / contended,
    goal: two.map { "goal: at most \($0) of the contended" } ?? "")
}
