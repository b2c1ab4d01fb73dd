import Testing

@testable import OpenMetrics

@Suite("Content negotiation")
struct NegotiationTests {
  static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
  static let text = "text/plain; version=0.0.4; charset=utf-8"

  @Test(
    "the supported range of the highest quality wins, and nothing is echoed",
    arguments: [
      (nil, text), ("", text), ("application/json", text), ("*/*", text), ("text/*", text),
      ("application/openmetrics-text", openMetrics), ("application/*", openMetrics),
      ("APPLICATION/OpenMetrics-Text; Version=\"1.0.0\"", openMetrics),
      ("application/openmetrics-text;version=2.0.0", text),
      ("application/openmetrics-text;version=0.0.1", text),
      ("text/plain;version=1.0.0;q=1,application/openmetrics-text;q=0.1", openMetrics),
      ("text/plain;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5", text),
      ("text/plain;q=0.5,application/openmetrics-text;version=1.0.0;q=0.5", text),
      ("application/openmetrics-text;q=0", text), ("application/openmetrics-text;q=nan", text),
      ("application/openmetrics-text;q=2", text), ("application/openmetrics-text;q=-1", text),
      ("application/openmetrics-text;escaping=\"x\r\nSet-Cookie: a\"", openMetrics),
      (",;=\"", text),
      ("application/openmetrics-text;version=1.0.0" + String(repeating: ",", count: 9000), text),
      (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.9,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        openMetrics + "; escaping=allow-utf-8"
      ),
    ] as [(String?, String)])
  func negotiate(accept: String?, contentType: String) {
    #expect(ContentNegotiation.negotiate(accept: accept).contentType == contentType)
  }

  @Test("the renderer answers in the negotiated format and with the chosen names only")
  func renderer() throws {
    let registry = MetricRegistry()
    try registry.counter(.init("a", type: .counter, help: "")).increment()
    _ = try registry.gauge(.init("b", type: .gauge, help: ""))
    let renderer = MetricsRenderer(registry: registry)
    let openMetrics = renderer.render(accept: "application/openmetrics-text", names: ["a"])
    #expect(openMetrics.contentType == Self.openMetrics)
    #expect(String(decoding: openMetrics.bytes, as: UTF8.self) == "# TYPE a counter\na_total 1\n# EOF\n")
    #expect(renderer.render(accept: nil).contentType == Self.text)
  }
}
