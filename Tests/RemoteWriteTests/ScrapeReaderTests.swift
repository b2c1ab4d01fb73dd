import OpenMetrics
import Testing

@testable import RemoteWrite

@Suite("Reading what a target says")
struct ScrapeReaderTests {
  @Test("a sample has the series' labels and the target's, sorted, and the scrape's time")
  func labels() throws {
    var reader = makeReader()
    let summary = try reader.text("# HELP a b\n# TYPE a counter\na{z=\"1\",b=\"2\"} 3\n", 1_000)
    #expect(
      try lines(summary) == [#"{__name__="a", b="2", instance="i", job="j", z="1"} 3.0@1000"#])
    #expect(summary.scraped == 1 && summary.kept == 1 && summary.added == 1)
  }

  @Test("a known series is found again, in any order and spelling, and only a new one is read")
  func known() throws {
    var reader = makeReader(target: [:])
    let first = try reader.text("a 1\nb{x=\"1\"} 2\nc 3\n", 1_000)
    let second = try reader.text("c 4\na  5\nb{ x = \"1\", } 6\nd 7\n", 2_000)
    #expect(first.added == 3 && second.added == 1)
    #expect(
      try lines(second) == [
        #"{__name__="c"} 4.0@2000"#, #"{__name__="a"} 5.0@2000"#, #"{__name__="b", x="1"} 6.0@2000"#,
        #"{__name__="d"} 7.0@2000"#,
      ])
  }

  @Test("a name that is followed by labels behind a blank is not the name alone")
  func blankBeforeBrace() throws {
    var reader = makeReader(target: [:])
    _ = try reader.text("a 1\n", 1_000)
    #expect(
      try lines(try reader.text("a {x=\"1\"} 2\na 3\n", 2_000)).contains(#"{__name__="a", x="1"} 2.0@2000"#))
  }

  @Test("five series say how the scrape went")
  func reports() throws {
    var reader = makeReader(target: ["job": "j"])
    let rule = try RelabelRule(action: .drop, sourceLabels: ["__name__"], pattern: try Pattern("b"))
    reader = makeReader(target: ["job": "j"], rules: [rule])
    let up = try lines(try reader.text("a 1\nb 2\n", 1_000), reports: true)
    #expect(
      up == [
        #"{__name__="a", job="j"} 1.0@1000"#, #"{__name__="up", job="j"} 1.0@1000"#,
        #"{__name__="scrape_duration_seconds", job="j"} 0.25@1000"#,
        #"{__name__="scrape_samples_scraped", job="j"} 2.0@1000"#,
        #"{__name__="scrape_samples_post_metric_relabeling", job="j"} 1.0@1000"#,
        #"{__name__="scrape_series_added", job="j"} 1.0@1000"#,
      ])
    let down = try lines(reader.failed(time: 2_000, duration: 1), reports: true)
    #expect(down.contains(#"{__name__="up", job="j"} 0.0@2000"#))
    #expect(down.contains(#"{__name__="a", job="j"} stale@2000"#))
  }

  @Test("a target's own up is not sent beside the bridge's")
  func ownUp() throws {
    var reader = makeReader(target: [:])
    let all = try lines(try reader.text("up 7\n", 1_000), reports: true)
    #expect(all.filter { $0.hasPrefix(#"{__name__="up"}"#) } == [#"{__name__="up"} 7.0@1000"#])
  }

