import Testing

@testable import OpenMetrics

@Suite("Room for an exposition")
struct ExpositionSizeTests {
  @Test("the guess is enough for what is like itself, and not much more", arguments: [1, 40, 5_000])
  func counters(_ count: Int) throws {
    let registry = MetricRegistry(maximumChildren: 10_000)
    let family = try registry.counter(.init("requests", type: .counter, help: "", labels: ["path"]))
    let gauges = try registry.gauge(.init("depth", type: .gauge, help: "", labels: ["queue"]))
    for number in 1_000..<(1_000 + count) {
      try family.labels("/item/\(number)").increment(by: UInt64(number))
      try gauges.labels("\"\(number)\"").set(Double(number) / 3)
    }
    let families = registry.snapshot()
    let written = Exposition.write(families, as: .openMetrics1).count
    // Lines of metadata are not in it.
    #expect(ExpositionSize.estimate(families) + 200 > written)
    #expect(ExpositionSize.estimate(families) < written * 3 / 2)
  }

  @Test("families without columns, and columns without samples, have none")
  func none() throws {
    let registry = MetricRegistry()
    _ = try registry.counter(.init("requests", type: .counter, help: "", labels: ["path"]))
    try registry.histogram(.init("time", type: .histogram, help: "")).observe(1)
    #expect(ExpositionSize.estimate(registry.snapshot()) == 0)
  }
}
