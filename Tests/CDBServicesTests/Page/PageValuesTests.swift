import CDBDomain
import CDBGate
import CDBPipeline
import Testing

@testable import CDBServices

@Suite("What the status page is made of")
struct PageValuesTests {
  @Test("only literals are markup")
  func escaping() {
    let word = #"<b a="1" b='2'>&amp;"#
    let html: HTML = #"<i title="\#(word)">\#(word)</i>"#
    #expect(
      html.text
        == #"<i title="&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;">&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;</i>"#
    )
    #expect(
      HTML.escaped("a\u{202E}b\u{0}\r\u{85}c\u{2028}d\n") == "a\u{FFFD}b\u{FFFD}\u{FFFD}\u{FFFD}c\u{FFFD}d\n")
  }

  @Test(
    "coordinates never have an exponent",
    arguments: [
      (0.0, "0"), (1.5, "1.5"), (-0.05, "-0.05"), (1e12, "1000000000"), (1e-9, "0"), (.nan, "0"),
      (.infinity, "0"), (12.345, "12.35"), (-7.0, "-7"),
    ] as [(Double, String)])
  func coordinates(_ value: Double, _ text: String) {
    #expect(HTML.coordinate(value) == text)
  }

  @Test("German has a comma in figures, and leaves alone what is no figure")
  func decimals() {
    for (text, german) in [
      ("0.05", "0,05"), ("-12.5", "-12,5"), ("−1.25", "−1,25"), ("7", "7"), ("", ""), (".", "."),
      ("1.", "1."),
      (".5", ".5"), ("127.0.0.1", "127.0.0.1"), ("1.5e3", "1.5e3"), ("v1.2", "v1.2"), ("?", "?"),
    ] {
      #expect(PageWords.decimal(text, .de) == german)
      #expect(PageWords.decimal(text, .en) == text)
    }
    #expect(PageParts.percent(0.0625, .de) == "6,25 %" && PageParts.percent(0.0625, .en) == "6.25 %")
    #expect(PageParts.figure(56.72, .de) == "56,7" && PageParts.figure(1_234.5, .de) == "1235")
    #expect(PageParts.amount(10_000.5, .de) == "10000,50" && PageParts.amount(.nan, .de) == "?")
    #expect(PageWords.ago(0.52, .de) == "vor 0,5 s" && PageWords.ago(0.52, .en) == "0.5 s ago")
  }

  @Test("parts of a whole add up to it, whatever rounding does to each")
  func wholeShares() {
    #expect(WholeShares.of([1, 1, 1]) == [334, 333, 333])
    #expect(WholeShares.of([99_999, 0.6, 0.4]) == [1_000, 0, 0])
    #expect(WholeShares.of([5]) == [1_000] && WholeShares.of([]) == [] && WholeShares.of([0, 0]) == [0, 0])
    for count in 1...60 {
      let parts = (1...count).map { Double($0 * 7_919 % 97) + 0.3 }
      #expect(WholeShares.of(parts).reduce(0, +) == WholeShares.whole)
    }
    var page = PageFixture.snapshot()
    page.timeline = TimelineReport(
      (0..<6).map {
        Answer(
          since: PageFixture.ago(Int64(7 * (6 - $0))),
          verdict: [.trading, .quiet, .gated, .blocked, .broken, .stopped][$0], summary: "", summaryDe: "")
      }, since: PageFixture.ago(86_400), now: PageFixture.now)
    let html = PageSection.timeline.render(page, .en).text
    let legend = html.firstMatch(of: /<ul class="legend">(.*?)<\/ul>/.dotMatchesNewlines())?.output.1 ?? ""
    let shown = legend.matches(of: /([0-9.]+) %/).compactMap { Double($0.output.1) }
    // Blocked and gated ask for attention alike, and share a swatch.
    #expect(legend.contains(/gated [0-9.]+ %, blocked [0-9.]+ %|blocked [0-9.]+ %, gated [0-9.]+ %/))
    #expect(shown.count == 6 && abs(shown.reduce(0, +) - 100) < 0.001, "\(shown)")
    #expect(html.contains("part of the 42 s that have one"))
  }

  @Test("evidence has German words where they are known, and keeps codes and addresses")
  func evidence() {
    for (value, german) in [
      ("0.021", "0,021"), ("not crossed", "nicht durchgekommen"), ("any instrument", "irgendein Instrument"),
      ("4 of 5", "4 von 5"), ("0 in 30 s", "0 in 30 s"),
      ("refused: exposure_limit", "abgelehnt: exposure_limit"),
      ("momentum BTCUSDT: 12 % of its threshold", "momentum BTCUSDT: 12 % der Schwelle"),
      ("equity 1.5, cash 2.25", "equity 1,5, cash 2,25"),
      ("127.0.0.1:8000 refused", "127.0.0.1:8000 refused"),
      ("one of two", "one of two"), ("", ""), (" ", " "),
    ] {
      #expect(PageWords.evidence(value, .de) == german)
      #expect(PageWords.evidence(value, .en) == value)
    }
  }

  @Test("a rate is taken over the last seconds, and does not run backwards")
  func rates() throws {
    var history = PageHistory()
    var page = PageFixture.snapshot()
    #expect(PageHistory().rate(of: .ws) == nil)
    for second in 1...20 {
      page.status.stages[0].sinceStart.received = second <= 10 ? 0 : UInt64(second - 10) * 100
      history.look(page.status, wall: PageFixture.now, monotonic: UInt64(second) * 1_000_000_000)
    }
    #expect(history.rate(of: .ws)?.received == 100)
    page.status.stages[0].sinceStart.received = 0
    history.look(page.status, wall: PageFixture.now, monotonic: 21_000_000_000)
    #expect(history.rate(of: .ws)?.received == 0)
  }

  @Test("the curve has a point a step, is an hour long, and begins anew where the clock was put back")
  func curve() {
    var history = PageHistory()
    let page = PageFixture.snapshot()
    for second in 0..<8_000 {
      history.look(
        page.status, wall: PageFixture.now.advanced(by: Int64(second) * 1_000_000_000),
        monotonic: UInt64(second) * 1_000_000_000)
    }
    #expect((239...242).contains(history.curve.count), "\(history.curve.count)")
    let times = history.curve.map(\.time.nanoseconds)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 / PageHistory.step < $1 / PageHistory.step })
    history.look(page.status, wall: PageFixture.now, monotonic: 8_000_000_000_000)
    #expect(history.curve.count == 1)
  }

  @Test("the canary is where the newest barrier is")
  func canary() {
    var status = PageFixture.snapshot().status
    var place = CanaryPlace(status)
    #expect(place.waitsAt == nil && place.arrived == PageFixture.ago(2) && place.passed.count == 5)
    status.stages[0].lastBarrierWall = PageFixture.ago(1)
    place = CanaryPlace(status)
    #expect(place.waitsAt == .core && place.arrived == nil && place.passed == [.ws])
    status.stages[0].lastBarrierWall = nil
    place = CanaryPlace(status)
    #expect(place.waitsAt == nil && place.entered == nil && place.passed == [])
  }

  @Test("an age that is measured anew is the same instant")
  func instants() {
    var instants = SteadyInstants()
    let now = PageFixture.now
    let first = instants.instant("logs", age: 10.4, now: now)
    #expect(instants.instant("logs", age: 11.2, now: now.advanced(by: 1_000_000_000)) == first)
    let renewed = instants.instant("logs", age: 0.1, now: now.advanced(by: 2_000_000_000))
    #expect(renewed != first)
    #expect(instants.instant("logs", age: nil, now: now) == nil)
    #expect(instants.instant("smoke", age: .infinity, now: now) == nil)
  }

  @Test("a short failure is seen among hours of trading")
  func bar() {
    let now = PageFixture.now
    func answer(_ secondsAgo: Int64, _ verdict: Verdict) -> Answer {
      Answer(since: PageFixture.ago(secondsAgo), verdict: verdict, summary: "", summaryDe: "")
    }
    let report = TimelineReport(
      [answer(90_000, .trading), answer(40_001, .broken), answer(40_000, .trading)],
      since: PageFixture.ago(86_400), now: now)
    let bar = TimelineBar(report)
    #expect(bar.runs.map(\.verdict) == [.trading, .broken, .trading])
    #expect(bar.runs[1].length == 1)
    // The last cell begins now.
    #expect(bar.runs.reduce(0) { $0 + $1.length } == TimelineBar.cells - 1)
    let many = (0..<9_000).map { answer(80_000 - Int64($0) * 8, $0.isMultiple(of: 2) ? .quiet : .broken) }
    #expect(TimelineBar(TimelineReport(many, since: PageFixture.ago(86_400), now: now)).runs.count < 10)
    let early = TimelineReport([answer(10, .quiet)], since: PageFixture.ago(86_400), now: now)
    #expect(TimelineBar(early).runs.reduce(0) { $0 + $1.length } == 1)
  }

  @Test(
    "the browser's preferred language, English where it has none of ours",
    arguments: [
      ("", Language.en), ("de", .de), ("de-AT,en;q=0.5", .de), ("en;q=0.5, de;q=0.7", .de), ("fr, *", .en),
      ("de;q=0", .en), ("en,de", .en), ("de;q=x", .en), (",;;q=,", .en), ("DE", .de),
    ])
  func preferred(_ header: String, _ language: Language) {
    #expect(StatusPage.preferred(header) == language)
  }

  @Test("an event's text may have lines, its name and id may not")
  func events() {
    let event = ServerSentEvent(name: "a\nb", text: "one\r\ntwo\n", id: "7\n")
    #expect(
      String(decoding: event.bytes, as: UTF8.self) == "event: ab\nid: 7\ndata: one\ndata: two\ndata: \n\n")
  }
}
