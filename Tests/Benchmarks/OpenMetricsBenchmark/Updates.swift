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
  let rounds = 20_000_000
  let registry = MetricRegistry()
  let word = LockedWord()
  guard let counter = try? registry.counter(.init("c", type: .counter, help: "")).child,
    let gauge = try? registry.gauge(.init("g", type: .gauge, help: "")).child,
    let histogram = try? registry.histogram(.init("h", type: .histogram, help: "")).child
  else { return .nan }
  let bare = nanoseconds(rounds) { _ in word.add() }
  let contended = nanosecondsOfTwo(rounds / 4) { _ in word.add() }
  report("lock xadd", bare, "ns")
  report("lock xadd, two threads", contended, "ns")

  func line(
    _ name: String, _ update: @escaping @Sendable (Int) -> Void, one: Double? = nil, two: Double? = nil
  ) {
    let single = nanoseconds(rounds) { update($0) }
    report(name, single, "ns", ratio: single / bare, goal: one.map { "goal: at most \($0)" } ?? "")
    let double = nanosecondsOfTwo(rounds / 4, update)
    report(
      name + ", two threads", double, "ns", ratio: double / contended,
      goal: two.map { "goal: at most \($0) of the contended" } ?? "")
  }
  line("counter, increment()", { _ in counter.increment() }, one: 0.5, two: 0.4)
  line("counter, increment(by: 0.5)", { _ in counter.increment(by: 0.5) })
  line("histogram, observe()", { round in histogram.observe(Double(round & 7) * 0.01) }, one: 2.5)
  line("gauge, set()", { round in gauge.set(Double(round)) })
  line("gauge, increment()", { _ in gauge.increment() })
  return bare
}
