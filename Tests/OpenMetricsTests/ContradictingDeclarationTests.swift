import Testing

@testable import OpenMetrics

@Suite("Contradicting declarations")
struct ContradictingDeclarationTests {
  private struct PathLabels: MetricLabels {
    var path: String
    static var fields: [LabelField<Self>] { [LabelField("path", \.path)] }
  }

  let registry = MetricRegistry()

  @Test(
    "a native histogram with another bucketing is refused, both being named; with the same one it is the same"
  )
  func bucketing() throws {
    let descriptor = MetricDescriptor("a", type: .histogram, help: "")
    let family = try registry.nativeHistogram(descriptor, .init(growthFactor: 1.1))
    #expect(try registry.nativeHistogram(descriptor, .init(growthFactor: 1.1)) === family)
    let text = refusal { _ = try registry.nativeHistogram(descriptor, .init(growthFactor: 2)) }
    #expect(text.contains("registered with the schema 3,"))
    #expect(text.contains("declared with the schema 0,"))
  }

  @Test("a summary with other options is refused, both being named; with the same ones it is the same")
  func options() throws {
    let descriptor = MetricDescriptor("a", type: .summary, help: "")
    let wanted = SummaryOptions(objectives: [.init(0.5, error: 0.1)])
    let family = try registry.summary(descriptor, wanted)
    #expect(try registry.summary(descriptor, wanted) === family)
    let text = refusal { _ = try registry.summary(descriptor) }
    #expect(text.contains("registered with the objectives [\"0.5±0.1\"]"))
    #expect(text.contains("\"0.99±0.001\""))
  }

  @Test("two instruments of one declaration clash by their names")
  func instruments() throws {
    let gauge = MetricDescriptor("g", type: .gauge, help: "")
    _ = try registry.gauge(gauge)
    #expect(throws: MetricError.declaredOtherwise(family: "g", existing: "gauge", new: "integerGauge")) {
      try registry.integerGauge(gauge)
    }
    let histogram = MetricDescriptor("h", type: .histogram, help: "")
    _ = try registry.histogram(histogram)
    let text = refusal { _ = try registry.nativeHistogram(histogram) }
    #expect(text.contains("registered with histogram, and now declared with nativeHistogram, the schema"))
  }

  @Test("labels as text and labels of a type clash by that")
  func labelling() throws {
    _ = try registry.counter(.init("c", type: .counter, help: "", labels: ["path"]))
    let text = refusal { _ = try registry.counter("c", labels: PathLabels.self, help: "") }
    #expect(text.contains("registered with labels as text, and now declared with labels of the type"))
    #expect(text.contains("PathLabels"))
  }

  @Test("a declaration that differs says in what")
  func declaration() throws {
    _ = try registry.counter(.init("c", type: .counter, help: "old"))
    #expect(
      throws: MetricError.declaredOtherwise(
        family: "c", existing: "the help \"old\"", new: "the help \"new\"")
    ) { try registry.counter(.init("c", type: .counter, help: "new")) }
  }

  @Test("a refused registration claims no name, and what was removed gives all of its names back")
  func claims() throws {
    let descriptors = ["x", "c_total"].map { MetricDescriptor($0, type: .gauge, help: "") }
    _ = try registry.counter(.init("c", type: .counter, help: ""))
    #expect(throws: MetricError.clash(new: "c_total", existing: "c", sample: "c_total")) {
      try registry.register(StubCollector(descriptors: descriptors, families: []))
    }
    registry.unregister(name: "c_total")
    #expect(registry.descriptors.map(\.name) == ["c"])
    registry.unregister(name: "c")
    try registry.register(StubCollector(descriptors: descriptors, families: []))
    registry.unregister(name: "x")
    #expect(registry.descriptors.isEmpty)
    for descriptor in descriptors { _ = try registry.gauge(descriptor) }
  }

  private func refusal(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "accepted"
    } catch { return "\(error)" }
  }
}
