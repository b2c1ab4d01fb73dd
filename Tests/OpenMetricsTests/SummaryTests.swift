import Testing

@testable import OpenMetrics

@Suite("Summaries")
struct SummaryTests {
  let clock = ManualClock()
  let registry: MetricRegistry

  init() { registry = MetricRegistry(maximumChildren: 10, clock: clock) }

  func quantiles(_ summary: Summary) -> [Double] {
    guard case .summary(let point) = summary.point() else { return [] }
    return point.quantiles.map(\.value.doubleValue)
  }

  @Test(
    "every quantile is within its error, whatever the order of the values",
    arguments: ["ascending", "descending", "random", "few values"])
  func errors(order: String) {
    let objectives = [
      SummaryObjective(0, error: 0.01), SummaryObjective(0.5, error: 0.05),
      SummaryObjective(0.9, error: 0.01),
      SummaryObjective(0.99, error: 0.001), SummaryObjective(1, error: 0.001),
    ]
    var generator = SeededGenerator(seed: 7)
    let count = 20_000
    var values = (1...count).map(Double.init)
    switch order {
    case "descending": values.reverse()
    case "random": values.shuffle(using: &generator)
    case "few values": values = values.map { ($0 / 1000).rounded(.up) * 1000 }
    default: break
    }
    var sketch = QuantileSketch(objectives)
    for value in values { sketch.insert(value) }
    let slack = order == "few values" ? 1000.0 : 1
    for objective in objectives {
      let answer = sketch.query(objective.quantile) ?? .nan
      let low = (objective.quantile - objective.error) * Double(count) - slack
      let high = (objective.quantile + objective.error) * Double(count) + slack
      #expect((low...high).contains(answer), "\(objective.quantile) of \(order): \(answer)")
    }
  }

  @Test("old values are forgotten step by step, count and sum are not")
  func aging() throws {
    var options = SummaryOptions(objectives: [SummaryObjective(0.5, error: 0.01)])
    options.maximumAge = .seconds(100)
    options.ageBuckets = 5
    let summary = try registry.summary(.init("s", type: .summary, help: ""), options).child
    summary.observe(10)
    clock.advance(by: .seconds(50))
    summary.observe(20)
    summary.observe(20)
    summary.observe(.nan)
    #expect(quantiles(summary) == [20])
    clock.advance(by: .seconds(85))
    #expect(quantiles(summary) == [20])
    clock.advance(by: .seconds(15))
    #expect(quantiles(summary).allSatisfy { $0.isNaN })
    clock.advance(by: .seconds(1_000_000))
    #expect(quantiles(summary).allSatisfy { $0.isNaN })
    guard case .summary(let point) = summary.point() else { return }
    #expect(point.count == 3)
    #expect(point.sum == 50.0)
    #expect(registry.statistics.rejectedUpdates == 1)
  }

  @Test("a summary without quantiles is count and sum")
  func plain() throws {
    let family = try registry.summary(.init("s", type: .summary, help: ""), SummaryOptions(objectives: []))
    family.observe(2)
    #expect(quantiles(try family.child).isEmpty)
    #expect(registry.snapshot()[0].violation() == nil)
  }

  @Test("options that cannot be are refused")
  func invalid() {
    var ageless = SummaryOptions()
    ageless.maximumAge = .zero
    var stepless = SummaryOptions()
    stepless.ageBuckets = 0
    for options in [
      ageless, stepless, SummaryOptions(objectives: [SummaryObjective(1.1, error: 0.1)]),
      SummaryOptions(objectives: [SummaryObjective(0.5, error: 0)]),
      SummaryOptions(objectives: [SummaryObjective(.nan, error: 0.1)]),
      SummaryOptions(objectives: [SummaryObjective(0.5, error: 0.1), SummaryObjective(0.5, error: 0.2)]),
    ] {
      #expect(throws: MetricError.self) {
        try registry.summary(.init("s", type: .summary, help: ""), options)
      }
    }
  }
}
