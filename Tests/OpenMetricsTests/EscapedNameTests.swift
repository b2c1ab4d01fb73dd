import Testing

@testable import OpenMetrics

@Suite("Names as readers get them")
struct EscapedNameTests {
  @Test(
    "a metric whose escaped name would be a reserved one is refused, with the reason",
    arguments: ["5xx", "é", "日本", ".a", " a"], [MetricType.counter, .gauge, .histogram, .stateset])
  func reservedMetricName(name: String, type: MetricType) {
    let reason =
      "it must begin with an ASCII letter: escaped, it begins with an underscore, which is reserved"
    let descriptor = MetricDescriptor(
      name, type: type, help: "", states: type == .stateset ? ["on"] : [])
    #expect(throws: MetricError.invalidName(family: name, reason: reason)) { try descriptor.validate() }
  }

  @Test("a state set, whose name is also a label's, may not begin with a colon; others may")
  func colon() throws {
    try MetricDescriptor(":a", type: .gauge, help: "").validate()
    #expect(throws: MetricError.self) {
      try MetricDescriptor(":a", type: .stateset, help: "", states: ["on"]).validate()
    }
  }

  @Test(
    "of a label the error says whether its name is reserved or becomes so",
    arguments: ["1a", "é", ".a", ":a"])
  func reservedLabel(label: String) {
    let descriptor = MetricDescriptor("a", type: .gauge, help: "", labels: [label])
    let error = MetricError.reservedLabelWhenEscaped(family: "a", label: label)
    #expect(throws: error) { try descriptor.validate() }
    #expect(error.description.contains("must begin with an ASCII letter"))
    #expect(throws: MetricError.reservedLabel(family: "a", label: "_a")) {
      try MetricDescriptor("a", type: .gauge, help: "", labels: ["_a"]).validate()
    }
  }

  @Test("what is declared is read strictly in every format and scheme", arguments: EscapingScheme.allCases)
  func declared(escaping: EscapingScheme) throws {
    let registry = MetricRegistry()
    for name in ["5xx", "é", "a.b", "a é", "a:b", "_a", "U__a", "A日本"] {
      for label in ["1a", "é", "a.b", "aé", "_x", "l"] {
        guard
          let family = try? registry.counter(
            MetricDescriptor("\(name)\(label)", type: .counter, help: "", labels: [label]))
        else { continue }
        try family.labels("x").increment()
      }
    }
    let families = registry.snapshot()
    #expect(families.count == 15)
    for format in ExpositionFormat.allCases {
      let bytes = Exposition.write(families, as: format, options: Exposition.Options(escaping: escaping))
      #expect(throws: Never.self) { try ExpositionParser.asAsked(format, escaping).parse(bytes) }
    }
  }

  @Test(
    "a collector's family with a label that is reserved, or becomes so, is left out",
    arguments: ["_x", "1x", "é"])
  func collector(label: String) throws {
    let registry = MetricRegistry()
    let family = MetricFamily(
      name: "a", type: .gauge, metrics: [Metric(labels: [label: "1"], .gauge(1))])
    try registry.register(
      StubCollector(descriptors: [.init("a", type: .gauge, help: "")], families: [family]))
    #expect(registry.snapshot().isEmpty)
    #expect(registry.statistics.collectFailures == 1)
  }

  @Test("names that someone chose as the scheme of values would make them clash")
  func clashByValues() throws {
    let registry = MetricRegistry()
    _ = try registry.gauge(MetricDescriptor("v.b", type: .gauge, help: ""))
    #expect(throws: MetricError.clash(new: "U__v_2e_b", existing: "v.b", sample: "U__v_2e_b")) {
      try registry.gauge(MetricDescriptor("U__v_2e_b", type: .gauge, help: ""))
    }
    _ = try registry.histogram(MetricDescriptor("h.b", type: .histogram, help: ""))
    #expect(throws: MetricError.clash(new: "U__h_2e_b_count", existing: "h.b", sample: "U__h_2e_b_count")) {
      try registry.gauge(MetricDescriptor("U__h_2e_b_count", type: .gauge, help: ""))
    }
    _ = try registry.gauge(MetricDescriptor("U__w_2e_b", type: .gauge, help: ""))
  }

  @Test(
    "name[] takes a name as it was declared, or as this reader gets it",
    arguments: [
      ("a.b", ""), ("a_b", ""), ("a_b_total", ""), ("a.b_total", ""),
      ("U__a_2e_b__total", "; escaping=values"),
      ("a_dot_b__total", "; escaping=dots"), ("a.b_total", "; escaping=allow-utf-8"),
    ])
  func wanted(name: String, escaping: String) async throws {
    let registry = MetricRegistry()
    try registry.counter(MetricDescriptor("a.b", type: .counter, help: "")).increment()
    try registry.counter(MetricDescriptor("c", type: .counter, help: "")).increment()
    let accept = "application/openmetrics-text; version=1.0.0" + escaping
    let rendered = MetricsRenderer(registry: registry).render(accept: accept, names: [name])
    let answer = await ScrapeHandler(registry: registry).answer(ScrapeRequest(accept: accept, names: [name]))
    for bytes in [rendered.bytes, answer.body] {
      let families = try ExpositionParser(format: .openMetrics1, options: .init(allowsQuotedNames: true))
        .parse(bytes).families
      #expect(families.count == 1 && families.first?.name != "c")
    }
  }

  @Test(
    "name[] of another reader's escaping, or of nothing, selects nothing",
    arguments: ["U__a_2e_b__total", "b"])
  func notWanted(name: String) throws {
    let registry = MetricRegistry()
    try registry.counter(MetricDescriptor("a.b", type: .counter, help: "")).increment()
    let rendered = MetricsRenderer(registry: registry).render(accept: nil, names: [name])
    #expect(rendered.bytes.isEmpty)
  }
}
