import OpenMetrics
import OpenMetricsTesting
import Testing

@Suite("Expositions in tests")
struct ExpositionTests {
  let registry = MetricRegistry()

  func fill() throws {
    let requests = try registry.counter(
      .init("requests", type: .counter, help: "Answered.", labels: ["method"]))
    try requests.labels("put").increment(by: 2)
    try requests.labels("get").increment(by: 40)
    try registry.gauge(.init("temperature_celsius", type: .gauge, help: "Inside.", unit: "celsius")).set(21.5)
    try registry.info(.init("build", type: .info, help: "What runs.", labels: ["version", "arch"])).set(
      ("version", "1"), ("arch", "x"))
  }

  let expected = """
    # TYPE requests counter
    # HELP requests Answered.
    requests_total{method="put"} 2
    requests_total{method="get"} 40
    # TYPE build info
    # HELP build What runs.
    build_info{version="1",arch="x"} 1
    # TYPE temperature_celsius gauge
    # UNIT temperature_celsius celsius
    # HELP temperature_celsius Inside.
    temperature_celsius 2.15e1
    """

  @Test("what instruments show is valid in every format", arguments: ExpositionFormat.allCases)
  func valid(_ format: ExpositionFormat) throws {
    try fill()
    try registry.checkExposition(as: [format])
  }

  @Test("a broken line is named with its format and its text")
  func fault() {
    let text = "# TYPE a counter\na_total -1\n# EOF\n"
    let fault = #expect(throws: ExpositionFault.self) {
      try ExpositionFormat.openMetrics1.strictlyParsed(Array(text.utf8))
    }
    #expect(fault?.format == .openMetrics1)
    #expect(fault?.error.line == 2)
    #expect(fault?.line == "a_total -1")
    #expect(fault?.description.contains("a_total -1") == true)
  }

  @Test("what is no protobuf is refused without showing its bytes")
  func binaryFault() {
    let fault = #expect(throws: ExpositionFault.self) {
      try ExpositionFormat.protobuf.strictlyParsed([0xFF, 0x0A, 0x00])
    }
    #expect(fault?.format == .protobuf)
    #expect(fault?.line == "")
  }

  @Test("an error beyond the last line has no line to show")
  func faultAtTheEnd() {
    let fault = #expect(throws: ExpositionFault.self) {
      try ExpositionFormat.openMetrics1.strictlyParsed(Array("# TYPE a gauge\na 1\n".utf8))
    }
    #expect(fault?.line == "")
  }

  @Test("neither order nor the spelling of numbers makes a difference")
  func same() throws {
    try fill()
    #expect(try registry.difference(from: expected) == nil)
    #expect(try registry.difference(from: expected + "\n# EOF\n") == nil)
  }

  @Test("text 0.0.4 can be expected too")
  func text004() throws {
    try fill()
    let text = """
      # HELP requests_total Answered.
      # TYPE requests_total counter
      requests_total{method="get"} 40
      requests_total{method="put"} 2
      """
    #expect(try registry.difference(from: text, names: ["requests"], as: .text004) == nil)
  }

  @Test("OpenMetrics 2.0 can be expected too, with or without times of creation")
  func openMetrics2() throws {
    try registry.counter(.init("jobs", type: .counter, help: "Done.")).increment()
    let expected = "# TYPE jobs_total counter\n# HELP jobs_total Done.\njobs_total 1\n"
    #expect(try registry.difference(from: expected, as: .openMetrics2) == nil)
    #expect(try registry.difference(from: expected, as: .openMetrics2, includesCreated: true) != nil)
    let actual = String(decoding: Exposition.write(registry.snapshot(), as: .openMetrics2), as: UTF8.self)
    #expect(try registry.difference(from: actual, as: .openMetrics2, includesCreated: true) == nil)
    #expect(
      try registry.difference(from: expected.replacing("total 1", with: "total 2"), as: .openMetrics2) != nil)
  }

  @Test("a difference shows the changed lines and their neighbours, and leaves out the rest")
  func difference() throws {
    try fill()
    try registry.counter(.init("requests", type: .counter, help: "Answered.", labels: ["method"]))
      .labels("get").increment()
    let difference = try #require(try registry.difference(from: expected))
    #expect(
      difference.description == """
        The exposition differs: - expected, + exposed
          …
          # TYPE requests counter
          # HELP requests Answered.
        - requests_total{method="get"} 40
        + requests_total{method="get"} 41
          requests_total{method="put"} 2
          # TYPE temperature_celsius gauge
        """)
  }

  @Test("missing and unexpected families are told apart")
  func missing() throws {
    try registry.gauge(.init("b", type: .gauge, help: "")).set(1)
    let difference = try #require(try registry.difference(from: "# TYPE a gauge\na 1\n"))
    #expect(difference.lines.contains(.missing("a 1")))
    #expect(difference.lines.contains(.unexpected("b 1.0")))
  }

  @Test("an expectation that is not valid is an error, not a difference")
  func invalidExpectation() {
    #expect(throws: ExpositionFault.self) { try registry.difference(from: "requests_total{ 1") }
  }
}
