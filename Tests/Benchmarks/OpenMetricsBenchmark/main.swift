import CMetricArena
import OpenMetrics

/// Nanoseconds that one of `rounds` calls takes: the best of five runs.
func measure(_ rounds: Int, _ body: () -> Void) -> Double {
  var best = Double.infinity
  for _ in 0..<5 {
    let elapsed = ContinuousClock().measure { for _ in 0..<rounds { body() } }
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    best = min(best, seconds * 1e9 / Double(rounds))
  }
  return best
}

let registry = MetricRegistry()
let counter = try registry.counter(.init("c", type: .counter, help: "")).child
let histogram = try registry.histogram(.init("h", type: .histogram, help: "")).child
let word = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
word.initialize(to: 0)
let bare = measure(20_000_000) { _ = metric_locked_add(word, 1) }
print("lock xadd", bare)
print("counter", measure(20_000_000) { counter.increment() })
print("histogram", measure(20_000_000) { histogram.observe(0.03) })
