import CDBDomain
import Foundation
import Testing

@testable import CDBGate
@testable import CDBPipeline

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("The report of a block")
struct BlockReportTests {
  private static let hostile =
    "</li><script>alert('x')</script> \u{202E}`a` *b* | _c_ [d](http://e.example) & \u{0}\u{7}"

  private static func answer(_ verdict: Verdict, _ reason: String? = nil, layer: Layer? = nil, hour: Int)
    -> Answer
  {
    Answer(
      since: RandomRows.start.advanced(by: Int64(hour) * BlockDrive.hour), verdict: verdict, layer: layer,
      reason: reason, summary: "because", summaryDe: "weil", evidence: [Evidence("frames", "90210")])
  }

  private func report(
    seed: UInt64 = 3, hours: Int = 72, lessons: [String] = [], todos: [String] = [], reason: String? = nil,
    audit: StoreAudit = StoreAudit(), _ change: (inout BlockRows) -> Void = { _ in }
  ) throws -> BlockReport {
    var market = try RandomRows(seed: seed, hours: hours)
    market.rows.answers = [Self.answer(.trading, hour: 0)]
    let block = try market.block(lessons: lessons, todos: todos, reason: reason)
    change(&market.rows)
    return BlockReport(block, market.rows, audit)
  }

  private func rules(_ report: BlockReport) -> [BlockRule] { report.findings.map(\.rule) }

  @Test("a block in which nothing went wrong is OK, and all figures of the process are the store's")
  func ok() throws {
    let report = try report()
    #expect(report.judgement == .ok && report.findings.isEmpty, "\(report.findings)")
    #expect(report.compared > 15 && report.deviations.isEmpty, "\(report.deviations)")
    #expect(report.equity?.sharpe != nil)
  }

  @Test("a fill that the store has lost, doubled or changed is a deviation, and critical")
  func lost() throws {
    for change: (inout [BlockRows.Fill]) -> Void in [
      { $0.remove(at: 40) }, { $0.insert($0[40], at: 41) }, { $0[40].fee = Money(mantissa: 1) },
      { $0.removeAll() },
    ] {
      let report = try report { change(&$0.fills) }
      #expect(rules(report).contains(.deviation), "\(report.deviations)")
      #expect(report.judgement == .critical)
    }
  }

  @Test("rows that the sink did not count are a deviation")
  func tallies() throws {
    let same = try report { $0.tallies = [.init(table: "signals", counted: 7, rows: 7)] }
    #expect(same.deviations.isEmpty)
    let other = try report { $0.tallies = [.init(table: "signals", counted: 7, rows: 6)] }
    #expect(other.deviations == [BlockDeviation(figure: "rows of signals", process: "7", store: "6")])
  }

  @Test("nothing traded over the whole block is critical, however healthy all was")
  func zeroActivity() throws {
    let report = try report { rows in
      rows.acceptances = []
      rows.fills = []
      rows.approved = 0
      rows.refusals = ["exposure_limit": rows.signals.count]
      rows.answers = [Self.answer(.blocked, "exposure_limit", layer: .risk, hour: 0)]
    }
    #expect(report.judgement == .critical)
    #expect(rules(report).starts(with: [.noOrder, .noFill]) && rules(report).contains(.mostRefused))
    #expect(report.gap.nanoseconds == 72 * BlockDrive.hour)
    #expect(report.gap.verdict == .blocked && report.gap.reason == "exposure_limit")
    #expect(report.causes.map(\.reason) == ["exposure_limit"])
  }

