import OpenMetrics
import Testing

@testable import RemoteWrite

@Suite("What senders push, as it is read")
struct PushReadingTests {
  private static let time = Pushed.time

  private static func samples(_ request: ReceivedRequest) throws -> [String] {
    try Pushed.lines(request).flatMap { $0 }
  }

  // MARK: - Both versions say the same

  private static func version1() throws -> ReceivedRequest {
    let exemplar = Message().label("trace_id", "t").double(2, 0.5).number(3, UInt64(time))
    return try ReceivedRequest(
      version1: Pushed.request1(
        Pushed.series1([("__name__", "a_total"), ("x", "é")], Pushed.values(1, 2)),
        Pushed.series1([("__name__", "gone")], [(SampleValue.stale, time)]),
        Pushed.series1(
          [("__name__", "h_bucket"), ("le", "1.0")], Pushed.values(3), more: Message().message(3, exemplar)),
        Pushed.series1([("__name__", "n")], [], more: Message().message(4, Pushed.histogram(time: time))),
        metadata: Message().number(1, 1).text(2, "a").text(4, "help").text(5, "unit"),
        Message().number(1, 3).text(2, "h").text(4, "of h")))
  }

  private static func version2() throws -> ReceivedRequest {
    var request = Pushed.Request2()
    let labels = request.references([("trace_id", "t")])
    let (help, unit, ofH) = (request.reference("help"), request.reference("unit"), request.reference("of h"))
    request.add(
      [("__name__", "a_total"), ("x", "é")], Pushed.values(1, 2),
      more: Message().message(5, Message().number(1, 1).number(3, help).number(4, unit)))
    request.add([("__name__", "gone")], [(SampleValue.stale, time)])
    request.add(
      [("__name__", "h_bucket"), ("le", "1.0")], Pushed.values(3),
      more: Message().message(4, labels.double(2, 0.5).number(3, UInt64(time)))
        .message(5, Message().number(1, 3).number(3, ofH)))
    request.add([("__name__", "n")], [], more: Message().message(3, Pushed.histogram(time: time)))
    return try ReceivedRequest(version2: request.bytes)
  }

