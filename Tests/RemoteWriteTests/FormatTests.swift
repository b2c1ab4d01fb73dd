import OpenMetrics
import Testing

@testable import RemoteWrite

@Suite("Protobuf, native histograms and exemplars")
struct FormatTests {
  private static let all = [
    SampleRoute(
      externalLabels: [:], rules: [], samplesPerFragment: 1_000, sendsExemplars: true, sendsHistograms: true)
  ]

  private static func series(_ summary: ScrapeSummary) throws -> [WriteRequest.Series] {
    try summary.fragments[0].flatMap { try WriteRequest(body: $0.body).series }
      .filter { series in !ReportSeries.names.contains { Label("__name__", $0) == series.labels.first } }
  }

  @Test("the kinds of protobuf make the samples that Prometheus makes of them")
  func kinds() throws {
    var reader = makeReader(target: [:])
    let body =
      Message.family("c_total", type: 0, Message().label("a", "x\"\n\\").message(3, Message().double(1, 3)))
      + Message.family("g", type: 1, Message().message(2, Message().double(1, .nan)))
      + Message.family("u", type: 3, Message().message(5, Message().double(1, -1)).number(6, 500))
      + Message.family(
        "s", type: 2,
        Message().message(
          4, Message().number(1, 4).double(2, 8).message(3, Message().double(1, 0.5).double(2, 2))))
      + Message.family(
        "h", type: 4,
        Message().message(
          7,
          Message().number(1, 5).double(2, 1.5).message(3, Message().number(1, 2).double(2, 1))
            .message(3, Message().number(1, 4).double(2, 1e6))))
    let summary = try reader.read(protobuf: body, time: 1_000, duration: 0.25)
    #expect(
      try lines(summary).sorted() == [
        "{__name__=\"c_total\", a=\"x\"\n\\\"} 3.0@1000", #"{__name__="g"} nan(0x1)@1000"#,
        #"{__name__="h_bucket", le="+Inf"} 5.0@1000"#, #"{__name__="h_bucket", le="1.0"} 2.0@1000"#,
        #"{__name__="h_bucket", le="1e+06"} 4.0@1000"#, #"{__name__="h_count"} 5.0@1000"#,
        #"{__name__="h_sum"} 1.5@1000"#, #"{__name__="s", quantile="0.5"} 2.0@1000"#,
        #"{__name__="s_count"} 4.0@1000"#, #"{__name__="s_sum"} 8.0@1000"#, #"{__name__="u"} -1.0@500"#,
      ])
    #expect(summary.scraped == 11 && summary.added == 11)
    // Known series are found again.
    #expect(try reader.read(protobuf: body, time: 2_000, duration: 0.25).added == 0)
  }

  @Test(
    "bounds are written as Go writes them",
    arguments: [
      (1.0, "1.0"), (0.1, "0.1"), (100_000, "100000.0"), (1e6, "1e+06"), (1.5e-5, "1.5e-05"),
      (0.0001, "0.0001"),
      (123_456_789, "1.23456789e+08"), (-2.5, "-2.5"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
      (.nan, "NaN"),
      (0, "0.0"), (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
      (12.25, "12.25"),
    ])
  func bounds(value: Double, text: String) { #expect(BoundText.text(value) == text) }

  @Test("a native histogram is one sample, as it is, and ends like any series")
  func native() throws {
    var reader = makeReader(target: [:], routes: Self.all)
    let body = Message.family("n", type: 4, Message().message(7, Message.native))
    let summary = try reader.read(protobuf: body, time: 1_000, duration: 0)
    let series = try #require(try Self.series(summary).first)
    #expect(series.labels == [Label("__name__", "n")] && series.samples.isEmpty && summary.kept == 1)
    let side = { (spans: [(Int32, UInt32)], deltas: [Int64]) in
      WriteRequest.Histogram.Side(spans: spans.map { .init(offset: $0.0, length: $0.1) }, deltas: deltas)
    }
    #expect(
      series.histograms == [
        WriteRequest.Histogram(
          count: 17, sumBits: 12.5.bitPattern, schema: 3, zeroThreshold: 0.001, zeroCount: 2,
          negative: side([(0, 1)], [7]), positive: side([(1, 2), (2, 1)], [3, -2, 3]), isGauge: false,
          time: 1_000)
      ])
    #expect(try lines(reader.read(protobuf: [], time: 2_000, duration: 0)) == [#"{__name__="n"} stale@2000"#])
  }

  @Test("one with other counts than whole ones, packed, and of a gauge, is carried too")
  func floats() throws {
    var reader = makeReader(target: [:], routes: Self.all)
    var counts: [UInt8] = []
    for value in [1.5, 2] { withUnsafeBytes(of: value.bitPattern.littleEndian) { counts += $0 } }
    let histogram = Message().double(4, 4.5).double(2, 1).signed(5, 0).double(6, 0.5).double(8, 1)
      .span(12, -2, 2).bytes(14, counts)
    let body = Message.family("n", type: 5, Message().message(7, histogram).number(6, 77))
    let made = try #require(
      try Self.series(reader.read(protobuf: body, time: 1_000, duration: 0)).first?.histograms.first)
    #expect(made.count == 4.5 && made.zeroCount == 1 && made.isGauge && made.time == 77 && made.schema == 0)
    #expect(made.positive == .init(spans: [.init(offset: -2, length: 2)], deltas: [], counts: [1.5, 2]))
  }

  @Test(
    "an endpoint that does not want histograms gets the rest, and classic buckets where they are asked for")
  func unwanted() throws {
    let both = Message.native.message(3, Message().number(1, 9).double(2, 1))
    let body = Message.family("n", type: 4, Message().message(7, both))
    var reader = makeReader(target: [:])
    let without = try reader.read(protobuf: body, time: 1_000, duration: 0)
    #expect(try lines(without) == [] && without.dropped == [.unwantedHistogram: 1])
    reader.takesClassicHistograms = true
    #expect(
      try lines(reader.read(protobuf: body, time: 2_000, duration: 0)) == [
        #"{__name__="n_count"} 17.0@2000"#, #"{__name__="n_sum"} 12.5@2000"#,
        #"{__name__="n_bucket", le="1.0"} 9.0@2000"#, #"{__name__="n_bucket", le="+Inf"} 17.0@2000"#,
      ])
  }

  @Test(
    "a native histogram that no receiver would take fails the scrape",
    arguments: [
      Message.native.number(1, 16), Message.native.signed(5, 9), Message.native.signed(13, 1),
      Message.native.span(12, -1, 0), Message.native.signed(10, -8).span(9, 0, 1),
      Message.native.span(9, 0, UInt64(UInt32.max) + 1), Message.native.signed(13, .max).span(12, 0, 1),
    ])
  func invalid(histogram: Message) {
    var reader = makeReader(routes: Self.all)
    let body = Message.family("n", type: 4, Message().message(7, histogram))
    let error = #expect(throws: ScrapeFault.self) {
      try reader.read(protobuf: body, time: 1_000, duration: 0)
    }
    #expect(error?.reason == "malformed" && error?.description.contains("native histogram") == true)
  }

  @Test("messages that are cut short or none fail the scrape")
  func malformed() {
    let body = Message.family("n", type: 4, Message().message(7, Message.native))
    for count in 1..<body.count {
      var reader = makeReader(routes: Self.all)
      #expect(throws: ScrapeFault.self) {
        try reader.read(protobuf: Array(body[..<count]), time: 1_000, duration: 0)
      }
    }
  }

  @Test("an exemplar is sent once, with its time or the scrape's, and again when it is another one")
  func exemplars() throws {
    var reader = makeReader(target: [:], routes: Self.all)
    func read(_ text: String, _ time: Int64) throws -> [[WriteRequest.Exemplar]] {
      try Self.series(reader.open(text + "\n# EOF\n", time)).map(\.exemplars)
    }
    let own = WriteRequest.Exemplar(labels: [Label("t", "x")], value: 0.5, time: 1_500)
    #expect(try read(#"a_total 1 # {t="x"} 0.5 1.5"#, 1_000) == [[own]])
    #expect(try read(#"a_total 2 # {t="x"} 0.5 1.5"#, 2_000) == [[]])
    #expect(try read(#"a_total 3 # {t="y",s="}"} 0.5"#, 3_000).first?.first?.time == 3_000)
    #expect(try read(#"a_total 3 # {t="y",s="}"} 0.5"#, 4_000) == [[]])
    #expect(try read("a_total 4", 5_000) == [[]])
    let long = String(repeating: "x", count: 128)
    #expect(try read("a_total 5 # {t=\"\(long)\"} 1", 6_000) == [[]])
    #expect(try read("a_total 6 # {} 1 7.25", 7_000) == [[.init(labels: [], value: 1, time: 7_250)]])
    // Its sample is as it would be without.
    #expect(
      try lines(reader.open("b_total 1 2.5 # {} 1\n# EOF\n", 8_000)).contains(
        #"{__name__="b_total"} 1.0@2500"#))
  }

  @Test(
    "what is no exemplar fails the scrape, for an endpoint that wants them",
    arguments: [
      "# x", "# {", "# {a=1} 1", "# {} ", "# {} x", "# {} 1 x", "# {} 1 1 1", "# {a=\"1\",a=\"1\"} 1",
    ])
  func noExemplars(text: String) throws {
    var reader = makeReader(routes: Self.all)
    #expect(throws: ScrapeFault.self) { try reader.open("a_total 1 \(text)\n# EOF\n", 1_000) }
    var other = makeReader()
    #expect(try other.open("a_total 1 \(text)\n# EOF\n", 1_000).kept == 1)
  }

  @Test(
    "protobuf's exemplars are carried: of counters, of buckets, and of native histograms those with a time")
  func protobufExemplars() throws {
    var reader = makeReader(target: [:], routes: Self.all)
    let counter = Message().double(1, 1).message(2, Message.exemplar("c", 1, seconds: nil))
    let native = Message.native.message(16, Message.exemplar("n2", 2, seconds: 2))
      .message(16, Message.exemplar("n1", 2, seconds: 1)).message(16, Message.exemplar("no", 2, seconds: nil))
    let classic = Message().number(1, 1).double(2, 1).message(
      3, Message().number(1, 1).double(2, .infinity).message(3, Message.exemplar("b", 3, seconds: 3)))
    let body =
      Message.family("c_total", type: 0, Message().message(3, counter))
      + Message.family("n", type: 4, Message().message(7, native))
      + Message.family("h", type: 4, Message().message(7, classic))
    let series = try Self.series(reader.read(protobuf: body, time: 9_000, duration: 0))
    let found = series.flatMap { series in
      series.exemplars.map { "\(series.labels[0].value) \($0.labels[0].value) \($0.time)" }
    }
    #expect(found == ["c_total c 9000", "n n1 1500", "n n2 2500", "h_bucket b 3500"])
    #expect(
      try Self.series(reader.read(protobuf: body, time: 9_500, duration: 0)).allSatisfy(\.exemplars.isEmpty))
  }

  @Test("in remote write 2.0 they have their numbers of there")
  func version2() throws {
    var reader = makeReader(target: [:], routes: Self.all)
    let counter = Message().double(1, 1).message(2, Message.exemplar("c", 1.5, seconds: 3))
    let body =
      Message.family("c_total", type: 0, Message().message(3, counter))
      + Message.family("n", type: 4, Message().message(7, Message.native))
    let summary = try reader.read(protobuf: body, time: 9_000, duration: 0)
    let bytes = try SnappyBlock.decompress(WriteRequest.version2(of: summary.fragments[0][0].body))
    try bytes.withUnsafeBytes { bytes in
      var symbols: [String] = []
      var series: [[UInt64: [UInt8]]] = []
      var reader = FieldReader(bytes)
      while let (number, value) = try reader.next() {
        guard case .bytes(let place) = value else { continue }
        if number == 4 { symbols.append(String(decoding: bytes[place], as: UTF8.self)) }
        guard number == 5 else { continue }
        var fields = FieldReader(bytes, place)
        var found: [UInt64: [UInt8]] = [:]
        while let (number, value) = try fields.next() {
          if case .bytes(let place) = value { found[number] = Array(bytes[place]) }
        }
        series.append(found)
      }
      #expect(series[0].keys.sorted() == [1, 2, 4] && series[1].keys.sorted() == [1, 3])
      let trace = try #require(symbols.firstIndex(of: "trace_id"))
      let id = try #require(symbols.firstIndex(of: "c"))
      #expect(
        series[0][4]
          == Message().bytes(1, [UInt8(trace), UInt8(id)]).double(2, 1.5).number(3, 3_500).bytes)
      let first = try WriteRequest(body: summary.fragments[0][0].body).series[1].histograms
      #expect(first.count == 1 && series[1][3]?.suffix(3) == Message().number(15, 9_000).bytes.suffix(3))
    }
  }
}
