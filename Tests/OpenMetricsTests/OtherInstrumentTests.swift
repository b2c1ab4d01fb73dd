import Synchronization
import Testing

@testable import OpenMetrics

@Suite("Instruments beside counters and histograms")
struct OtherInstrumentTests {
  struct Broken: Error {}

  let clock = ManualClock()
  let registry: MetricRegistry

  init() { registry = MetricRegistry(maximumChildren: 10, clock: clock) }

  @Test("a whole-number gauge is exact, and may be negative")
  func integerGauge() throws {
    let family = try registry.integerGauge(.init("g", type: .gauge, help: ""))
    family.set(Int64(1) << 60)
    family.increment()
    guard case .gauge(let value)? = registry.snapshot()[0].metrics[0].points.first?.value else { return }
    #expect(value == .integer((1 << 60) + 1))
    family.set(0)
    family.decrement(by: 3)
    #expect(registry.snapshot()[0].metrics[0].points.first?.value == .gauge(.double(-3)))
  }

  @Test("an unknown is a number")
  func unknown() throws {
    try registry.unknown(.init("u", type: .unknown, help: "")).set(2.5)
    #expect(registry.snapshot()[0].metrics[0].points.first?.value == .unknown(2.5))
  }

  @Test("a gauge follows the clock, and what is in progress")
  func gauge() async throws {
    let gauge = try registry.gauge(.init("g", type: .gauge, help: "")).child
    gauge.setToCurrentTime()
    #expect(gauge.value == 1_000_000)
    gauge.set(0)
    let inProgress = gauge.trackInProgress { gauge.value }
    #expect(inProgress == 1)
    let inWaiting = await gauge.trackInProgress { await Task { gauge.value }.value }
    #expect(inWaiting == 1)
    #expect(throws: Broken.self) { try gauge.trackInProgress { () throws(Broken) in throw Broken() } }
    #expect(gauge.value == 0)
  }