  @Test("a series that is gone ends once, and begins again when it comes back")
  func staleness() throws {
    var reader = makeReader(target: [:])
    _ = try reader.text("a 1\nb 1\n", 1_000)
    #expect(
      try lines(try reader.text("a 2\n", 2_000)) == [
        #"{__name__="a"} 2.0@2000"#, #"{__name__="b"} stale@2000"#,
      ])
    #expect(try lines(try reader.text("a 3\n", 3_000)) == [#"{__name__="a"} 3.0@3000"#])
    let back = try reader.text("a 4\nb 4\n", 4_000)
    #expect(back.added == 1)
    #expect(try lines(back).count == 2)
  }

  @Test("a scrape that fails ends every series, once")
  func failed() throws {
    var reader = makeReader(target: [:])
    _ = try reader.text("a 1\nb 1\n", 1_000)
    let ended = [#"{__name__="a"} stale@2000"#, #"{__name__="b"} stale@2000"#]
    #expect(try lines(reader.failed(time: 2_000, duration: 0)) == ended)
    #expect(try lines(reader.failed(time: 3_000, duration: 0)) == [])
  }

  @Test("a scrape that cannot be read to its end leaves nothing of itself, and its series end")
  func rollback() throws {
    var reader = makeReader(target: [:])
    _ = try reader.text("a 1\n", 1_000)
    #expect(throws: ScrapeFault.self) { try reader.text("a 2\nb 2\nc x\n", 2_000) }
    #expect(try lines(reader.failed(time: 2_000, duration: 0)) == [#"{__name__="a"} stale@2000"#])
    // What the failed one had seen is no series that has ended.
    #expect(try lines(try reader.text("a 3\n", 3_000)) == [#"{__name__="a"} 3.0@3000"#])
  }

  @Test("a scrape beyond the sample limit fails as a whole; what relabelling drops does not count")
  func sampleLimit() throws {
    var limits = ScrapeLimits()
    limits.samples = 2
    var reader = makeReader(target: [:], limits: limits)
    #expect(throws: ScrapeFault.tooManySamples(limit: 2)) { try reader.text("a 1\nb 2\nc 3\n", 1_000) }
    let rule = try RelabelRule(action: .drop, sourceLabels: ["__name__"], pattern: try Pattern("b"))
    reader = makeReader(target: [:], rules: [rule], limits: limits)
    #expect(try reader.text("a 1\nb 2\nc 3\n", 1_000).kept == 2)
  }

  @Test("limits of labels fail the scrape")
  func labelLimits() throws {
    var limits = ScrapeLimits()
    limits.labels = 2
    limits.labelNameBytes = 10
    limits.labelValueBytes = 5
    for body in ["a{b=\"1\",c=\"2\"} 1\n", "a{bbbbbbbbbbb=\"1\"} 1\n", "a{b=\"123456\"} 1\n"] {
      var reader = makeReader(target: [:], limits: limits)
      #expect(throws: ScrapeFault.self) { try reader.text(body, 1_000) }
    }
  }

  @Test("a label that target and series have is the target's, and the series' is exported_")
  func exported() throws {
    var reader = makeReader(target: ["job": "j", "x": "t"])
    let summary = try reader.text(#"a{job="mine",exported_job="e",x="s"} 1"# + "\n", 1_000)
    #expect(
      try lines(summary) == [
        #"{__name__="a", exported_exported_job="mine", exported_job="e", exported_x="s", job="j", x="t"} 1.0@1000"#
      ])
  }

  @Test("with honor_labels it is the series', unless that is empty")
  func honored() throws {
    var reader = makeReader(target: ["job": "j", "x": "t"], honorsLabels: true)
    let summary = try reader.text(#"a{job="mine",x=""} 1"# + "\n", 1_000)
    #expect(try lines(summary) == [#"{__name__="a", job="mine", x="t"} 1.0@1000"#])
  }

  @Test("of two samples of one series and time the first counts, also where relabelling makes them one")
  func duplicates() throws {
    let rule = try RelabelRule(action: .labeldrop, pattern: try Pattern("x"))
    var reader = makeReader(target: [:], rules: [rule])
    let summary = try reader.text("a{x=\"1\"} 1\na{x=\"2\"} 2\na 3\nb 1\n", 1_000)
    #expect(try lines(summary) == [#"{__name__="a"} 1.0@1000"#, #"{__name__="b"} 1.0@1000"#])
    #expect(summary.dropped == [.duplicate: 2])
  }

  @Test("times of the target's are honoured, alone in their fragments, one of a series in each")
  func targetTimes() throws {
    var reader = makeReader(target: [:])
    let summary = try reader.text("a 1 500\nb 1\na 2 600\nc 3 700\n", 1_000)
    let alone = summary.fragments[0].filter(\.isAlone)
    #expect(alone.count == 2)
    #expect(try alone.map { try decoded([$0]).count } == [1, 2])
    #expect(
      try decoded(alone).map { "\($0.sample.value)@\($0.sample.time)" } == ["1.0@500", "2.0@600", "3.0@700"])
  }

  @Test(
    "a target that says the same old sample again and again is heard once, and one that goes back is counted")
  func oldTimes() throws {
    var reader = makeReader(target: [:])
    #expect(try lines(try reader.text("a 1 500\n", 1_000)) == [#"{__name__="a"} 1.0@500"#])
    let again = try reader.text("a 1 500\n", 2_000)
    #expect(try lines(again) == [] && again.dropped == [.duplicate: 1])
    let back = try reader.text("a 1 400\n", 3_000)
    #expect(try lines(back) == [] && back.dropped == [.outOfOrder: 1])
    #expect(try lines(try reader.text("a 2 501\n", 4_000)) == [#"{__name__="a"} 2.0@501"#])
  }

  @Test("a series with times of the target's has no staleness marker, unless that is asked for")
  func timesAndStaleness() throws {
    var reader = makeReader(target: [:])
    _ = try reader.text("a 1 500\n", 1_000)
    #expect(try lines(try reader.text("", 2_000)) == [])
    reader = makeReader(target: [:], tracksTimes: true)
    _ = try reader.text("a 1 500\n", 1_000)
    #expect(try lines(try reader.text("", 2_000)) == [#"{__name__="a"} stale@2000"#])
  }

  @Test("without honor_timestamps the scrape's time counts")
  func ignoredTimes() throws {
    var reader = makeReader(target: [:], honorsTimes: false)
    #expect(try lines(try reader.text("a 1 500\n", 1_000)) == [#"{__name__="a"} 1.0@1000"#])
  }

  @Test("external labels and write rules are each endpoint's own")
  func routes() throws {
    let rule = try RelabelRule(
      action: .drop, sourceLabels: ["__name__"], pattern: try Pattern("b|up|scrape.*"))
    let routes = [
      SampleRoute(externalLabels: ["region": "eu", "job": "x"], rules: [], samplesPerFragment: 10),
      SampleRoute(externalLabels: [:], rules: [rule], samplesPerFragment: 10),
    ]
    var reader = makeReader(target: ["job": "j"], routes: routes)
    let summary = try reader.text("a 1\nb 2\n", 1_000)
    #expect(try lines(summary).first == #"{__name__="a", job="j", region="eu"} 1.0@1000"#)
    #expect(try decoded(summary.fragments[1]).map(\.series) == [#"{__name__="a", job="j"}"#])
  }

  @Test("fragments hold as many samples as a batch may, and no series twice")
  func cutting() throws {
    var reader = makeReader(target: [:], samplesPerFragment: 10)
    let body = (0..<35).map { "m{i=\"\($0)\"} \($0)\n" }.joined()
    let summary = try reader.text(body, 1_000)
    #expect(summary.fragments[0].map(\.samples) == [10, 10, 10, 10])
    for fragment in summary.fragments[0] {
      let series = try decoded([fragment]).map(\.series)
      #expect(Set(series).count == series.count)
    }
  }

  @Test("a target whose series change with every scrape does not grow for ever")
  func churn() throws {
    var reader = makeReader(target: [:])
    for scrape in 1...50 {
      let body = (0..<500).map { "m{scrape=\"\(scrape)\",i=\"\($0)\"} 1\n" }.joined() + "steady 1\n"
      let summary = try reader.text(body, Int64(scrape) * 1_000)
      // The old ones end, each once.
      #expect(summary.made == 5 + (scrape == 1 ? 0 : 500))
      #expect(summary.added == (scrape == 1 ? 501 : 500))
    }
    #expect(reader.size.series < 4_000)
    #expect(reader.size.bytes < 600_000)
  }

  @Test("a target with more texts than there is room for is down, and the room is free for the next scrape")
  func room() throws {
    var reader = ScrapeReader(
      labeller: SeriesLabeller(target: [:], honorsLabels: false, rules: [], limits: ScrapeLimits()),
      routes: [SampleRoute(externalLabels: [:], rules: [], samplesPerFragment: 1_000)], room: 2_000)
    let many = (0..<100).map { "metric{i=\"\($0)\"} 1\n" }.joined()
    #expect(throws: ScrapeFault.labels("series whose texts take more than 2000 bytes")) {
      try reader.text(many, 1_000)
    }
    let down = try lines(reader.failed(time: 1_000, duration: 0), reports: true)
    #expect(down.contains(#"{__name__="up"} 0.0@1000"#))
    let few = (0..<5).map { "metric{i=\"\($0)\"} 1\n" }.joined()
    #expect(try lines(try reader.text(few, 2_000)).count == 5)
    // One text that is longer than all the room.
    let long = "metric{i=\"\(String(repeating: "x", count: 3_000))\"} 1\n"
    #expect(throws: ScrapeFault.self) { try reader.text(long, 3_000) }
    let end = try lines(reader.failed(time: 3_000, duration: 0), reports: true)
    #expect(
      end.filter { $0.hasSuffix("stale@3000") }.count == 5 && end.contains(#"{__name__="up"} 0.0@3000"#))
    #expect(try lines(try reader.text(few, 4_000)).count == 5)
  }

  @Test("a fragment is no longer than receivers unpack, however long its labels are")
  func longLabels() throws {
    let labels = WireWriter.encode(["__name__": "m", "long": String(repeating: "x", count: 1_000)])
    var message: [UInt8] = []
    labels.withUnsafeBytes { WireWriter.appendSeries(labels: $0, bits: 1, time: 5, to: &message) }
    var alone = FragmentBuilder(samplesPerFragment: 100, isAlone: true, mostBytes: 3_000)
    var plain = FragmentBuilder(samplesPerFragment: 100, isAlone: false, mostBytes: 3_000)
    for _ in 0..<7 {
      labels.withUnsafeBytes { alone.append(labels: $0, bits: 1, time: 5) }
      plain.append(message: message, time: 5)
    }
    let (alones, plains) = (alone.finish(), plain.finish())
    #expect(alones.map(\.samples) == [3, 3, 1] && plains.map(\.samples) == [3, 3, 1])
    for fragment in alones + plains {
      let content = try SnappyBlock.decompress(fragment.body)
      #expect(content == Array(repeatElement(message, count: fragment.samples).joined()))
    }
  }
}