  @Test(
    "both versions have samples, markers, exemplars, histograms and metadata, to the bit", arguments: [1, 2])
  func versions(version: Int) throws {
    let request = try version == 1 ? Self.version1() : Self.version2()
    #expect(request.refusals == [:] && request.firstFault == nil)
    let made = request.fragments([Pushed.route])
    #expect(made.written == .init(samples: 4, histograms: 1, exemplars: 1) && made.relabelled == 0)
    let fragments = made.fragments[0]
    #expect(fragments.map(\.samples) == [4, 1] && fragments.allSatisfy(\.isAlone))
    let first = try WriteRequest(body: fragments[0].body)
    #expect(
      first.series.map { SeriesLabels($0.labels)["__name__"] } == ["a_total", "gone", "h_bucket", "n"])
    #expect(first.series[0].labels == [Label("__name__", "a_total"), Label("x", "é")])
    #expect(first.series[0].samples == [.init(bits: 1.0.bitPattern, time: Self.time)])
    #expect(first.series[1].samples == [.init(bits: SampleValue.stale, time: Self.time)])
    let exemplar = try #require(first.series[2].exemplars.first)
    #expect(exemplar == .init(labels: [Label("trace_id", "t")], value: 0.5, time: Self.time))
    let histogram = try #require(first.series[3].histograms.first)
    #expect(histogram.count == 6 && histogram.schema == 3 && histogram.time == Self.time)
    #expect(
      histogram.positive.deltas == [3, -2] && histogram.positive.spans == [.init(offset: 1, length: 2)])
    let kinds = first.metadata.map { [$0.family, "\($0.type)", $0.help, $0.unit] }
    // In 2.0 a counter's family is told by its series alone.
    #expect(kinds == [[version == 1 ? "a" : "a_total", "1", "help", "unit"], ["h", "3", "of h", ""]])
    let second = try WriteRequest(body: fragments[1].body)
    #expect(second.series.map(\.samples) == [[.init(bits: 2.0.bitPattern, time: Self.time + 1)]])
  }

  // MARK: - Order

  @Test("no fragment has a series twice, and a series' samples keep their order, however a request has them")
  func order() throws {
    let request = try ReceivedRequest(
      version1: Pushed.request1(
        Pushed.series1([("__name__", "a")], Pushed.values(1, 2)),
        Pushed.series1([("__name__", "b")], Pushed.values(7)),
        Pushed.series1([("__name__", "a")], Pushed.values(3, from: Self.time + 2))))
    #expect(
      try Pushed.lines(request) == [
        ["{__name__=\"a\"} 1.0@0", "{__name__=\"b\"} 7.0@0"], ["{__name__=\"a\"} 2.0@1"],
        ["{__name__=\"a\"} 3.0@2"],
      ])
  }

  @Test("of a sample that comes again nothing is said; one that goes back costs itself alone, and is told of")
  func disorder() throws {
    let a = [("__name__", "a")]
    let again = try ReceivedRequest(
      version1: Pushed.request1(Pushed.series1(a, Pushed.values(1)), Pushed.series1(a, Pushed.values(1))))
    #expect(again.refusals == [.duplicate: 1] && again.firstFault == nil && again.items.count == 1)
    let back = try ReceivedRequest(
      version1: Pushed.request1(
        Pushed.series1(a, Pushed.values(1, from: Self.time + 5)), Pushed.series1(a, Pushed.values(2)),
        Pushed.series1([("__name__", "b")], Pushed.values(3)),
        Pushed.series1(a, Pushed.values(4, from: Self.time + 5))))
    #expect(back.refusals == [.outOfOrder: 2])
    #expect(back.firstFault?.hasPrefix("out of order sample, \(Self.time) after \(Self.time + 5)") == true)
    #expect(try Self.samples(back) == ["{__name__=\"a\"} 1.0@5", "{__name__=\"b\"} 3.0@0"])
  }

  @Test("what an honest sender has is passed on bit by bit: every value, every NaN, times before the epoch")
  func bits() throws {
    let all: [UInt64] = [
      0, 1, 0x8000_0000_0000_0000, SampleValue.stale, SampleValue.notANumber, 0x7ff8_0000_0000_0000,
      0xfff0_0000_0000_0001, Double.infinity.bitPattern, (-Double.infinity).bitPattern, .max,
    ]
    let samples = all.enumerated().map { (bits: $0.element, time: Int64($0.offset) - 5) }
    let request = try ReceivedRequest(
      version1: Pushed.request1(Pushed.series1([("__name__", "a")], samples)))
    let found = try request.fragments([Pushed.route]).fragments[0].flatMap {
      try WriteRequest(body: $0.body).series.flatMap(\.samples)
    }
    #expect(found.map(\.bits) == all && found.map(\.time) == samples.map(\.time))
  }

  // MARK: - Labels

  private static let named = ("__name__", "a")
  private static let tooMany: [(String, String)] = [named] + (0..<256).map { ("l\($0)", "v") }
  private static let tooLong: [(String, String)] = [named, ("x", String(repeating: "v", count: 65_537))]
  private static let badLabels: [([(String, String)], PushRefusal)] = [
    ([named, ("x", "1"), ("x", "2")], .labels), ([named, ("", "1")], .labels), ([("x", "1")], .labels),
    ([], .labels), ([("__name__", ""), ("x", "1")], .labels), ([("__name__", "a.b")], .unsendable),
    ([named, ("x.y", "1")], .unsendable), (tooMany, .labels), (tooLong, .labels),
  ]

  @Test("labels that are none cost their own samples and are told of", arguments: 0..<9, [1, 2])
  func labels(number: Int, version: Int) throws {
    let (labels, why) = Self.badLabels[number]
    let request: ReceivedRequest
    if version == 1 {
      request = try ReceivedRequest(
        version1: Pushed.request1(
          Pushed.series1(labels, Pushed.values(1, 2)),
          Pushed.series1([("__name__", "good")], Pushed.values(3))))
    } else {
      var made = Pushed.Request2()
      made.add(labels, Pushed.values(1, 2))
      made.add([("__name__", "good")], Pushed.values(3))
      request = try ReceivedRequest(version2: made.bytes)
    }
    #expect(request.refusals == [why: 2] && request.firstFault != nil)
    #expect(try Self.samples(request) == ["{__name__=\"good\"} 3.0@0"])
  }

  @Test("labels in any order are the same series, and an empty value is no label")
  func spelling() throws {
    let request = try ReceivedRequest(
      version1: Pushed.request1(
        Pushed.series1([("x", "1"), ("__name__", "a"), ("e", "")], Pushed.values(1)),
        Pushed.series1([("__name__", "a"), ("x", "1")], Pushed.values(2, from: Self.time + 1))))
    #expect(request.series.count == 1 && request.refusals == [:])
    #expect(
      try Pushed.lines(request) == [["{__name__=\"a\", x=\"1\"} 1.0@0"], ["{__name__=\"a\", x=\"1\"} 2.0@1"]])
  }

  @Test("series whose labels only look the same are two")
  func lookalikes() throws {
    let request = try ReceivedRequest(
      version1: Pushed.request1(
        Pushed.series1([("__name__", "a"), ("x", "\u{e9}")], Pushed.values(1)),
        Pushed.series1([("__name__", "a"), ("x", "e\u{301}")], Pushed.values(2))))
    #expect(request.series.count == 2 && request.refusals == [:])
    #expect(request.fragments([Pushed.route]).fragments[0].map(\.samples) == [2])
  }

  @Test("rules and labels of an endpoint are those of scraped samples, and what they drop is no fault")
  func relabelling() throws {
    let drop = try RelabelRule(action: .drop, sourceLabels: ["__name__"], pattern: Pattern("b"))
    let route = SampleRoute(externalLabels: ["zone": "z", "x": "no"], rules: [drop], samplesPerFragment: 10)
    let request = try ReceivedRequest(
      version1: Pushed.request1(
        Pushed.series1([("__name__", "a"), ("x", "1")], Pushed.values(1)),
        Pushed.series1([("__name__", "b")], Pushed.values(2)),
        Pushed.series1([("__name__", "n")], [], more: Message().message(4, Pushed.histogram(time: 5)))))
    #expect(try Pushed.lines(request, route) == [["{__name__=\"a\", x=\"1\", zone=\"z\"} 1.0@0"]])
    let made = request.fragments([route])
    #expect(made.written == .init(samples: 1) && made.relabelled == 1 && request.firstFault == nil)
  }

  // MARK: - Malformed

  @Test(
    "symbols that are not there, halves of pairs and other faults of 2.0 refuse the request", arguments: 0..<8
  )
  func malformed2(number: Int) throws {
    var request = Pushed.Request2()
    request.add([("__name__", "a")], Pushed.values(1))
    let good = request.bytes
    #expect(try ReceivedRequest(version2: good).items.count == 1)
    let bytes: [UInt8] =
      switch number {
      case 0: good + Message().message(5, Message().bytes(1, [1, 9])).bytes
      case 1: good + Message().message(5, Message().bytes(1, [1, 2, 1])).bytes
      case 2: good + Message().message(5, Message().number(1, 1)).bytes
      case 3: Message().text(4, "x").bytes + good
      case 4: Message().message(5, Message().bytes(1, [0, 0])).bytes
      case 5: good + Message().bytes(4, [0xff]).message(5, Message().bytes(1, [1, 3])).bytes
      case 6:
        good
          + Message().message(
            5,
            Message().bytes(1, [1, 2]).message(2, Pushed.sample(1, 9)).message(3, Pushed.histogram(time: 9))
          ).bytes
      default: Array(good.dropLast())
      }
    let fault = #expect(throws: PushFault.self) { try ReceivedRequest(version2: bytes) }
    guard case .malformed = fault else {
      Issue.record("\(String(describing: fault))")
      return
    }
  }

  @Test("faults of 1.0 refuse the request", arguments: 0..<5)
  func malformed1(number: Int) throws {
    let good = Pushed.request1(Pushed.series1([("__name__", "a")], Pushed.values(1)))
    let bytes: [UInt8] =
      switch number {
      case 0: Array(good.dropLast())
      case 1: good + Message().number(1, 7).bytes
      case 2: good + Message().message(1, Message().message(1, Message().bytes(1, [0xc3]))).bytes
      case 3:
        good + Message().message(1, Message().label("__name__", "b").message(2, Message().number(1, 1))).bytes
      default: good + [0x0b]
      }
    let fault = #expect(throws: PushFault.self) { try ReceivedRequest(version1: bytes) }
    guard case .malformed = fault else {
      Issue.record("\(String(describing: fault))")
      return
    }
  }

  @Test("a native histogram that no receiver would take costs itself alone", arguments: 0..<6)
  func histograms(number: Int) throws {
    let base = Pushed.histogram(time: Self.time)
    let bad: Message =
      switch number {
      case 0: Pushed.histogram(time: Self.time, count: 7)
      case 1: base.signed(4, 9)
      case 2: base.span(11, 0, 1)
      case 3: base.double(16, 1)
      case 4: base.double(2, -1)
      default: base.signed(12, -9)
      }
    let request = try ReceivedRequest(
      version1: Pushed.request1(
        Pushed.series1([("__name__", "n")], [], more: Message().message(4, bad)),
        Pushed.series1([("__name__", "m")], [], more: Message().message(4, base))))
    #expect(request.refusals == [.histogram: 1] && request.firstFault != nil && request.items.count == 1)
  }

  // MARK: - More than there seems to be

  @Test("a few bytes of symbols cannot stand for gigabytes of labels")
  func symbolBomb() throws {
    var request = Pushed.Request2()
    let long = String(repeating: "v", count: 60_000)
    for number in 0..<2_000 { request.add([("__name__", "a\(number)"), ("x", long)], Pushed.values(1)) }
    #expect(request.bytes.count < 200_000)
    let fault = #expect(throws: PushFault.self) { try ReceivedRequest(version2: request.bytes) }
    #expect(fault?.isTooLarge == true)
  }

  @Test("a request has so many samples of a series and no more")
  func manySamples() throws {
    var limits = ReceivedRequest.Limits()
    limits.samplesOfSeries = 3
    let series = Pushed.series1([("__name__", "a")], Pushed.values(1, 2, 3, 4))
    let fault = #expect(throws: PushFault.self) {
      try ReceivedRequest(version1: Pushed.request1(series), limits: limits)
    }
    #expect(fault?.isTooLarge == true)
  }

  @Test("many samples of a series with long labels cannot stand for gigabytes of requests")
  func labelBomb() throws {
    let samples = (0..<2_000).map { (bits: UInt64(1), time: Self.time + Int64($0)) }
    let series = Pushed.series1(
      [("__name__", "a"), ("x", String(repeating: "v", count: 60_000))], samples)
    #expect(series.bytes.count < 200_000)
    let fault = #expect(throws: PushFault.self) {
      try ReceivedRequest(version1: Pushed.request1(series))
    }
    #expect(fault?.isTooLarge == true)
  }
}
