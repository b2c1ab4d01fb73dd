import Testing

@testable import OpenMetrics

@Suite("Content negotiation")
struct NegotiationTests {
  static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
  static let draft = "application/openmetrics-text; version=0.0.1; charset=utf-8"
  static let protobufRange =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
  static let protobuf =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
  static let text = "text/plain; version=0.0.4; charset=utf-8"

  @Test(
    "the supported range of the highest quality wins, and nothing is echoed",
    arguments: [
      (nil, text), ("", text), ("application/json", text), ("*/*", text), ("text/*", text),
      ("application/openmetrics-text", openMetrics), ("application/*", openMetrics),
      ("APPLICATION/OpenMetrics-Text; Version=\"1.0.0\"", openMetrics),
      (
        "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text; version=2.0.0; charset=utf-8"
      ),
      ("application/openmetrics-text;version=3.0.0", text),
      ("application/openmetrics-text;version=0.0.1", draft),
      ("application/openmetrics-text;version=0.0.1;escaping=dots", draft + "; escaping=dots"),
      ("application/openmetrics-text;version=0.0.1;q=0.5,text/plain;q=0.6", text),
      (
        "application/openmetrics-text;version=0.0.1;q=0.5,application/openmetrics-text;version=1.0.0;q=0.6",
        openMetrics
      ),
      ("application/openmetrics-text;version=\"0.0.1\";q=0", text),
      (
        "text/plain;version=1.0.0;escaping=values;q=1,application/openmetrics-text;q=0.1",
        "text/plain; version=1.0.0; charset=utf-8; escaping=values"
      ),
      ("text/plain;version=0.0.3;q=1,application/openmetrics-text;q=0.1", openMetrics),
      ("text/plain;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5", text),
      ("text/plain;q=0.5,application/openmetrics-text;version=1.0.0;q=0.5", text),
      ("application/openmetrics-text;q=0", text), ("text/plain;q=0,*/*", openMetrics),
      ("application/openmetrics-text;q=0,application/*;q=1,text/*;q=0.1", text),
      ("application/vnd.google.protobuf", text), (protobufRange + ";q=0.1", protobuf),
      (protobufRange.replacing("delimited", with: "text"), text),
      ("application/openmetrics-text;escaping=none", openMetrics),
      ("application/openmetrics-text;q=nan", text),
      ("application/openmetrics-text;q=2", text), ("application/openmetrics-text;q=-1", text),
      ("application/openmetrics-text;escaping=\"x\r\nSet-Cookie: a\"", openMetrics),
      (",;=\"", text),
      ("application/openmetrics-text;version=1.0.0" + String(repeating: ",", count: 9000), text),
    ] as [(String?, String)])
  func negotiate(accept: String?, contentType: String) {
    #expect(ContentNegotiation.negotiate(accept: accept).contentType == contentType)
  }

  @Test(
    "every header that Prometheus sends gets what it likes best",
    arguments: [
      // 2.5 to 2.33
      ("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", draft),
      // 2.42
      (
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        openMetrics
      ),
      // 2.42 with native histograms
      (
        "\(protobufRange),application/openmetrics-text;version=1.0.0;q=0.8,"
          + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        protobuf
      ),
      // 3
      (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
          + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
          + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        openMetrics + "; escaping=allow-utf-8"
      ),
      // 3 with native histograms
      (
        "\(protobufRange);escaping=allow-utf-8;q=0.7,"
          + "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.2",
        protobuf + "; escaping=allow-utf-8"
      ),
    ] as [(String, String)])
  func prometheus(accept: String, contentType: String) {
    #expect(ContentNegotiation.negotiate(accept: accept).contentType == contentType)
  }

  @Test(
    "gzip is for those who take it",
    arguments: [
      (nil, .identity), ("", .identity), ("gzip", .gzip), ("deflate, gzip;q=0.5", .gzip), ("GZIP", .gzip),
      ("gzip;q=0", .identity), ("*", .gzip), ("*;q=0", .identity), ("gzip;q=0, *", .identity),
      ("identity", .identity), ("gzip;q=nan", .identity), ("gzip;level=1", .identity), ("br", .identity),
    ] as [(String?, ContentCoding)])
  func coding(acceptEncoding: String?, coding: ContentCoding) {
    #expect(ContentCoding.negotiate(acceptEncoding: acceptEncoding) == coding)
  }

  @Test(
    "names in UTF-8 are in quotes where that is asked for, and escaped where nothing is, in every format",
    arguments: ExpositionFormat.allCases)
  func quotedNames(format: ExpositionFormat) throws {
    let registry = MetricRegistry()
    try registry.gauge(.init("a.b", type: .gauge, help: "")).set(1)
    let renderer = MetricsRenderer(registry: registry)
    for (wish, name) in [("", "a_b"), ("; escaping=allow-utf-8", "a.b")] {
      let rendered = renderer.render(accept: format.contentType + wish)
      #expect(rendered.contentType == format.contentType + wish)
      let parser = ExpositionParser(format: format, options: .init(allowsQuotedNames: true))
      #expect(try parser.parse(rendered.bytes).families.map(\.name) == [name])
    }
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
    let draft = renderer.render(accept: "application/openmetrics-text;version=0.0.1", names: ["a"])
    #expect(draft.contentType == Self.draft)
    #expect(draft.bytes == openMetrics.bytes)
  }
}
