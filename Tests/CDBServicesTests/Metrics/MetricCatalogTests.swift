import CDBDomain
import CDBPipeline
import CDBServices
import Foundation
import OpenMetrics
import OpenMetricsTesting
import Testing

@Suite("metric catalogue")
struct MetricCatalogTests {
  private static let root = URL(filePath: #filePath).appending(path: "../../../..").standardized

  @Test("docs/metrics.md is what the declarations say; `make docs` writes it anew")
  func documented() throws {
    let written = try String(contentsOf: Self.root.appending(path: "docs/metrics.md"), encoding: .utf8)
    #expect(written == (try MetricCatalog.render(SuiteMetrics.all, as: .md)))
  }

  @Test("every name is unique, has the suite's or the process's prefix, a help and an owner")
  func complete() {
    let names = SuiteMetrics.all.map(\.name)
    #expect(Set(names).count == names.count)
    for descriptor in SuiteMetrics.all {
      // Those of the process and of Swift's runtime are the library's.
      let isLibrarys = descriptor.name.hasPrefix("process_") || descriptor.name.hasPrefix("swift")
      #expect(descriptor.name.hasPrefix("cdb_") || isLibrarys, "\(descriptor.name)")
      #expect(!descriptor.help.isEmpty, "\(descriptor.name) has no help")
      #expect(!descriptor.owner.isEmpty || isLibrarys, "\(descriptor.name) has no owner")
    }
  }

  @Test("the declarations can all be registered together, and an empty scrape passes the strict parser")
  func registrable() throws {
    let registry = MetricRegistry()
    for descriptor in SuiteMetrics.all {
      switch descriptor.type {
      case .counter: _ = try registry.counter(descriptor)
      case .gauge: _ = try registry.gauge(descriptor)
      case .histogram: _ = try registry.histogram(descriptor)
      case .stateset: _ = try registry.stateSet(descriptor)
      case .info: _ = try registry.info(descriptor)
      case .summary, .gaugehistogram, .unknown: Issue.record("\(descriptor.name) has no instrument")
      }
    }
    let families = registry.snapshot()
    _ = try ExpositionParser(format: .openMetrics1).parse(Exposition.write(families, as: .openMetrics1))
  }

  @Test("the catalogue as JSON names every metric")
  func json() throws {
    let text = try MetricCatalog.render(SuiteMetrics.all, as: .json)
    let entries = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    #expect(entries.count == SuiteMetrics.all.count)
    for (entry, descriptor) in zip(entries, SuiteMetrics.all) {
      #expect(entry["name"] as? String == descriptor.name)
      #expect((entry["buckets"] as? [Any])?.isEmpty == (descriptor.type != .histogram))
      #expect(entry["states"] as? [String] == descriptor.states)
    }
  }

  @Test("every declaration has good manners: help, base units, suffixes of its own type")
  func lint() {
    #expect(MetricLint.findings(in: SuiteMetrics.all).map(\.description) == [])
  }

  @Test("case 6: a bucket above +Inf is refused with its line")
  func bucketAboveInfinity() {
    let text = """
      # TYPE a histogram
      a_bucket{le="1.0"} 1
      a_bucket{le="+Inf"} 2
      a_bucket{le="1000.0"} 3
      a_count 2
      a_sum 5.0
      # EOF

      """
    guard case .refused(let error) = ExpositionCheck.check(Array(text.utf8), format: .openmetrics) else {
      Issue.record("accepted")
      return
    }
    #expect(error.line == 4 || error.line == 3)
  }

  @Test("a fault is told as file, line, column and reason; a lenient check tells and accepts")
  func faults() {
    let text = Array("# TYPE a counter\na 1\n# EOF\n".utf8)
    let refused = ExpositionCheck.check(text, format: .openmetrics)
    #expect(
      refused.faults(in: "m.txt") == [
        "m.txt:2:1: the sample's name does not fit its family's type: counter a"
      ])
    let lenient = ExpositionCheck.check(text, format: .openmetrics, isLenient: true)
    #expect(lenient.faults(in: "m.txt") == refused.faults(in: "m.txt").map { $0 + " (overlooked)" })
    #expect(lenient.description == "1 families, 1 metrics")
  }

  @Test("names in quotes need their format or their flag")
  func quotedNames() {
    func isAccepted(_ format: ExpositionCheck.Format, _ end: String, quoted: Bool = false) -> Bool {
      let check = ExpositionCheck.check(
        Array("{\"a.b\"} 1\n\(end)".utf8), format: format, allowsQuotedNames: quoted)
      if case .accepted = check { return true }
      return false
    }
    #expect(!isAccepted(.openmetrics, "# EOF\n"))
    #expect(isAccepted(.openmetrics, "# EOF\n", quoted: true))
    #expect(isAccepted(.openmetrics2, "# EOF\n"))
    #expect(!isAccepted(.text, ""))
    #expect(isAccepted(.text1, ""))
  }
}
