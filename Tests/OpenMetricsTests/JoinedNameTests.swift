import Testing

@testable import OpenMetrics

@Suite("Names that some reader cannot tell apart, and names that all can")
struct JoinedNameTests {
  private static let laterInformation: [(LabelSet, ModelRule)] = [
    (["{": "1"], .reservedName), (["v.b": "1", "U__v_2e_b": "2"], .duplicateLabel),
    (["v.b": "1", "v_b": "2"], .duplicateLabel), (["v": "1"], .duplicateMetric),
  ]

  let registry = MetricRegistry()

  @Test(
    "two labels of a declaration that become one under a scheme are refused, of an info too",
    arguments: [["v.b", "v_b"], ["v.b", "U__v_2e_b"], ["U__v_2e_b", "v.b"]],
    [MetricType.counter, .gauge, .histogram, .info, .summary])
  func labels(labels: [String], type: MetricType) {
    let error = MetricError.duplicateLabel(family: "c", label: labels[1])
    #expect(throws: error) { try MetricDescriptor("c", type: type, help: "", labels: labels).validate() }
  }

  @Test(
    "a label that becomes what a state set's states are in is refused",
    arguments: [("v.b", "v_b"), ("v.b", "U__v_2e_b"), ("U__v_2e_b", "v.b")])
  func states(name: String, label: String) {
    let descriptor = MetricDescriptor(name, type: .stateset, help: "", labels: [label], states: ["on"])
    #expect(throws: MetricError.duplicateLabel(family: name, label: label)) { try descriptor.validate() }
  }

  @Test(
    "two labels of an exemplar that become one under a scheme are refused", arguments: ["v_b", "U__v_2e_b"])
  func exemplar(label: String) {
    #expect(throws: MetricError.self) { try Exemplar(labels: [("v.b", "1"), (label, "2")], value: 1) }
  }

  @Test(
    "a collector's family whose labels, or whose metrics, become one under a scheme is left out",
    arguments: ["v_b", "U__v_2e_b"], [true, false])
  func collector(label: String, isOneMetric: Bool) throws {
    let metrics =
      isOneMetric
      ? [Metric(labels: ["v.b": "1", label: "2"], .gauge(1))]
      : [Metric(labels: ["v.b": "1"], .gauge(1)), Metric(labels: [label: "1"], .gauge(1))]
    try expectLeftOut(
      MetricFamily(name: "c", type: .gauge, metrics: metrics),
      isOneMetric ? .duplicateLabel : .duplicateMetric)
  }

  @Test(
    "every point of an info counts: labels that are reserved, appear twice or make two series one",
    arguments: laterInformation)
  func info(later: LabelSet, rule: ModelRule) throws {
    let information: [LabelSet] = [["v": "1"], ["v": "2"], later]
    let points = information.enumerated().map { second, labels in
      MetricPoint(.info(labels), timestamp: MetricTimestamp(seconds: Int64(second)))
    }
    try expectLeftOut(MetricFamily(name: "c", type: .info, metrics: [Metric(points: points)]), rule)
  }

  @Test("a state set and another metric of one name clash, whatever becomes of a colon")
  func colon() throws {
    let states = MetricDescriptor("a:b", type: .stateset, help: "", states: ["on"])
    let family = try registry.stateSet(states)
    #expect(try registry.stateSet(states) === family)
    #expect(
      throws: MetricError.declaredOtherwise(
        family: "a:b", existing: "stateSet, the states [\"on\"]", new: "gauge, the states []")
    ) {
      try registry.gauge(MetricDescriptor("a:b", type: .gauge, help: ""))
    }
    registry.unregister(name: "a:b")
    #expect(registry.descriptors.isEmpty)
  }

  @Test("a counter's name without its suffix is its own under every scheme")
  func bareCounter() throws {
    _ = try registry.counter(MetricDescriptor("v.b", type: .counter, help: ""))
    #expect(throws: MetricError.clash(new: "U__v_2e_b", existing: "v.b", sample: "U__v_2e_b")) {
      try registry.gauge(MetricDescriptor("U__v_2e_b", type: .gauge, help: ""))
    }
  }

  @Test("an info takes labels whose names are one text in two spellings, byte by byte")
  func spelledLabels() throws {
    let info = try registry.info(
      MetricDescriptor("i", type: .info, help: "", labels: ["a\u{e9}", "ae\u{301}"]))
    try info.set(("ae\u{301}", "2"), ("a\u{e9}", "1"))
    let labels = try #require(registry.snapshot().first?.metrics.first?.labels)
    #expect(labels.map(\.value) == ["1", "2"])
    #expect(labels["ae\u{301}"] == "2")
    #expect(labels.removing("ae\u{301}") == ["a\u{e9}": "1"])
  }

  @Test("states that are one text in two spellings are two states")
  func spelledStates() throws {
    let descriptor = MetricDescriptor("s", type: .stateset, help: "", states: ["\u{e9}", "e\u{301}"])
    let family = try registry.stateSet(descriptor)
    family.set(only: "e\u{301}")
    let expected = MetricPointValue.stateSet([StatePoint("\u{e9}", false), StatePoint("e\u{301}", true)])
    #expect(registry.snapshot().first?.metrics.first?.points.first?.value == expected)
    let built = try MetricFamily.stateSet(descriptor, [([], ["e\u{301}"])])
    #expect(Self.enabled(built) == [false, true])
    #expect(throws: MetricError.self) {
      try MetricDescriptor("s", type: .stateset, help: "", states: ["a", "a"]).validate()
    }
  }

  @Test("a collector's family is the declared one only byte by byte")
  func spelledFamily() throws {
    let family = MetricFamily(name: "ae\u{301}", type: .gauge, metrics: [Metric(.gauge(1))])
    try registry.register(
      StubCollector(descriptors: [.init("a\u{e9}", type: .gauge, help: "")], families: [family]))
    #expect(registry.snapshot().isEmpty)
    #expect(registry.statistics.collectFailures == 1)
  }

  private static func enabled(_ family: MetricFamily) -> [Bool] {
    guard case .stateSet(let states)? = family.metrics.first?.points.first?.value else { return [] }
    return states.map(\.isEnabled)
  }

  private func expectLeftOut(_ family: MetricFamily, _ rule: ModelRule) throws {
    #expect((family.violation() ?? family.escapingViolation())?.rule == rule)
    try registry.register(
      StubCollector(descriptors: [.init(family.name, type: family.type, help: "")], families: [family]))
    #expect(registry.snapshot().isEmpty)
    #expect(registry.statistics.collectFailures == 1)
  }
}
