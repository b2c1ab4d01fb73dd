import Testing

@testable import OpenMetrics

struct RequestLabels: MetricLabels {
  enum Method: String, MetricLabelValue { case get = "GET", post = "POST" }
  var method: Method
  var status: Int
  var tenant: String?
  var isCached = false

  static var fields: [LabelField<Self>] {
    [
      LabelField("method", \.method), LabelField("status", \.status), LabelField("tenant", \.tenant),
      LabelField("cached", \.isCached),
    ]
  }
}

/// Two values that differ and have the same text.
struct RoundedLabels: MetricLabels {
  var code: Int
  static var fields: [LabelField<Self>] { [LabelField("class", { "\($0.code / 100)xx" })] }
}

struct ClashingLabels: MetricLabels {
  static var fields: [LabelField<Self>] { [LabelField("le", { _ in "" })] }
}

@Suite("Families whose labels are a type")
struct LabelledFamilyTests {
  let registry = MetricRegistry(maximumChildren: 100)

  @Test("labels are exposed by name, in the order of their declaration")
  func exposition() throws {
    let family = try registry.counter("requests", labels: RequestLabels.self, help: "")
    family[RequestLabels(method: .get, status: 200)].increment(by: UInt64(2))
    family[RequestLabels(method: .post, status: 404, tenant: "a", isCached: true)].increment()
    family[RequestLabels(method: .get, status: 200)].increment()
    let metrics = registry.snapshot()[0].metrics
    #expect(
      metrics.map(\.labels) == [
        ["method": "GET", "status": "200", "tenant": "", "cached": "false"],
        ["method": "POST", "status": "404", "tenant": "a", "cached": "true"],
      ])
    #expect(family[RequestLabels(method: .get, status: 200)].value == 3)
  }

  @Test("all kinds of instruments have them")
  func kinds() throws {
    let labels = RoundedLabels(code: 200)
    try registry.gauge("g", labels: RoundedLabels.self, help: "")[labels].set(1)
    try registry.histogram("h", labels: RoundedLabels.self, help: "", buckets: [1])[labels].observe(1)
    try registry.stateSet("s", labels: RoundedLabels.self, help: "", states: ["on"])[labels].set(only: "on")
    #expect(registry.snapshot().map(\.metrics.count) == [1, 1, 1])
    #expect(registry.snapshot().allSatisfy { $0.violation() == nil })
  }

  @Test("the same declaration is the same family; with other labels it is refused, and so are reserved names")
  func declaration() throws {
    let family = try registry.counter("a", labels: RequestLabels.self, help: "")
    #expect(try registry.counter("a", labels: RequestLabels.self, help: "") === family)
    let error = #expect(throws: MetricError.self) {
      try registry.counter("a", labels: RoundedLabels.self, help: "")
    }
    #expect(error?.description.contains("RequestLabels") == true)
    #expect(error?.description.contains("RoundedLabels") == true)
    #expect(throws: MetricError.reservedLabel(family: "b", label: "le")) {
      try registry.counter("b", labels: ClashingLabels.self, help: "")
    }
  }

  @Test("a full family counts the refusal and gives out a child that is not exposed")
  func overflow() throws {
    let registry = MetricRegistry(maximumChildren: 1)
    let family = try registry.counter("a", labels: RoundedLabels.self, help: "")
    family[RoundedLabels(code: 100)].increment()
    family[RoundedLabels(code: 200)].increment()
    family[RoundedLabels(code: 300)].increment()
    #expect(registry.statistics.refusedChildren == 2)
    #expect(registry.snapshot()[0].metrics.count == 1)
    #expect(throws: MetricError.tooManyChildren(family: "a", limit: 1)) {
      try family.child(RoundedLabels(code: 200))
    }
    #expect(family.remove(RoundedLabels(code: 100)))
    family[RoundedLabels(code: 200)].increment()
    #expect(family[RoundedLabels(code: 200)].value == 1)
    family.clear()
    #expect(registry.snapshot()[0].metrics.isEmpty)
  }

  @Test("keys that differ but have the same text are one series in an exposition, and the other is counted")
  func sameText() throws {
    let family = try registry.counter("a", labels: RoundedLabels.self, help: "")
    family[RoundedLabels(code: 200)].increment()
    family[RoundedLabels(code: 204)].increment()
    #expect(registry.snapshot()[0].metrics.count == 1)
    #expect(registry.snapshot()[0].violation() == nil)
    #expect(registry.statistics.refusedChildren == 1)
  }

  @Test("look-ups from many threads find the same child")
  func concurrency() throws {
    let family = try registry.counter("a", labels: RoundedLabels.self, help: "")
    joinThreads(
      (0..<4).map { _ in
        startThread { for round in 0..<4_000 { family[RoundedLabels(code: round % 80)].increment() } }
      })
    let total = (0..<80).map { family[RoundedLabels(code: $0)].value.doubleValue }.reduce(0, +)
    #expect(total == 16_000)
  }
}