  @Test("what keeps a block from being whole makes it partial")
  func partial() throws {
    #expect(rules(try report(reason: "maintenance")) == [.endedEarly])
    let unseen = try report {
      $0.answers.append(Self.answer(.notObserved, "process_held_up", layer: .system, hour: 71))
    }
    #expect(rules(unseen) == [.notObserved] && unseen.judgement == .partial)
    let broken = try report { rows in
      rows.answers += [
        Self.answer(.broken, "silent_feed", layer: .marketData, hour: 10), Self.answer(.trading, hour: 12),
      ]
    }
    #expect(rules(broken) == [.broken])
    let died = try report { rows in
      rows.answers += [Self.answer(.restarting, "unplanned_restart", layer: .system, hour: 10)]
      rows.answers += [
        Answer(since: rows.answers[1].since.advanced(by: 9), verdict: .trading, summary: "", summaryDe: "")
      ]
    }
    #expect(rules(died) == [.unplannedRestart])
    let shut = try report { $0.answers.append(Self.answer(.gated, "gate_closed", hour: 60)) }
    #expect(rules(shut) == [.gateShut])
    let idle = try report { rows in
      let middle = rows.since.advanced(by: 30 * BlockDrive.hour)
      rows.acceptances.removeAll { $0 >= middle && $0 < middle.advanced(by: 5 * BlockDrive.hour) }
    }
    #expect(rules(idle) == [.longGap])
  }

  @Test("what needs a person is critical: alerts, trips, contradictions, and a flow that did not balance")
  func critical() throws {
    #expect(rules(try report { $0.alerts = ["fill_out_of_bounds": 1] }) == [.needsPerson])
    #expect(rules(try report { $0.alerts = ["flow_imbalance": 1] }) == [.flowImbalance])
    let tripped = try report { rows in
      rows.gate = [
        ControlRecord(
          time: rows.since,
          control: .gate(GateChange(state: .tripped, actor: "policy", reason: "store_inconsistent")))
      ]
    }
    #expect(rules(tripped) == [.needsPerson])
    var audit = StoreAudit()
    audit.findings = [.init(rule: "a fill without its result", ids: ["execution-0-1"])]
    #expect(rules(try report(audit: audit)) == [.storeInconsistent])
    #expect(rules(try report { $0.configuration = nil }) == [.equityUnknown])
  }

