import CMetricArena
import Synchronization
import Testing

@testable import OpenMetrics

@Suite("Instruments")
struct InstrumentTests {
  let registry = MetricRegistry()

  @Test("a counter keeps whole numbers exact and ignores what would make it fall")
  func counter() throws {
    let counter = try registry.counter(.init("a", type: .counter, help: "")).child
    counter.increment()
    counter.increment(by: 2)
    counter.increment(by: 3.0)
    counter.increment(by: UInt64(1) << 60)
    #expect(counter.value == .integer((1 << 60) + 6))
    counter.increment(by: -1)
    counter.increment(by: -0.5)
    counter.increment(by: Double.nan)
    counter.increment(by: Double.infinity)
    #expect(counter.value == .integer((1 << 60) + 6))
    #expect(registry.statistics.rejectedUpdates == 4)
  }

  @Test("what could take a count round is refused, so that it never falls")
  func neverRound() throws {
    let counter = try registry.counter(.init("a", type: .counter, help: "")).child
    counter.increment(by: UInt64.max)
    #expect(counter.value == 0 && registry.statistics.rejectedUpdates == 1)
    counter.increment(by: UInt64(1) << 62)
    counter.increment(by: UInt64(1) << 62)
    counter.increment()
    #expect(counter.value == .integer((1 << 62) + 1) && registry.statistics.rejectedUpdates == 2)

    let histogram = try registry.histogram(.init("h", type: .histogram, help: "", buckets: [1])).child
    for _ in 0..<3_000 { histogram.observe(1, count: Histogram.maximumCount) }
    histogram.observe(1)
    guard case .histogram(let point) = histogram.point() else { return }
    #expect(point.count == .integer(1_023 * Histogram.maximumCount + 1))
    #expect(point.sum == .double(Double(1_023 * Histogram.maximumCount)))
    #expect(registry.statistics.rejectedUpdates == 2 + 3_000 - 1_023)
  }

  @Test("a histogram leaves the long way as soon as no exemplars are asked for")
  func exemplarsSwitchedOff() throws {
    registry.exemplarSource = { nil }
    let histogram = try registry.histogram(.init("h", type: .histogram, help: "", buckets: [1, 2, 3])).child
    histogram.observe(1)
    #expect(histogram.quick.load(ordering: .relaxed) == METRIC_NO_SLOT)
    registry.exemplarSource = nil
    histogram.observe(1)
    #expect(histogram.quick.load(ordering: .relaxed) != METRIC_NO_SLOT)
    histogram.observe(1)
    guard case .histogram(let point) = histogram.point() else { return }
    #expect(point.count == 3)
  }

  @Test("a counter adds fractions")
  func fractions() throws {
    let family = try registry.counter(.init("a", type: .counter, help: ""))
    family.increment(by: 0.25)
    family.increment(by: 2)
    #expect(try family.child.value == .double(2.25))
  }

  @Test("direct use of a family with labels is counted as rejected")
  func directUse() throws {
    try registry.gauge(.init("a", type: .gauge, help: "", labels: ["x"])).set(1)
    #expect(registry.statistics.rejectedUpdates == 1)
  }

  @Test("a histogram's bounds are inclusive, and infinities, NaN and zero counts are defined")
  func histogram() throws {
    let family = try registry.histogram(.init("h", type: .histogram, help: "", buckets: [1, 2, .infinity]))
    family.observe(1)
    family.observe(1.5, count: 3)
    family.observe(.infinity)
    family.observe(.nan)
    family.observe(1, count: 0)
    family.observe(1, count: .max)
    guard case .histogram(let point)? = registry.snapshot()[0].metrics[0].points.first?.value else {
      Issue.record("not a histogram")
      return
    }
    #expect(point.buckets.map(\.upperBound) == [1, 2, .infinity])
    #expect(point.buckets.map(\.cumulativeCount) == [1, 4, 5])
    #expect(point.sum == .double(.infinity))
    #expect(registry.statistics.rejectedUpdates == 2)
  }

  @Test("many bounds are searched as few are", arguments: [3, 24, 25, 200])
  func manyBounds(count: Int) throws {
    let bounds = (0..<count).map(Double.init)
    let family = try registry.histogram(.init("h", type: .histogram, help: "", buckets: bounds))
    for bound in bounds { family.observe(bound - 0.5) }
    guard case .histogram(let point)? = registry.snapshot()[0].metrics[0].points.first?.value else {
      Issue.record("not a histogram")
      return
    }
    #expect(
      point.buckets.map(\.cumulativeCount) == (1...count).map { .integer(UInt64($0)) } + [
        .integer(UInt64(count))
      ])
  }

  @Test("an exemplar goes to the bucket of its value, and too long ones cannot be made")
  func exemplars() throws {
    let family = try registry.histogram(.init("h", type: .histogram, help: "", buckets: [1, 2]))
    family.observe(1.5, exemplar: try Exemplar(labels: [("trace_id", "x")], value: 1.5))
    let text = String(decoding: Exposition.write(registry.snapshot(), as: .openMetrics1), as: UTF8.self)
    #expect(text.contains("h_bucket{le=\"2.0\"} 1 # {trace_id=\"x\"} 1.5\n"))
    #expect(throws: MetricError.exemplarTooLong(codePoints: 129)) {
      try Exemplar(labels: [("a", String(repeating: "é", count: 128))], value: 1)
    }
  }

  @Test("a state set changes as a whole and counts undeclared states as rejected")
  func stateSet() throws {
    let family = try registry.stateSet(.init("s", type: .stateset, help: "", states: ["closed", "open"]))
    family.set(only: "open")
    #expect(try family.child.enabled == ["open"])
    family.set(only: "closed")
    family.set("open", to: true)
    #expect(try family.child.enabled == ["open", "closed"])
    family.set("open", to: false)
    family.set(only: "ajar")
    #expect(try family.child.enabled == ["closed"])
    #expect(registry.statistics.rejectedUpdates == 1)
  }

  @Test("no increment is lost between threads, and every snapshot of a histogram is consistent")
  func concurrency() async throws {
    let counter = try registry.counter(.init("c", type: .counter, help: "")).child
    let gauge = try registry.gauge(.init("g", type: .gauge, help: "")).child
    let histogram = try registry.histogram(.init("h", type: .histogram, help: "", buckets: [1, 3])).child
    let family = try registry.counter(.init("l", type: .counter, help: "", labels: ["x"]))
    let tasks = 8
    let rounds = 5_000
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<tasks {
        group.addTask {
          for round in 0..<rounds {
            counter.increment()
            counter.increment(by: 0.5)
            gauge.increment(by: round.isMultiple(of: 2) ? 2 : -1)
            histogram.observe(2)
            try family.labels("\(round % 7)").increment()
          }
        }
        if task.isMultiple(of: 4) {
          group.addTask {
            for _ in 0..<300 {
              guard case .histogram(let point) = histogram.point() else { continue }
              #expect(point.sum?.doubleValue == point.count.doubleValue * 2)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let total = tasks * rounds
    #expect(counter.value.doubleValue == Double(total) * 1.5)
    #expect(gauge.value == Double(total) * 0.5)
    guard case .histogram(let point) = histogram.point() else { return }
    #expect(point.count == .integer(UInt64(total)))
    let labelled = (0..<7).compactMap { try? family.labels("\($0)").value.doubleValue }
    #expect(labelled.reduce(0, +) == Double(total))
  }
}
