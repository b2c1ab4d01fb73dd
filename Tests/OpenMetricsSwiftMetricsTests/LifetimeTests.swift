import Metrics
import OpenMetrics
import OpenMetricsSwiftMetrics
import OpenMetricsTesting
import Testing

@Suite("The life of swift-metrics' series")
struct LifetimeTests {
  let registry = MetricRegistry()
  let factory: OpenMetricsFactory

  init() {
    factory = OpenMetricsFactory(registry: registry) { Issue.record("refused: \($0)") }
  }

  @Test("a series ends when it was destroyed as often as it was made")
  func counted() {
    let dimensions = [("a", "1")]
    let first = Metrics.Counter(label: "x", dimensions: dimensions, factory: factory)
    let second = Metrics.Counter(label: "x", dimensions: dimensions, factory: factory)
    let other = Metrics.Counter(label: "x", dimensions: [("a", "2")], factory: factory)
    first.increment()
    first.destroy()
    #expect(registry.value(of: "x_total", labels: ["a": "1"]) == 1)
    second.destroy()
    #expect(registry.value(of: "x_total", labels: ["a": "1"]) == nil)
    #expect(registry.value(of: "x_total", labels: ["a": "2"]) == 0)
    other.destroy()
    #expect(!registry.descriptors.contains { $0.name == "x" })
  }

  @Test("every kind of metric can be destroyed, and its name is free for another kind")
  func kinds() {
    Metrics.Counter(label: "x", factory: factory).destroy()
    FloatingPointCounter(label: "x", factory: factory).destroy()
    Meter(label: "x", dimensions: [("a", "1")], factory: factory).destroy()
    Metrics.Gauge(label: "x", dimensions: [("b", "1")], factory: factory).destroy()
    Recorder(label: "x", factory: factory).destroy()
    Metrics.Timer(label: "x", factory: factory).destroy()
    let counter = Metrics.Counter(label: "x", factory: factory)
    counter.increment()
    #expect(registry.value(of: "x_total") == 1)
    #expect(factory.statistics.mismatches == 0)
  }

  @Test("what is made again after its end begins at zero")
  func again() {
    let first = Metrics.Counter(label: "x", factory: factory)
    first.increment(by: 7)
    first.destroy()
    let second = Metrics.Counter(label: "x", factory: factory)
    second.increment()
    #expect(registry.value(of: "x_total") == 1)
    first.increment(by: 100)
    #expect(registry.value(of: "x_total") == 1)
  }

  @Test("destroying once too often, or another factory's metric, harms nothing")
  func tooOften() {
    let counter = Metrics.Counter(label: "x", factory: factory)
    let kept = Metrics.Counter(label: "x", factory: factory)
    counter.destroy()
    factory.destroyCounter(NOOPMetricsHandler.instance)
    kept.increment()
    #expect(registry.value(of: "x_total") == 1)
    kept.destroy()
    kept.destroy()
    #expect(registry.value(of: "x_total") == nil)
  }

  @Test("a reset begins the series anew, with and without dimensions", arguments: [[], [("a", "1")]])
  func reset(_ dimensions: [(String, String)]) {
    let labels = LabelSet(dimensions)
    let counter = Metrics.Counter(label: "x", dimensions: dimensions, factory: factory)
    counter.increment(by: 7)
    counter.reset()
    #expect(registry.value(of: "x_total", labels: labels) == 0)
    counter.increment(by: 2)
    #expect(registry.value(of: "x_total", labels: labels) == 2)
    let same = Metrics.Counter(label: "x", dimensions: dimensions, factory: factory)
    same.increment()
    #expect(registry.value(of: "x_total", labels: labels) == 3)
    counter.destroy()
    same.destroy()
    counter.reset()
    #expect(registry.value(of: "x_total", labels: labels) == nil)
    #expect(factory.statistics.droppedUpdates == 1)
  }

  @Test("a counter that the program itself registered without labels is not reset")
  func resetOfAnothers() throws {
    let own = try registry.counter(.init("x", type: .counter, help: "x"))
    own.increment()
    Metrics.Counter(label: "x", factory: factory).reset()
    #expect(registry.value(of: "x_total") == 1)
    #expect(factory.statistics.droppedUpdates == 1)
  }

  @Test("many threads make, use and destroy the same series without losing any")
  func concurrent() async {
    let kept = Metrics.Counter(label: "kept", dimensions: [("a", "1")], factory: factory)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask { [factory] in
          for round in 0..<500 {
            let dimensions = [("a", "1")]
            Metrics.Counter(label: "kept", dimensions: dimensions, factory: factory).increment()
            let passing = Metrics.Timer(
              label: "passing", dimensions: [("round", "\(round % 7)")], factory: factory)
            passing.recordMilliseconds(task)
            passing.destroy()
            if round % 50 == 0 { _ = factory.registry.snapshot() }
          }
        }
      }
    }
    #expect(registry.value(of: "kept_total", labels: ["a": "1"]) == 4000)
    #expect(registry.histogram(named: "passing_seconds") == nil)
    #expect(!registry.descriptors.contains { $0.name == "passing_seconds" })
    kept.increment()
    #expect(registry.value(of: "kept_total", labels: ["a": "1"]) == 4001)
    #expect(factory.statistics.mismatches == 0)
  }

  @Test("many threads make different kinds of one name; one of them wins, and nothing is lost uncounted")
  func concurrentMismatch() async {
    let factory = OpenMetricsFactory(registry: registry) { _ in }
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for _ in 0..<200 {
            if task % 2 == 0 {
              Metrics.Counter(label: "x", factory: factory).increment()
            } else {
              Recorder(label: "x", factory: factory).record(1)
            }
          }
        }
      }
    }
    let counted = registry.value(of: "x_total") ?? registry.value(of: "x_count")
    #expect(counted == 800)
    #expect(factory.statistics.mismatches == 800)
    #expect(factory.statistics.droppedUpdates == 800)
  }

  @Test("a new series costs the same however many there are")
  func growth() {
    func time(_ count: Int, _ label: String) -> Duration {
      ContinuousClock().measure {
        for index in 0..<count {
          Metrics.Counter(label: label, dimensions: [("i", "\(index)")], factory: factory).increment()
        }
      }
    }
    let few = (0..<3).map { time(1000, "few\($0)") }.min() ?? .zero
    let many = time(8000, "many")
    // Eight times as many: a cost that grew with the number would make it 64 times as long.
    #expect(many < few * 32, "\(few) for 1000, \(many) for 8000")
  }
}
