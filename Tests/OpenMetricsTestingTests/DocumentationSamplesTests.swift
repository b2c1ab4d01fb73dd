import OpenMetrics
import OpenMetricsTesting
import Testing

/// The samples about testing in the library's articles.
@Suite("Samples of the documentation: testing")
struct DocumentationSamplesTests {
  @Test("values, differences and manners")
  func testing() throws {
    let registry = MetricRegistry()
    let jobs = try registry.counter(.init("jobs", type: .counter, help: "Done.", labels: ["kind"]))
    _ = try registry.histogram(
      .init("wait_seconds", type: .histogram, help: "Waited.", unit: "seconds"))

    let grown = try registry.change(of: "jobs_total", labels: ["kind": "mail"]) {
      try jobs.labels("mail").increment()
    }
    #expect(grown == 1)
    #expect(registry.value(of: "wait_seconds_count") == 0)

    let difference = try registry.difference(
      from: """
        # TYPE jobs counter
        # HELP jobs Done.
        jobs_total{kind="mail"} 1
        """, names: ["jobs"])
    #expect(difference == nil, "\(difference?.description ?? "")")

    try registry.checkExposition()
    #expect(MetricLint.findings(in: registry.snapshot()).isEmpty)
  }
}
