import OpenMetrics
import OpenMetricsPush
import Testing

/// The sample about pushing in the library's articles.
@Suite("Samples of the documentation: pushing")
struct DocumentationSamplesTests {
  @Test("a group of metrics, pushed to where nobody listens")
  func pushing() async throws {
    let registry = MetricRegistry()
    let address = "http://127.0.0.1:1"
    let error = await #expect(throws: PushError.self) {
      let gateway = try Pushgateway(url: address, job: "backup", grouping: ["host": "db1"])
      try await gateway.push(registry.snapshot(within: .seconds(5)))
    }
    guard case .transport = error else {
      Issue.record("not refused by the network but \(String(describing: error))")
      return
    }
  }
}
