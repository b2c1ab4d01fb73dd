import Glibc
import Synchronization
import Testing

@testable import OpenMetrics

@Suite("Hanging collectors")
struct HangingCollectorTests {
  @Test("the answer comes though collectors never return, with the families of all others")
  func neverReturning() async throws {
    let registry = MetricRegistry()
    let gate = Gate()
    // So that an answer that waits for them is a failure rather than the end of all tests.
    let rescued = DetachedThread.start {
      for _ in 0..<1200 where !gate.hasOpened { usleep(100_000) }
      gate.open()
    }
    #expect(rescued)
    defer { gate.open() }
    for index in 0..<16 { try registry.register(BlockedCollector("hang\(index)", gate)) }
    try registry.register(BlockedCollector("zgood", nil))
    let handler = ScrapeHandler(registry: registry)
    for round in 1...2 {
      let answer = await handler.answer(ScrapeRequest(timeout: "2"))
      #expect(!gate.hasOpened)
      #expect(String(decoding: answer.body, as: UTF8.self).contains("zgood 1\n"))
      #expect(registry.statistics.collectFailures == UInt64(16 * round))
    }
    #expect(gate.arrivals == 16)
  }

  @Test("when every thread hangs, further collectors are not called and fail at once, until one returns")
  func allThreadsHang() async throws {
    let threads = CollectorThreads(limit: 2, idleTime: .seconds(1))
    let statistics = RegistryStatistics()
    let gate = Gate()
    for name in ["a", "b"] {
      let entry = CollectorEntry(BlockedCollector(name, gate), threads: threads)
      let waiting = Task { await entry.collected(statistics) }
      while gate.arrivals < (name == "a" ? 1 : 2) { await Task.yield() }
      waiting.cancel()
      guard case .late = await waiting.value else {
        Issue.record("the collector returned")
        return
      }
    }
    let other = CollectorEntry(BlockedCollector("c", nil), threads: threads)
    guard case .refused(.allHang(2)) = await other.collected(statistics) else {
      Issue.record("the third collector was taken on")
      return
    }
    gate.open()
    for _ in 0..<2000 {
      if case .families(let families) = await other.collected(statistics) {
        #expect(families.map(\.name) == ["c"])
        return
      }
      usleep(1000)
    }
    Issue.record("no thread came back")
  }

  @Test("a collector that was given up before a thread had time for it is not called for nobody")
  func withdrawn() async throws {
    let threads = CollectorThreads(limit: 1, idleTime: .seconds(1))
    let statistics = RegistryStatistics()
    let (gate, unused) = (Gate(), Gate())
    unused.open()
    let first = CollectorEntry(BlockedCollector("a", gate), threads: threads)
    let second = CollectorEntry(BlockedCollector("b", unused), threads: threads)
    let running = Task { await first.collected(statistics) }
    while gate.arrivals < 1 { await Task.yield() }
    let queued = Task { await second.collected(statistics) }
    queued.cancel()
    guard case .late = await queued.value else {
      Issue.record("there was a thread for it")
      return
    }
    gate.open()
    guard case .families = await running.value else {
      Issue.record("the first collection ended otherwise")
      return
    }
    #expect(unused.arrivals == 0)
    guard case .families = await second.collected(statistics) else {
      Issue.record("it is not called any more")
      return
    }
    #expect(unused.arrivals == 1)
  }

  @Test("more collectors than threads all come, as long as they return")
  func moreThanThreads() async throws {
    let threads = CollectorThreads(limit: 3, idleTime: .seconds(1))
    let statistics = RegistryStatistics()
    let names = await withTaskGroup(of: [String].self) { group in
      for index in 0..<50 {
        group.addTask {
          let entry = CollectorEntry(BlockedCollector("c\(index)", nil), threads: threads)
          guard case .families(let families) = await entry.collected(statistics) else { return [] }
          return families.map(\.name)
        }
      }
      return await group.reduce(into: Set<String>()) { $0.formUnion($1) }
    }
    #expect(names.count == 50)
  }

  @Test("a deadline passes, and one whose task is cancelled ends before")
  func deadlines() async {
    let start = ContinuousClock.now
    await DeadlineThread.shared.sleep(for: .milliseconds(20))
    #expect(ContinuousClock.now - start >= .milliseconds(20))
    let long = Task { await DeadlineThread.shared.sleep(for: .seconds(3600)) }
    await DeadlineThread.shared.sleep(for: .milliseconds(1))
    long.cancel()
    await long.value
    #expect(ContinuousClock.now - start < .seconds(600))
  }
}

extension CollectorEntry {
  fileprivate convenience init(_ collector: BlockedCollector, threads: CollectorThreads) {
    self.init(collector, collector.descriptors, threads: threads)
  }
}

private struct BlockedCollector: MetricCollector {
  let descriptors: [MetricDescriptor]
  let gate: Gate?

  init(_ name: String, _ gate: Gate?) {
    descriptors = [MetricDescriptor(name, type: .gauge, help: "")]
    self.gate = gate
  }

  func collect() throws -> [MetricFamily] {
    gate?.pass()
    return [try .gauge(descriptors[0], 1)]
  }
}
