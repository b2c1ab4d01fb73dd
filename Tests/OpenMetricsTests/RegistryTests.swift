import Testing

@testable import OpenMetrics

struct StubCollector: MetricCollector {
  struct Failure: Error {}
  let descriptors: [MetricDescriptor]
  let families: [MetricFamily]?

  func collect() throws -> [MetricFamily] {
    guard let families else { throw Failure() }
    return families
  }
}

@Suite("Registry")
struct RegistryTests {
  let registry = MetricRegistry(maximumChildren: 3)

  @Test("the same declaration returns the same family")
  func sameDeclaration() throws {
    let descriptor = MetricDescriptor("a", type: .counter, help: "x")
    #expect(try registry.counter(descriptor) === registry.counter(descriptor))
  }

  @Test(
    "families whose samples would clash are refused, both being named",
    arguments: [
      ("foo", MetricType.counter, "foo", MetricType.gauge, "foo"),
      ("foo", .counter, "foo_created", .gauge, "foo_created"),
      ("foo_total", .gauge, "foo", .counter, "foo_total"),
      ("foo", .histogram, "foo_sum", .gauge, "foo_sum"), ("foo_info", .gauge, "foo", .info, "foo_info"),
    ])
  func clashes(first: String, firstType: MetricType, second: String, secondType: MetricType, sample: String)
    throws
  {
    try registry.register(StubCollector(descriptors: [.init(first, type: firstType, help: "")], families: []))
    #expect(throws: MetricError.clash(new: second, existing: first, sample: sample)) {
      try registry.register(
        StubCollector(descriptors: [.init(second, type: secondType, help: "")], families: []))
    }
  }

  @Test(
    "an invalid declaration is refused",
    arguments: [
      .init("", type: .gauge, help: ""), .init("_a", type: .gauge, help: ""),
      .init("a_total", type: .counter, help: ""),
      .init("a", type: .gauge, help: "", unit: "seconds"),
      .init("a_x", type: .stateset, help: "", unit: "x", states: ["on"]),
      .init("a", type: .gauge, help: "", labels: ["le"]),
      .init("a", type: .gauge, help: "", labels: ["quantile"]),
      .init("a", type: .gauge, help: "", labels: ["__name__"]),
      .init("a", type: .gauge, help: "", labels: ["b", "b"]),
      .init("a", type: .gauge, help: "", labels: ["b-c", "b.c"]),
      .init("a", type: .gauge, help: "", labels: [""]),
      .init("a", type: .stateset, help: "", labels: ["a"], states: ["on"]),
      .init("a", type: .stateset, help: ""),
      .init("a", type: .stateset, help: "", states: ["on", "on"]),
      .init("a", type: .stateset, help: "", states: (0..<65).map { "\($0)" }),
      .init("a", type: .histogram, help: "", buckets: [2, 1]),
      .init("a", type: .histogram, help: "", buckets: [.nan]),
      .init("a", type: .histogram, help: "", buckets: [.infinity, 1]),
      .init("a", type: .gauge, help: "", buckets: [1]),
    ] as [MetricDescriptor])
  func invalid(_ descriptor: MetricDescriptor) {
    #expect(throws: MetricError.self) {
      try registry.register(StubCollector(descriptors: [descriptor], families: []))
    }
    #expect(registry.descriptors.isEmpty)
  }

  @Test("the wrong number of label values is an error, and so is one label set too many")
  func labels() throws {
    let family = try registry.counter(.init("a", type: .counter, help: "", labels: ["x", "y"]))
    #expect(throws: MetricError.labelMismatch(family: "a", expected: ["x", "y"], actual: ["1"])) {
      try family.labels("1")
    }
    #expect(throws: MetricError.self) { try family.child }
    for index in 0..<3 { _ = try family.labels("\(index)", "") }
    #expect(throws: MetricError.tooManyChildren(family: "a", limit: 3)) { try family.labels("3", "") }
    #expect(family.remove("0", ""))
    #expect(!family.remove("0", ""))
    _ = try family.labels("3", "")
    family.clear()
    #expect(registry.snapshot()[0].metrics.isEmpty)
  }

  @Test("hostile label values survive both formats")
  func hostileValues() throws {
    let family = try registry.gauge(.init("a", type: .gauge, help: "\\n\n\"", labels: ["x"]))
    for value in ["\"} 1\n# EOF\n", "\\", "\u{0}\u{FFFF}🚀"] { try family.labels(value).set(1) }
    for format in ExpositionFormat.allCases {
      let parsed = try ExpositionParser(format: format)
        .parse(Exposition.write(registry.snapshot(), as: format)).families
      #expect(parsed[0].metrics.map(\.labels) == registry.snapshot()[0].metrics.map(\.labels))
      #expect(parsed[0].help == "\\n\n\"")
    }
  }

  @Test("a snapshot is ordered by name, target first, and can be restricted by family or sample name")
  func order() throws {
    _ = try registry.counter(.init("b", type: .counter, help: ""))
    _ = try registry.gauge(.init("a", type: .gauge, help: ""))
    try registry.info(.init("target", type: .info, help: "", labels: ["env"])).set(("env", "prod"))
    #expect(registry.snapshot().map(\.name) == ["target", "a", "b"])
    #expect(registry.snapshot(names: ["b_total"]).map(\.name) == ["b"])
    #expect(registry.snapshot(names: ["a"]).map(\.name) == ["a"])
    #expect(registry.snapshot(names: []).isEmpty)
  }

  @Test("a failing collector costs only itself and is counted")
  func failingCollector() throws {
    _ = try registry.gauge(.init("a", type: .gauge, help: ""))
    try registry.register(StubCollector(descriptors: [.init("b", type: .gauge, help: "")], families: nil))
    #expect(registry.snapshot().map(\.name) == ["a"])
    #expect(registry.statistics.collectFailures == 1)
    #expect(registry.statistics.lastCollectFailure?.contains("StubCollector") == true)
  }

  @Test("a collector's invalid, undeclared and repeated families are left out and counted")
  func invalidCollector() throws {
    let good = MetricDescriptor("good", type: .counter, help: "", labels: ["x"])
    let bad = MetricDescriptor("bad", type: .counter, help: "")
    let families = [
      try MetricFamily.counter(good, [(["1"], 1), (["2"], 2)]), try .counter(bad, -1),
      try .counter(good, [(["1"], 1)]), MetricFamily(name: "undeclared", type: .gauge),
    ]
    try registry.register(StubCollector(descriptors: [good, bad], families: families))
    #expect(registry.snapshot().map(\.name) == ["good"])
    #expect(registry.statistics.collectFailures == 3)
  }

  @Test("factories refuse a wrong type and a wrong number of label values")
  func factories() {
    let descriptor = MetricDescriptor("a", type: .gauge, help: "", labels: ["x"])
    #expect(throws: MetricError.typeMismatch(family: "a", expected: .counter, actual: .gauge)) {
      try MetricFamily.counter(descriptor, [])
    }
    #expect(throws: MetricError.self) { try MetricFamily.gauge(descriptor, 1) }
  }

  @Test("an unregistered family is gone and its name free")
  func unregister() throws {
    let descriptor = MetricDescriptor("a", type: .counter, help: "")
    _ = try registry.counter(descriptor)
    registry.unregister(name: "a")
    #expect(registry.snapshot().isEmpty)
    _ = try registry.gauge(.init("a_created", type: .gauge, help: ""))
  }

  @Test("an info needs exactly its declared labels")
  func info() throws {
    let info = try registry.info(.init("build", type: .info, help: "", labels: ["version", "revision"]))
    #expect(throws: MetricError.self) { try info.set(("version", "1")) }
    #expect(throws: MetricError.self) { try info.set(("version", "1"), ("other", "1")) }
    #expect(throws: MetricError.self) { try info.set(("version", "1"), ("version", "1")) }
    try info.set(("revision", "abc"), ("version", "1"))
    #expect(registry.snapshot()[0].metrics[0].labels.map(\.name) == ["version", "revision"])
  }
}
