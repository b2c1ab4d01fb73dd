import CMetricArena
import OpenMetrics

/// A word that threads add to.
///
/// `@unchecked Sendable`: the word is only touched atomically.
final class Word: @unchecked Sendable {
  private let word: UnsafeMutablePointer<UInt64>

  init() {
    word = .allocate(capacity: 1)
    word.initialize(to: 0)
  }

  deinit { word.deallocate() }

  @inline(__always)
  func lockedAdd() { _ = metric_locked_add(word, 1) }
}

/// One kind of update, on one thread and on two. All kinds take turns, so that whoever else uses the machine disturbs
/// all of them alike.
private struct Update {
  let name: String
  var goal: Double?
  var contendedGoal: Double?
  let body: ThreadPair.Work
  /// Nanoseconds by turn.
  var single: [Double] = []
  var double: [Double] = []

  init(_ name: String, goal: Double? = nil, contendedGoal: Double? = nil, _ body: @escaping ThreadPair.Work) {
    self.name = name
    self.goal = goal
    self.contendedGoal = contendedGoal
    self.body = body
  }
}

/// What has a counter, as programs do.
private final class Holder: Sendable {
  let counter: Counter
  init(_ counter: Counter) { self.counter = counter }
  @inline(never)
  func count() { counter.increment() }
}

func benchmarkUpdates() {
  var updates = makeUpdates()
  let pair = ThreadPair()
  if pair == nil { print("one processor only: nothing is measured on two threads") }
  for _ in 0..<60 {
    for index in updates.indices {
      updates[index].single.append(nanoseconds(runs: 5, body: updates[index].body))
      if let pair { updates[index].double.append(pair.nanoseconds(updates[index].body)) }
    }
  }
  pair?.stop()
  guard let bare = updates.first else { return }
  for update in updates {
    report(
      update.name, update.single.min() ?? .nan, "ns", ratio: medianRatio(update.single, bare.single),
      goal: update.goal.map { "goal: at most \($0)" } ?? "")
    report(
      update.name + ", two threads", update.double.min() ?? .nan, "ns",
      ratio: medianRatio(update.double, bare.double),
      goal: update.contendedGoal.map { "goal: at most \($0) of the contended" } ?? "")
  }
}

/// The bare instruction is the first.
private func makeUpdates() -> [Update] {
  let registry = MetricRegistry()
  let word = Word()
  guard let family = try? registry.counter(.init("c", type: .counter, help: "")),
    let counter = try? family.child,
    let gauge = try? registry.gauge(.init("g", type: .gauge, help: "")).child,
    let histogram = try? registry.histogram(.init("h", type: .histogram, help: "")).child
  else { return [] }
  let holder = Holder(counter)
  let counting: ThreadPair.Work = { for _ in 0..<$0 { counter.increment() } }
  counting(1)
  report(
    "counter, allocations of 1000000 increments", allocations { counting(1_000_000) }, "", goal: "goal: 0")
  return [
    Update("lock xadd") { for _ in 0..<$0 { word.lockedAdd() } },
    Update("counter, increment()", goal: 0.5, contendedGoal: 0.4, counting),
    Update("counter of a family, increment()") { for _ in 0..<$0 { family.increment() } },
    Update("counter of an object, increment()") { for _ in 0..<$0 { holder.count() } },
    Update("counter, increment(by: 0.5)") { for _ in 0..<$0 { counter.increment(by: 0.5) } },
    Update("histogram, observe()", goal: 2.5) {
      for round in 0..<$0 { histogram.observe(Double(round & 7) * 0.01) }
    },
    Update("gauge, set()") { for round in 0..<$0 { gauge.set(Double(round)) } },
    Update("gauge, increment()") { for _ in 0..<$0 { gauge.increment() } },
  ]
}
