import OpenMetrics
import Testing

@testable import RemoteWrite

@Suite("What senders push as text, and how it is packed")
struct PushTextTests {
  private static func request(
    _ text: String, isOpenMetrics: Bool = false, extra: [Label] = []
  ) throws -> ReceivedRequest {
    try ReceivedRequest(
      text: Array(text.utf8), isOpenMetrics: isOpenMetrics, time: Pushed.time, extra: extra)
  }

  @Test("lines have their own times or that of the request, in milliseconds, and any number of them")
  func text() throws {
    let request = try Self.request(
      """
      # HELP a_total of a
      # TYPE a_total counter
      a_total{x="1"} 1 \(Pushed.time - 2000)
      a_total{x="1"} 2 \(Pushed.time - 1000)
      b 3
      c NaN \(Pushed.time + 1)
      """)
    let lines = try Pushed.lines(request)
    #expect(
      lines == [
        [
          "{__name__=\"a_total\", x=\"1\"} 1.0@-2000", "{__name__=\"b\"} 3.0@0",
          // The NaN that Prometheus has for a value that is none.
          "{__name__=\"c\"} nan(0x1)@1",
        ], ["{__name__=\"a_total\", x=\"1\"} 2.0@-1000"],
      ])
    let metadata = try WriteRequest(body: request.fragments([Pushed.route]).fragments[0][0].body).metadata
    #expect(metadata == [.init(family: "a_total", type: 1, help: "of a", unit: "")])
  }

  @Test("OpenMetrics has seconds, exemplars and an end")
  func openMetrics() throws {
    let text = """
      # TYPE a counter
      a_total 1 \(Double(Pushed.time) / 1000 + 0.25) # {trace_id="t"} 0.5
      # EOF

      """
    let request = try Self.request(text, isOpenMetrics: true)
    let made = request.fragments([Pushed.route])
    let series = try WriteRequest(body: made.fragments[0][0].body).series[0]
    #expect(series.samples == [.init(bits: 1.0.bitPattern, time: Pushed.time + 250)])
    #expect(
      series.exemplars == [.init(labels: [Label("trace_id", "t")], value: 0.5, time: Pushed.time + 250)])
    let fault = #expect(throws: PushFault.self) { try Self.request("a 1\n", isOpenMetrics: true) }
    #expect(fault == .malformed("line 1: the end without # EOF"))
  }

  @Test("labels that the sender asks for are on every series, over those that it has")
  func extraLabels() throws {
    let push = Pushed.text(
      "", arguments: [("extra_label", "job=push"), ("extra_label", "x=a=b"), ("other", "1")])
    let request = try Self.request("a{x=\"1\"} 1\nb 2\n", extra: push.extraLabels())
    #expect(
      try Pushed.lines(request) == [
        [
          "{__name__=\"a\", job=\"push\", x=\"a=b\"} 1.0@0",
          "{__name__=\"b\", job=\"push\", x=\"a=b\"} 2.0@0",
        ]
      ])
    for bad in ["", "x", "=y"] {
      #expect(throws: PushFault.self) { try Pushed.text("", arguments: [("extra_label", bad)]).extraLabels() }
    }
    #expect(throws: PushFault.self) { try Pushed.text("", arguments: [("timestamp", "now")]).time() }
    #expect(try Pushed.text("", arguments: [("timestamp", "-5")]).time() == -5)
  }

  @Test(
    "what is no exposition is refused with its line, and nothing of it is taken",
    arguments: ["a 1\nb\n", "a 1\nb{x=\"1} 2\n", "a 1\n{} 2\n", "a 1\nb{x=\"\u{1}\",x=\"2\"} 1\n"])
  func malformed(text: String) {
    let fault = #expect(throws: PushFault.self) { try Self.request(text) }
    guard case .malformed(let words) = fault, words.hasPrefix("line 2: ") else {
      Issue.record("\(String(describing: fault))")
      return
    }
  }

  // MARK: - Packing and types

  @Test("gzip is unpacked, several members too, and no more than the limit comes out of it")
  func gzip() throws {
    let text = Array("a 1\nb 2\n".utf8)
    let packed = Pushed.gzip(text)
    func content(_ body: [UInt8], _ limit: Int) throws -> [UInt8] {
      try Push(contentEncoding: "gzip", body: body).content(packedAs: ["", "gzip"], limit: limit)
    }
    #expect(try content(packed, 100) == text)
    #expect(try content(packed + packed, 100) == text + text)
    #expect(try content(packed, text.count) == text)
    #expect(throws: PushFault.self) { try content(packed, text.count - 1) }
    let bomb = Pushed.gzip([UInt8](repeating: 0, count: 8 << 20))
    #expect(bomb.count < 10_000)
    let fault = #expect(throws: PushFault.self) { try content(bomb, 1 << 20) }
    #expect(fault?.isTooLarge == true)
    for cut in 0..<packed.count {
      #expect(throws: PushFault.malformed("not gzip, or cut short"), "\(cut)") {
        try content(Array(packed[..<cut]), 100)
      }
    }
  }

  @Test("a snappy block that says that it is too large is not unpacked")
  func snappyBomb() {
    var block: [UInt8] = []
    WireWriter.append(varint: UInt64(PushReceiver.mostBytes + 1), to: &block)
    let push = Push(contentEncoding: "snappy", body: block + [0, 0])
    let fault = #expect(throws: PushFault.self) {
      try push.content(packedAs: ["snappy"], limit: PushReceiver.mostBytes)
    }
    #expect(fault?.isTooLarge == true)
    #expect(throws: PushFault.malformed("not a snappy block")) {
      try Push(contentEncoding: "snappy", body: [5, 0]).content(packedAs: ["snappy"], limit: 100)
    }
  }

  @Test("the version is what the content type says, and 1.0 where it says nothing of it")
  func version() {
    let types: [(String?, WriteProtocol?)] = [
      (nil, .version1), ("application/x-protobuf", .version1),
      ("application/x-protobuf;proto=prometheus.WriteRequest", .version1),
      ("application/x-protobuf; proto=io.prometheus.write.v2.Request", .version2),
      ("Application/X-Protobuf ; PROTO=\"io.prometheus.write.v2.Request\"", .version2),
      ("application/x-protobuf;proto=io.prometheus.write.v3.Request", nil), ("application/json", nil),
      ("text/plain", nil),
    ]
    for (type, version) in types {
      #expect(Push(contentType: type, body: []).version == version, "\(type ?? "")")
    }
  }
}