  @Test("durations are observed in seconds, of closures that return, wait or throw")
  func time() async throws {
    let histogram = try registry.histogram(.init("h", type: .histogram, help: "", buckets: [1, 3])).child
    let summary = try registry.summary(.init("s", type: .summary, help: "")).child
    let native = try registry.nativeHistogram(.init("n", type: .histogram, help: "")).child
    for observer in [histogram, summary, native] as [any DurationObserver] {
      observer.time { clock.advance(by: .milliseconds(1500)) }
      await observer.time { [clock] in await Task { clock.advance(by: .seconds(2)) }.value }
      #expect(throws: Broken.self) {
        try observer.time { () throws(Broken) in
          clock.advance(by: .seconds(4))
          throw Broken()
        }
      }
    }
    guard case .histogram(let point) = histogram.point() else { return }
    #expect(point.buckets.map(\.cumulativeCount) == [0, 2, 3])
    #expect(point.sum == 7.5)
  }

  @Test("a gauge histogram is set, and moves between buckets without falling below nothing")
  func gaugeHistogram() throws {
    let family = try registry.gaugeHistogram(.init("q", type: .gaugehistogram, help: "", buckets: [1, 2]))
    let queue = try family.child
    queue.set(values: [0.5, 1.5, 3, .nan])
    queue.move(from: 0.5, to: 5)
    queue.remove(0.5)
    queue.add(.nan)
    queue.set(counts: [1], sum: 1)
    #expect(registry.statistics.rejectedUpdates == 4)
    func point() -> HistogramPoint? {
      guard case .gaugeHistogram(let point)? = registry.snapshot()[0].metrics[0].points.first?.value else {
        return nil
      }
      return point
    }
    #expect(point()?.buckets.map(\.cumulativeCount) == [0, 1, 3])
    #expect(point()?.sum == 9.5)
    queue.add(.infinity)
    for value in [1.5, 3, 5, .infinity] { queue.remove(value) }
    #expect(point()?.count == 0)
    #expect(point()?.sum == 0.0)
    queue.set(counts: [1, 2, 3], sum: 12)
    #expect(point()?.count == 6)
    #expect(registry.snapshot()[0].violation() == nil)
  }

  @Test("a callback is read at each scrape, and one that fails or lies costs only itself")
  func callbacks() throws {
    let calls = Mutex(0)
    try registry.callback(.init("a", type: .counter, help: "")) {
      calls.withLock {
        $0 += 1
        return Double($0)
      }
    }
    try registry.callback(.init("b", type: .gauge, help: "", labels: ["x"])) { [(["1"], 1), (["2"], 2)] }
    try registry.callback(.init("c", type: .unknown, help: ""), read: { throw Broken() })
    try registry.callback(.init("d", type: .counter, help: "")) { -1 }
    _ = registry.snapshot()
    let families = registry.snapshot()
    #expect(families.map(\.name) == ["a", "b"])
    #expect(families[0].metrics[0].points.first?.value == .counter(CounterPoint(total: 2.0)))
    #expect(registry.statistics.collectFailures == 4)
    #expect(throws: MetricError.self) {
      try registry.callback(.init("e", type: .gauge, help: "", labels: ["x"])) { 1 }
    }
    #expect(throws: MetricError.self) { try registry.callback(.init("f", type: .info, help: "")) { 1 } }
  }

  @Test("a callback may have any body, without saying what it returns")
  func bodies() throws {
    let rooms = Mutex(["a": 1.0, "b": 2])
    try registry.callback(.init("throws", type: .gauge, help: "")) { throw Broken() }
    try registry.callback(.init("throws_later", type: .gauge, help: "")) {
      let known = rooms.withLock { $0 }
      guard known.isEmpty else { throw Broken() }
      return 0
    }
    try registry.callback(.init("one", type: .gauge, help: "")) {
      var sum = 0.0
      for value in rooms.withLock({ $0.values }) { sum += value }
      return sum
    }
    try registry.callback(.init("branches", type: .gauge, help: "")) {
      if rooms.withLock({ $0.isEmpty }) { return 0 } else { return 5 }
    }
    try registry.callback(.init("rooms", type: .gauge, help: "", labels: ["room"])) {
      var values: [([String], Double)] = []
      for (name, value) in rooms.withLock({ $0 }) { values.append(([name], value)) }
      return values
    }
    try registry.callback(.init("lazily", type: .gauge, help: "", labels: ["room"])) {
      let known = rooms.withLock { $0 }
      return known.lazy.map { name, value in ([name], value) }
    }
    try registry.callback(.init("none", type: .gauge, help: "", labels: ["room"])) { [] }
    let families = registry.snapshot()
    #expect(families.map(\.name) == ["branches", "lazily", "none", "one", "rooms"])
    #expect(families.map(\.metrics.count) == [1, 2, 0, 1, 2])
    #expect(registry.statistics.collectFailures == 2)
  }

  @Test("counts say when they began, by the registry's clock")
  func created() throws {
    let family = try registry.counter(.init("c", type: .counter, help: "", labels: ["x"]))
    clock.advance(by: .seconds(5))
    _ = try family.labels("a")
    guard case .counter(let point)? = registry.snapshot()[0].metrics[0].points.first?.value else { return }
    #expect(point.created == MetricTimestamp(seconds: 1_000_005))
  }

  @Test("exemplars are sampled from the registry's source, as often as the interval allows")
  func sampledExemplars() throws {
    let calls = Mutex(0)
    registry.exemplarSource = {
      calls.withLock {
        $0 += 1
        return ["trace_id": "\($0)"]
      }
    }
    registry.exemplarInterval = .seconds(10)
    let counter = try registry.counter(.init("c", type: .counter, help: "")).child
    let histogram = try registry.histogram(.init("h", type: .histogram, help: "", buckets: [1])).child
    func last() -> String? {
      guard case .counter(let point)? = registry.snapshot()[0].metrics[0].points.first?.value else {
        return nil
      }
      return point.exemplar?.labels["trace_id"]
    }
    counter.increment()
    counter.increment(by: 2.5)
    #expect(last() == "1")
    clock.advance(by: .seconds(9))
    counter.increment()
    #expect(last() == "1")
    clock.advance(by: .seconds(1))
    counter.increment()
    counter.increment()
    #expect(last() == "2")
    histogram.observe(0.5)
    histogram.observe(0.5)
    histogram.observe(2)
    guard case .histogram(let point) = histogram.point() else { return }
    #expect(point.buckets.map { $0.exemplar?.labels["trace_id"] } == ["3", "4"])
    #expect(calls.withLock { $0 } == 4)
  }

  @Test(
    "where few updates belong to something, the first of them brings the exemplar",
    arguments: [1, 100, 4_000])
  func rareSource(_ first: Int) throws {
    let calls = Mutex(0)
    registry.exemplarSource = {
      calls.withLock {
        $0 += 1
        return $0 % first == 0 ? ["trace_id": "\($0)"] : nil
      }
    }
    let counter = try registry.counter(.init("c", type: .counter, help: "")).child
    let histogram = try registry.histogram(.init("h", type: .histogram, help: "", buckets: [1])).child
    let native = try registry.nativeHistogram(.init("n", type: .histogram, help: "")).child
    func exemplar(of update: () -> Void, _ read: () -> Exemplar?) -> String? {
      calls.withLock { $0 = 0 }
      for _ in 0..<first { update() }
      // It has one, and asks no more.
      update()
      #expect(calls.withLock { $0 } == first)
      _ = registry.snapshot()
      return read()?.labels["trace_id"]
    }
    let counted = exemplar(of: { counter.increment() }) {
      guard case .counter(let point)? = registry.snapshot()[0].metrics[0].points.first?.value else {
        return nil
      }
      return point.exemplar
    }
    #expect(counted == "\(first)")
    let observed = exemplar(of: { histogram.observe(2) }) {
      guard case .histogram(let point) = histogram.point() else { return nil }
      return point.buckets.last?.exemplar
    }
    #expect(observed == "\(first)")
    let sparse = exemplar(of: { native.observe(2) }) {
      guard case .histogram(let point) = native.point() else { return nil }
      return point.exemplars.last
    }
    #expect(sparse == "\(first)")
  }

  @Test(
    "a source that never has anything is asked some thousand times between scrapes, and bad labels are counted once"
  )
  func emptySource() throws {
    let calls = Mutex(0)
    registry.exemplarSource = {
      calls.withLock { $0 += 1 }
      return nil
    }
    let counter = try registry.counter(.init("c", type: .counter, help: "")).child
    for _ in 0..<10_000 { counter.increment() }
    let asked = calls.withLock { $0 }
    #expect(asked == 4_097)
    _ = registry.snapshot()
    for _ in 0..<10_000 { counter.increment() }
    #expect(calls.withLock { $0 } == 2 * asked)
    registry.exemplarSource = { LabelSet([("", "x")]) }
    _ = registry.snapshot()
    counter.increment()
    counter.increment()
    guard case .counter(let point)? = registry.snapshot()[0].metrics[0].points.first?.value else { return }
    #expect(point.exemplar == nil)
    #expect(point.total == 20_002)
    #expect(registry.statistics.rejectedUpdates == 1)
  }
}
