import OpenMetrics
import ProgramFixture
import Testing

@testable import RemoteWrite

@Suite("Text formats, as real targets write them")
struct LineTests {
  @Test(
    "values are read as Prometheus reads them",
    arguments: [
      ("1", 1), ("-1.5", -1.5), ("+2", 2), ("1e3", 1000), ("1E-3", 0.001), (".5", 0.5), ("5.", 5),
      ("0x10", 16),
      ("Inf", .infinity), ("+inf", .infinity), ("-Infinity", -.infinity),
      ("123456789012345678", 123_456_789_012_345_680),
      ("9007199254740993", 9007199254740992), ("0.1", 0.1),
      ("1.7976931348623157e308", 1.7976931348623157e308),
      ("4.9e-324", .leastNonzeroMagnitude), ("123456.789012", 123456.789012), ("00012", 12), ("-0", -0.0),
    ] as [(String, Double)])
  func values(text: String, expected: Double) throws {
    let bits = Array(text.utf8).withUnsafeBufferPointer { NumberText.bits($0) }
    #expect(bits == expected.bitPattern)
  }

  @Test("every spelling of not a number is one", arguments: ["NaN", "nan", "NAN", "-nan", "+NaN"])
  func notANumber(text: String) {
    #expect(Array(text.utf8).withUnsafeBufferPointer { NumberText.bits($0) } == SampleValue.notANumber)
  }

  @Test(
    "what is no number is none",
    arguments: ["", "x", "1x", "1_000", "--1", "1e", "1e999", "nan(1)", "1 2", "0x"])
  func noNumber(text: String) {
    #expect(Array(text.utf8).withUnsafeBufferPointer { NumberText.bits($0) } == nil)
  }

  @Test("random numbers come back to the bit", arguments: UInt64(1)...20)
  func randomNumbers(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2_000 {
      let value =
        Bool.random(using: &random)
        ? Double(bitPattern: random.next())
        : Double(Int.random(in: -100_000...100_000, using: &random)) / 1_000
      guard value.isFinite else { continue }
      #expect(Array("\(value)".utf8).withUnsafeBufferPointer { NumberText.bits($0) } == value.bitPattern)
    }
  }

