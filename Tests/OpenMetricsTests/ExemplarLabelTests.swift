import Testing

@testable import OpenMetrics

@Suite("Labels of exemplars")
struct ExemplarLabelTests {
  @Test(
    "names that some reader could not be shown are refused, with the reason",
    arguments: [
      ([("__name__", "a")], MetricError.reservedLabel(family: "exemplar", label: "__name__")),
      ([("_trace", "x")], .reservedLabel(family: "exemplar", label: "_trace")),
      ([("5xx", "a")], .reservedLabelWhenEscaped(family: "exemplar", label: "5xx")),
      ([("é", "a")], .reservedLabelWhenEscaped(family: "exemplar", label: "é")),
      ([("a.b", "1"), ("a_b", "2")], .duplicateLabel(family: "exemplar", label: "a_b")),
      ([("", "1")], .invalidLabelName(family: "exemplar", label: "")),
    ] as [([(String, String)], MetricError)])
  func refused(labels: [(String, String)], error: MetricError) {
    #expect(throws: error) { try Exemplar(labels: labels, value: 1) }
    #expect(throws: error) {
      try Exemplar(labels: LabelSet(labels), value: 1, maximumCodePoints: nil)
    }
  }

  /// Of exemplars that our own initializer takes and of ones that a lenient parser has read.
  private static let labels: [LabelSet] = [
    ["trace_id": "4bf92f35"], ["trace.id": "a", "span.id": "b"], [:], ["name é": "é"],
    [String(repeating: ".", count: 120): "x"], [String(repeating: "_", count: 120) + "a": "x"],
    ["a" + String(repeating: "_", count: 120): "x"], ["a" + String(repeating: "é", count: 100): "x"],
    ["text": "a\0b"], ["te\0xt": "a"], ["a.b": "1", "a_b": "2"], ["_trace": "x"], ["5xx": "x"], ["é": "x"],
    ["U__a_2e_b": "1", "a.b": "2"], ["x": String(repeating: "é", count: 127)],
  ]

  private static func families(_ labels: LabelSet) throws -> [MetricFamily] {
    let exemplar = try Exemplar(read: labels, value: 0.5, timestamp: MetricTimestamp(seconds: 1_700_000_000))
    let bucket = HistogramBucket(upperBound: .infinity, cumulativeCount: 1, exemplar: exemplar)
    return [
      MetricFamily(
        name: "jobs", type: .counter,
        metrics: [Metric(.counter(CounterPoint(total: 1, exemplars: [exemplar])))]),
      MetricFamily(
        name: "size", type: .histogram,
        metrics: [Metric(.histogram(HistogramPoint(buckets: [bucket], sum: 0.5)))]),
    ]
  }

  @Test(
    "whatever they are, every exposition is one that a strict parser reads",
    arguments: ExpositionFormat.allCases, EscapingScheme.allCases)
  func alwaysValid(format: ExpositionFormat, escaping: EscapingScheme) throws {
    for labels in Self.labels {
      let bytes = Exposition.write(
        try Self.families(labels), as: format, options: Exposition.Options(escaping: escaping))
      #expect(throws: Never.self, "\(labels)") { try ExpositionParser.asAsked(format, escaping).parse(bytes) }
    }
  }

  /// Which of the formats show the exemplar of the counter.
  private func formats(showing labels: LabelSet, _ escaping: EscapingScheme) throws -> [ExpositionFormat] {
    try ExpositionFormat.allCases.filter { format in
      let bytes = Exposition.write(
        try Self.families(labels), as: format, options: Exposition.Options(escaping: escaping))
      let families = try ExpositionParser.asAsked(format, escaping).parse(bytes).families
      let value = families.first?.metrics.first?.points.first?.value
      guard case .counter(let point)? = value else { return false }
      return point.exemplar != nil
    }
  }

  @Test("they are left out only where their escaped names make it impossible")
  func leftOut() throws {
    let all: [ExpositionFormat] = try formats(showing: ["trace_id": "a"], .underscores)
    #expect(Set(all) == [.openMetrics1, .openMetrics2, .protobuf])
    for escaping in EscapingScheme.allCases {
      #expect(try formats(showing: ["trace.id": "a"], escaping) == all)
    }
    let long: LabelSet = ["a" + String(repeating: ".", count: 100): "x"]
    #expect(try formats(showing: long, .underscores) == all)
    #expect(Set(try formats(showing: long, .values)) == [.openMetrics2, .protobuf])
    #expect(Set(try formats(showing: ["a" + String(repeating: "_", count: 80): "x"], .dots)).count == 2)
    let clash: LabelSet = ["a.b": "1", "a_b": "2"]
    #expect(try formats(showing: clash, .underscores).isEmpty)
    #expect(try formats(showing: clash, .values) == all)
  }

  @Test("with a NUL only protobuf shows one")
  func null() throws {
    for escaping in EscapingScheme.allCases {
      #expect(try formats(showing: ["text": "a\0b"], escaping) == [.protobuf])
    }
  }

  @Test("a source of such labels counts as a rejected update")
  func source() throws {
    let registry = MetricRegistry()
    registry.exemplarSource = { ["_trace": "x"] }
    let counter = try registry.counter(MetricDescriptor("jobs", type: .counter, help: "Done."))
    counter.increment()
    #expect(registry.statistics.rejectedUpdates == 1)
  }
}

extension ExpositionParser {
  /// For a reader that has asked for this format and scheme.
  static func asAsked(_ format: ExpositionFormat, _ escaping: EscapingScheme) -> ExpositionParser {
    ExpositionParser(format: format, options: Options(allowsQuotedNames: escaping == .allowUTF8))
  }
}
