import OpenMetrics
import OpenMetricsTesting
import Testing

@Suite("Lint")
struct LintTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let type: MetricType
    let labels: [String]
    let rules: [LintRule]

    init(_ name: String, _ type: MetricType, labels: [String] = [], _ rules: LintRule...) {
      self.name = name
      self.type = type
      self.labels = labels
      self.rules = rules
    }

    var testDescription: String { "\(type.rawValue) \(name)\(labels)" }

    var descriptor: MetricDescriptor { .init(name, type: type, help: "Something.", labels: labels) }
  }

  static let cases: [Case] = [
    // Nothing to find.
    Case("http_requests", .counter, labels: ["code"]),
    Case("request_duration_seconds", .histogram, labels: ["path"]),
    Case("disk_usage_ratio", .gauge), Case("last_success_timestamp_seconds", .gauge),
    Case("http.request.body.bytes", .summary), Case("build", .info, labels: ["version"]),
    Case("legacy_total", .unknown), Case("legacy_bucket", .unknown, labels: ["le"]),
    Case("light_colour_temperature_kelvin", .gauge), Case("track_metres", .gauge),
    Case("days", .unknown, .notBaseUnit), Case("s_expressions", .counter), Case("countermeasures", .gauge),
    // Base units.
    Case("uptime_minutes", .gauge, .notBaseUnit),
    Case("request_duration_milliseconds", .histogram, .notBaseUnit),
    Case("sent_kilobytes", .counter, .notBaseUnit), Case("sent_mebibytes", .counter, .notBaseUnit),
    Case("link_megabits", .gauge, .notBaseUnit), Case("oven_fahrenheit", .gauge, .notBaseUnit),
    Case("cpu_usage_percent", .gauge, .notBaseUnit), Case("parcel_kilograms", .gauge, .notBaseUnit),
    Case("http.duration.Microseconds", .gauge, .notBaseUnit),
    // Abbreviations.
    Case("request_duration_ms", .gauge, .abbreviatedUnit), Case("heap_mb_used", .gauge, .abbreviatedUnit),
    Case("door_width_m", .gauge, .abbreviatedUnit),
    // Suffixes.
    Case("jobs_total", .gauge, .totalOfNoCounter), Case("jobs_total", .counter, .counterNamedTotal),
    Case("jobs_total", .histogram, .totalOfNoCounter),
    Case("start_timestamp_seconds", .counter, .timestampOfNoGauge),
    Case("water_bucket", .gauge, .reservedSuffix), Case("water_bucket", .summary, .reservedSuffix),
    Case("queue_count", .gauge, .reservedSuffix), Case("queue_sum", .counter, .reservedSuffix),
    Case("queue_count", .summary), Case("queue_sum", .histogram),
    // Labels.
    Case("queue", .gauge, labels: ["le"], .reservedLabel),
    Case("queue", .summary, labels: ["le"], .reservedLabel),
    Case("queue", .counter, labels: ["quantile"], .reservedLabel),
    Case("queue", .gauge, labels: ["queueName", "shardID"], .camelCaseLabel, .camelCaseLabel),
    // Names.
    Case("requests_counter", .counter, .typeInName),
    Case("request_histogram_seconds", .histogram, .typeInName),
    Case("queue_gauge", .gauge, .typeInName), Case("latency_summary", .summary, .typeInName),
    Case("job:requests:rate5m", .gauge, .colonInName), Case("httpRequests", .counter, .camelCaseName),
  ]

  @Test("every rule finds what breaks it in a declaration, and nothing else", arguments: cases)
  func descriptors(_ example: Case) {
    #expect(MetricLint.findings(in: [example.descriptor]).map(\.rule) == example.rules)
  }

  @Test("and in a family", arguments: cases)
  func families(_ example: Case) {
    let labels = LabelSet(example.labels.map { Label($0, "x") })
    let family = MetricFamily(example.descriptor, metrics: [Metric(labels: labels, .gauge(1))])
    #expect(MetricLint.findings(in: [family]).map(\.rule) == example.rules)
  }

  @Test("no help text and a blank one are the same", arguments: ["", "  \n"])
  func help(_ text: String) {
    let findings = MetricLint.findings(in: [MetricDescriptor("jobs", type: .gauge, help: text)])
    #expect(findings == [LintFinding(family: "jobs", rule: .helpMissing, text: "there is no help text")])
  }

  @Test("a counter whose samples lack _total is found")
  func bareTotal() {
    let family = MetricFamily(name: "jobs", type: .counter, help: "Done.", hasBareTotal: true)
    #expect(MetricLint.findings(in: [family]).map(\.rule) == [.counterWithoutTotal])
  }

  @Test("two metrics with the same labels are found, whatever their order")
  func duplicates() {
    let metrics = [
      Metric(labels: ["a": "1", "b": "2"], .gauge(1)),
      Metric(labels: ["b": "2", "a": "1", "c": ""], .gauge(2)),
      Metric(labels: ["a": "1"], .gauge(3)),
    ]
    let family = MetricFamily(name: "jobs", type: .gauge, help: "Waiting.", metrics: metrics)
    #expect(MetricLint.findings(in: [family]).map(\.rule) == [.duplicateMetric])
  }

  @Test("the labels of an info are looked at wherever they are")
  func info() {
    let metric = Metric(.info(["buildHost": "x"]))
    let family = MetricFamily(name: "build", type: .info, help: "What runs.", metrics: [metric])
    #expect(MetricLint.findings(in: [family]).map(\.rule) == [.camelCaseLabel])
  }

  @Test("every rule has a case that finds it")
  func complete() {
    let elsewhere: Set<LintRule> = [.helpMissing, .counterWithoutTotal, .duplicateMetric]
    #expect(Set(Self.cases.flatMap(\.rules)).union(elsewhere) == Set(LintRule.allCases))
  }

  @Test("a finding says which family, and what would be right")
  func text() {
    let findings = MetricLint.findings(in: [MetricDescriptor("wait_ms", type: .gauge, help: "x")])
    #expect(findings.map(\.description) == ["wait_ms: write out the unit ms"])
  }
}