  @Test("blanks, tabs, comments, an unended last line and commas at the end are taken")
  func lenient() throws {
    var reader = makeReader(target: [:])
    let body = "\n\n  # anything\n#\n\ta\t{ b=\"c\" ,}\t1\t500 \n\n  d   2\n# TYPE e counter\ne{} 3\nf 4"
    #expect(
      try lines(try reader.text(body, 1_000)).sorted() == [
        #"{__name__="a", b="c"} 1.0@500"#, #"{__name__="d"} 2.0@1000"#, #"{__name__="e"} 3.0@1000"#,
        #"{__name__="f"} 4.0@1000"#,
      ])
  }

  @Test("escapes and every character stand in values")
  func hostileValues() throws {
    var reader = makeReader(target: [:])
    let summary = try reader.text(
      "a{v=\"q\\\" b\\\\ n\\n {}=, # x\\y\"} 1\nb{v=\"two\nlines}\"} 2\nc{v=\"é🚀\"} 3\n", 1_000)
    let values = try WriteRequest(body: summary.fragments[0][0].body).series.prefix(3).map {
      $0.labels[1].value
    }
    #expect(values == ["q\" b\\ n\n {}=, # x\\y", "two\nlines}", "é🚀"])
  }

  @Test("an empty value is no label")
  func emptyValue() throws {
    var reader = makeReader(target: [:])
    #expect(
      try lines(try reader.text("a{b=\"\",c=\"1\"} 1\n", 1_000)) == [#"{__name__="a", c="1"} 1.0@1000"#])
  }

  @Test("OpenMetrics: seconds become milliseconds, exemplars are passed over, counters need no _total")
  func openMetrics() throws {
    var reader = makeReader(target: [:])
    let body =
      "# TYPE a counter\na 1 # {trace_id=\"x\"} 0.5 1.5\nb 2 1.5\nc{d=\"# {\"} 3 # {} 1\n# EOF\n"
    #expect(
      try lines(try reader.open(body, 1_000)).sorted() == [
        #"{__name__="a"} 1.0@1000"#, #"{__name__="b"} 2.0@1500"#, ##"{__name__="c", d="# {"} 3.0@1000"##,
      ])
  }

  @Test("OpenMetrics without a line feed behind its EOF is taken")
  func noFinalLineFeed() throws {
    var reader = makeReader(target: [:])
    #expect(try lines(try reader.open("a 1\n# EOF", 1_000)).count == 1)
  }

  @Test(
    "what Prometheus refuses in OpenMetrics is refused",
    arguments: ["a 1\n", "a 1\n\n# EOF\n", "a 1\n# EOF\nb 2\n", "", "a 1\n# EOF \n"])
  func refusedOpenMetrics(body: String) {
    var reader = makeReader(target: [:])
    #expect(throws: ScrapeFault.self) { try reader.open(body, 1_000) }
  }

  @Test(
    "what Prometheus refuses in text is refused, with the line",
    arguments: [
      "a\n", "a{b=\"1\" 1\n", "a{b=1} 1\n", "a{b=\"1\",b=\"2\"} 1\n", "{b=\"1\"} 1\n", "a{=\"1\"} 1\n",
      "a{b=\"1} 1\n",
      "a{0=\"1\"} 1\n", "0a 1\n", "a 1 2 3\n", "a 1 x\n", "a 1\r\n", "ä 1\n", "a 1 # {} 1\n", "<html>\n",
    ])
  func refusedText(body: String) {
    var reader = makeReader(target: [:])
    #expect(throws: ScrapeFault.self) { try reader.text("ok 1\n" + body, 1_000) }
  }

  @Test("text that is not UTF-8 is refused")
  func invalidUTF8() {
    var reader = makeReader(target: [:])
    let body = Array("a{b=\"".utf8) + [0xFF] + Array("\"} 1\n".utf8)
    #expect(throws: ScrapeFault.self) { try reader.read(body, isOpenMetrics: false, time: 1, duration: 0) }
  }

  @Test("names in quotes are read, and those that 1.0 has no room for are counted and not sent")
  func quotedNames() throws {
    var reader = makeReader(target: [:])
    let summary = try reader.text(
      "{\"good\",\"l\"=\"1\"} 1\n{\"my.name\",l=\"1\"} 2\nok{\"l.x\"=\"1\"} 3\n", 1_000)
    #expect(try lines(summary) == [#"{__name__="good", l="1"} 1.0@1000"#])
    #expect(summary.dropped == [.unsendable: 2])
  }

  @Test(
    "whatever a target says, reading it ends, and what is sent is well formed", arguments: UInt64(1)...300)
  func mutated(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var reader = makeReader(samplesPerFragment: 5)
    let base = """
      # HELP a text
      # TYPE a counter
      a{b="1",c="x\\"y\\\\"} 1 500
      a{b="2"} NaN
      b_bucket{le="+Inf"} 17 # {trace_id="x"} 0.5
      {"quoted",x="y"} 4
      # EOF

      """
    for scrape in 1...5 {
      var bytes = Array(base.utf8)
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[place] = Array("{}\"\\\n #=,a1\u{0}".utf8).randomElement(using: &random) ?? 0
        case 1: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        }
      }
      let time = Int64(scrape) * 1_000
      let summary =
        (try? reader.read(bytes, isOpenMetrics: Bool.random(using: &random), time: time, duration: 0))
        ?? reader.failed(time: time, duration: 0)
      for fragment in summary.fragments[0] {
        let request = try WriteRequest(body: fragment.body)
        #expect(request.series.count == fragment.samples)
        #expect(Set(request.series.map { SeriesLabels($0.labels) }).count == fragment.samples)
      }
    }
  }
}