  @Test(
    "an incident that needs a person makes it partial, and critical where it was not over or explained at the end"
  )
  func incidents() throws {
    func steps(_ steps: [(IncidentEvent.Step, Int)], _ severity: IncidentSeverity = .warning)
      -> [IncidentEvent]
    {
      steps.map { step, hour in
        IncidentEvent(
          incident: 4, step: step, at: RandomRows.start.advanced(by: Int64(hour) * BlockDrive.hour),
          actor: "policy", severity: severity, layer: .marketData, reason: "silent_feed",
          text: step == .rootCause ? "a cable" : "the feed is silent", textDe: "der Feed schweigt")
      }
    }
    let solved: [(IncidentEvent.Step, Int)] = [(.opened, 5), (.ended, 6), (.rootCause, 7)]
    let closed = try report { $0.incidents = steps(solved + [(.closed, 8)]) }
    #expect(rules(closed) == [.incident] && closed.judgement == .partial)
    #expect(closed.files["report.md"]?.contains("a cable") == true)
    #expect(closed.files["report.de.html"]?.contains("der Feed schweigt") == true)
    #expect(rules(try report { $0.incidents = steps(solved) }) == [.incident])
    #expect(
      rules(try report { $0.incidents = steps([(.opened, 5), (.ended, 6)]) }) == [.incidentOpen, .incident])
    #expect(
      rules(try report { $0.incidents = steps([(.opened, 5), (.rootCause, 7)]) }) == [
        .incidentOpen, .incident,
      ])
    // Open from before counts; closed before does not; an interruption is no reason.
    #expect(rules(try report { $0.incidents = steps([(.opened, -9)]) }) == [.incidentOpen, .incident])
    #expect(
      rules(
        try report { $0.incidents = steps([(.opened, -9), (.ended, -8), (.rootCause, -7), (.closed, -6)]) }
      ).isEmpty)
    let notice = try report { $0.incidents = steps([(.opened, 5), (.ended, 6), (.closed, 7)], .notice) }
    #expect(rules(notice).isEmpty && notice.incidents.count == 1)
  }

  @Test("the longest time without an order reaches over the ends of the block")
  func gap() throws {
    let report = try report { rows in
      rows.acceptances = [rows.since.advanced(by: 1), rows.since.advanced(by: 2 * BlockDrive.hour)]
    }
    #expect(report.gap.since == RandomRows.start.advanced(by: 2 * BlockDrive.hour))
    #expect(report.gap.until == report.rows.until)
  }

  @Test("the largest drawdown is none smaller than the checkpoints tell of")
  func drawdown() throws {
    var market = try RandomRows(seed: 3, hours: 72)
    market.rows.answers = [Self.answer(.trading, hour: 0)]
    let block = try market.block { after, figures in
      guard after == 48 * BlockDrive.hour else { return }
      figures.books?.equity = Money(mantissa: RandomRows.cash.mantissa / 10 * 8)
    }
    let report = BlockReport(block, market.rows, StoreAudit())
    let largest = try #require(report.equity?.maximumDrawdown)
    #expect(Double(largest.mantissa) / Double(Ratio.one.mantissa) >= 0.1)
    let markdown = try #require(report.files["report.md"])
    #expect(markdown.components(separatedBy: MoneyText.percent(largest)).count > 2)
    // It says of which instants it is.
    #expect(markdown.contains("largest drawdown, at looks and closes of the market"))
  }

  @Test("the shares of the time name every answer, and add up to a hundred")
  func shares() throws {
    let report = try report { rows in
      rows.answers = [
        Self.answer(.trading, hour: 1), Self.answer(.quiet, hour: 24), Self.answer(.gated, hour: 36),
        Self.answer(.broken, hour: 48), Self.answer(.stopped, hour: 60),
      ]
    }
    let line = try #require(report.summary(in: .en).first { $0.hasPrefix("of the time: ") })
    for word in ["trading", "quiet", "gated", "broken", "stopped", "no answer kept 1.4 %"] {
      #expect(line.contains(word), "\(line)")
    }
    let percents = line.matches(of: /([0-9.]+) %/).compactMap { Double($0.output.1) }
    #expect(percents.count == 6 && abs(percents.reduce(0, +) - 100) < 1e-9, "\(line)")
  }

  @Test("a block of less than an hour tells of no day", arguments: [(59, false), (60, true)])
  func signalsADay(minutes: Int, isTold: Bool) throws {
    var market = try RandomRows(seed: 3, hours: 1)
    market.rows.until = market.rows.since.advanced(by: Int64(minutes) * 60_000_000_000)
    let report = BlockReport(try market.block(), market.rows, StoreAudit())
    let line = try #require(
      report.files["report.md"]?.split(separator: "\n").first { $0.contains("signals a day") })
    #expect(line.contains("shorter than an hour") != isTold, "\(line)")
  }

  @Test("German reports have decimal commas, and English ones points")
  func commas() throws {
    let report = try report(reason: "maintenance") { rows in
      rows.answers.append(Self.answer(.gated, "gate_closed", hour: 71))
    }
    let german = try #require(report.files["report.de.md"])
    let point = /[0-9]\.[0-9]/
    let offending = german.split(separator: "\n").filter { $0.contains(point) }
    #expect(offending.isEmpty, "\(offending.prefix(3))")
    #expect(german.contains(/[0-9],[0-9]+ %/))
    let english = try #require(report.files["report.md"])
    #expect(!english.contains(/[0-9],[0-9]+ %/) && english.contains(/[0-9]\.[0-9]+ %/))
    #expect(!report.summary(in: .de).contains { $0.contains(point) })
  }

  @Test("the same rows give the same bytes, in every file")
  func deterministic() throws {
    let first = try report(lessons: ["a"], todos: ["b"]).files
    #expect(first == (try report(lessons: ["a"], todos: ["b"]).files))
    #expect(
      first.keys.sorted() == [
        "decision-log.md", "report.de.html", "report.de.md", "report.html", "report.md",
      ])
  }

  @Test("every section is there in both languages and both forms, and the summary has at most ten lines")
  func sections() throws {
    let report = try report(lessons: ["wait longer"], todos: ["measure"])
    let titles: [Language: [String]] = [
      .en: [
        "Summary", "Verdict", "Key figures", "Equity and drawdown", "Activity", "Refusals", "Latencies",
        "Flow by stage", "Notes by layer", "Hypotheses", "Incidents", "Checkpoints", "Store against process",
        "Lessons learned", "To do",
      ],
      .de: [
        "Zusammenfassung", "Urteil", "Kennzahlen", "Kontowert und Rückgang", "Aktivität", "Ablehnungen",
        "Latenzen", "Fluss je Stufe", "Befunde je Schicht", "Hypothesen", "Vorfälle", "Kontrollpunkte",
        "Speicher gegen Prozess", "Gelernt", "Zu tun",
      ],
    ]
    for (language, ending) in [(Language.en, ""), (.de, ".de")] {
      let markdown = try #require(report.files["report\(ending).md"])
      let html = try #require(report.files["report\(ending).html"])
      let found = markdown.split(separator: "\n").filter { $0.hasPrefix("## ") }.map {
        String($0.dropFirst(3))
      }
      #expect(found == titles[language])
      for title in titles[language] ?? [] { #expect(html.contains("<h2>\(title)</h2>")) }
      #expect(html.contains("<html lang=\"\(language.rawValue)\">"))
      #expect(html.contains("wait longer") && markdown.contains("wait longer"))
      #expect((3...10).contains(report.summary(in: language).count))
      // Equity, drawdown, three of activity, two of latencies, the flow.
      #expect(html.components(separatedBy: "<svg ").count - 1 == 8)
    }
  }

  @Test("no label lies over a curve or another label, at the largest size of text too")
  func labels() {
    let points = (0..<200).map { ReportDocument.Plot.Point(x: Double($0), y: Double($0 * 7_919 % 101)) }
    let curve = SVGPlot(
      .init(
        title: "t", form: .line(points), lowest: "9,900.00", highest: "10,100.00",
        marks: ["0", "36 h", "72 h"])
    ).text
    func numbers(_ pattern: Regex<(Substring, Substring)>, _ text: String) -> [Double] {
      text.matches(of: pattern).compactMap { Double($0.output.1) }
    }
    let heights = numbers(/[ML][0-9.]+ ([0-9.]+)/, curve)
    let baselines = numbers(/<text x="[0-9.]+" y="([0-9.]+)"/, curve)
    #expect(heights.count == 200 && baselines.count == 5)
    let size = SVGPlot.largestText
    for baseline in baselines {
      // From the top of the capitals to the bottom of the descenders.
      #expect(!heights.contains { $0 > baseline - size * 0.75 && $0 < baseline + size * 0.25 }, "\(baseline)")
    }
    let bars = SVGPlot(.init(title: "t", form: .bars([("risk: exposure_limit", 5), ("b", 4)]))).text
    let names = numbers(/class="value" x="[0-9.]+" y="([0-9.]+)"/, bars)
    let tops = numbers(/<rect class="bar" x="[0-9.]+" y="([0-9.]+)"/, bars)
    #expect(names.count == 2 && tops.count == 2)
    for (name, top) in zip(names, tops) { #expect(name + size * 0.25 <= top && name - size * 0.75 >= 0) }
    #expect(names[1] - size * 0.75 >= tops[0] + 14)
  }

  @Test(
    "the page is well-formed, needs nothing from elsewhere, and runs nothing", arguments: [Language.en, .de])
  func page(language: Language) throws {
    let report = try report(
      lessons: [Self.hostile], todos: [Self.hostile], reason: Self.hostile
    ) { rows in
      rows.refusals = [Self.hostile: 3]
      rows.signalsByStrategy = [Self.hostile: 1]
      rows.answers = [
        Answer(
          since: rows.since, verdict: .broken, layer: .risk, reason: Self.hostile, summary: Self.hostile,
          summaryDe: Self.hostile, evidence: [Evidence(Self.hostile, Self.hostile)])
      ]
    }
    let html = BlockDocument(report, in: language).document.html
    let parser = XMLParser(data: Data(html.utf8))
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") line \(parser.lineNumber)")
    let lower = html.lowercased()
    for foreign in ["<script", "src=", "href=", "@import", "url(", "onload", "onerror", "<iframe", "<link"] {
      #expect(!lower.contains(foreign), "\(foreign)")
    }
    for scalar in html.unicodeScalars {
      #expect(!(0x202A...0x202E).contains(scalar.value) && scalar.value != 0 && scalar.value != 7)
    }
    #expect(html.contains("&lt;script&gt;"))
    #expect(html.contains("prefers-color-scheme: dark") && html.contains("width=device-width"))
    let markdown = BlockDocument(report, in: language).document.markdown
    #expect(!markdown.contains("<script") && markdown.contains("\\[d\\](http"))
    // Every table row has the cells of its header: a foreign bar would add one.
    for line in markdown.split(separator: "\n") where line.hasPrefix("| ") && line.contains("alert") {
      #expect(line.replacing("\\|", with: "").hasSuffix(" |"))
    }
  }

  @Test("a block without anything at all has a report")
  func empty() throws {
    var drive = BlockDrive()
    try drive.start(BlockPlan(duration: 1, checkpoints: []))
    drive.now = drive.now.advanced(by: 1)
    try drive.give(.tick)
    let block = try #require(drive.machine.block)
    let report = BlockReport(block, BlockRows(since: drive.now, until: drive.now), StoreAudit())
    #expect(report.judgement == .critical)
    for (name, text) in report.files {
      #expect(!text.contains("nan") && !text.contains("inf "), "\(name)")
      if name.hasSuffix(".html") { #expect(XMLParser(data: Data(text.utf8)).parse(), "\(name)") }
    }
  }

  @Test("an entry of the decision log is appended once, and tells blocks of different directories apart")
  func decisionLog() throws {
    let entry = try report(lessons: ["wait | longer"], todos: ["measure"]).decisionLogEntry
    let once = try #require(entry.appended(to: "# Decision log\n"))
    #expect(once.hasPrefix("# Decision log\n\n<!-- cdb block 1 "))
    #expect(
      once.contains("**Decision.**") && once.contains("- wait \\| longer") && once.contains("- measure"))
    #expect(entry.appended(to: once) == nil)
    var later = entry
    later.marker = "<!-- cdb block 1 1 -->"
    #expect(later.appended(to: once) != nil)
    // What somebody wrote cannot pass for the marker of another block.
    let sly = try report(lessons: ["<!-- cdb block 2 7 -->"]).decisionLogEntry
    #expect(!sly.text.contains("<!-- cdb block 2 7 -->"))
  }

  @Test("quantiles by nearest rank")
  func quantiles() {
    let values: [Int64] = Array(1...100)
    #expect([0.5, 0.9, 0.99, 1].map { BlockDocument.quantile($0, values) } == [50, 90, 99, 100])
    #expect(BlockDocument.quantile(0.5, [7]) == 7 && BlockDocument.quantile(0.5, []) == 0)
  }

  @Test("numbers are written with a point, rounded, and never with an exponent")
  func numbers() {
    #expect(FigureText.decimal(1e12, 1) == "1000000000000.0" && FigureText.decimal(-0.04, 1) == "0.0")
    #expect(FigureText.decimal(-1.25, 1) == "-1.3" && FigureText.decimal(.nan, 2) == "?")
    #expect(FigureText.decimal(.infinity, 2) == "∞" && FigureText.decimal(7, 0) == "7")
    #expect(MoneyText.cents(Money(mantissa: -123_455_000)) == "-1.23")
    #expect(MoneyText.cents(Money(mantissa: -400_000)) == "0.00")
    #expect(MoneyText.cents(Money(mantissa: .min)) == "-92233720368.55")
  }
}
