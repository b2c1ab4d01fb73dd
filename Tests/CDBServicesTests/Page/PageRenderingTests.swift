import CDBDomain
import CDBPipeline
import ServiceRuntime
import Testing

@testable import CDBGate
@testable import CDBServices

@Suite("The status page's sections")
struct PageRenderingTests {
  static let attack = #"</p><script>alert(1)</script>" onload='x' & <img src=x>"# + "\u{202E}\u{0}"

  private func check(_ html: HTML, _ comment: Comment) -> MarkupCheck {
    let check = MarkupCheck(html.text)
    #expect(check.faults.isEmpty, comment)
    return check
  }

  @Test(
    "every verdict in both languages is well-formed, says its word, and has its shape",
    arguments: Verdict.allCases, Language.allCases)
  func verdicts(_ verdict: Verdict, _ language: Language) {
    let page = PageFixture.snapshot(verdict, reason: verdict == .trading ? nil : .silentFeed)
    for section in PageSection.allCases {
      let html = section.render(page, language)
      _ = check(html, "\(section) \(verdict) \(language): \(MarkupCheck(html.text).faults)")
      #expect(!html.text.contains("nil") && !html.text.contains("Optional"), "\(section): \(html.text)")
    }
    let answer = PageSection.answer.render(page, language).text
    #expect(answer.contains("<strong>\(verdict.name(in: language))</strong>"))
    #expect(answer.contains(#"class="mark \#(verdict.tone.rawValue)""#))
    #expect(answer.contains(language == .de ? "es geht" : "it goes"))
    if verdict != .trading {
      let way = language == .de ? "playbooks/de/silent_feed" : "playbooks/silent_feed"
      #expect(check(.trusted(answer), "").values("href") == [way])
      #expect(answer.contains(HTML.escaped(ReasonCode.silentFeed.remedy(in: language))))
    }
  }

  @Test("a stop shows what is broken behind it", arguments: Language.allCases)
  func behindStop(_ language: Language) {
    var page = PageFixture.snapshot(.stopped, reason: .killSwitch)
    #expect(!PageSection.answer.render(page, language).text.contains("stage_failed"))
    page.diagnosis.behind = [
      BrokenBehind(
        layer: .database, reason: "stage_failed", summary: Self.attack, summaryDe: Self.attack, sinceNs: nil,
        isCauseKnown: true, evidence: [])
    ]
    let html = PageSection.answer.render(page, language)
    #expect(html.text.contains(language == .de ? "dahinter" : "behind it"))
    #expect(html.text.contains("<code>database</code>") && html.text.contains("<code>stage_failed</code>"))
    _ = check(html, "\(html.text)")
  }

  @Test(
    "every health and state of the gate is told by a word", arguments: StageHealth.allCases,
    GateState.allCases)
  func states(_ health: StageHealth, _ state: GateState) {
    var page = PageFixture.snapshot()
    for index in page.status.stages.indices { page.status.stages[index].health = health }
    page.gate = PageFixture.gate(state)
    for language in Language.allCases {
      let pipeline = PageSection.pipeline.render(page, language).text
      #expect(pipeline.components(of: "<span>\(health.name(in: language))</span>") == 5)
      let checks = PageSection.checks.render(page, language).text
      #expect(checks.contains("<span>\(state.name(in: language))</span>"))
      for outcome in GateOutcome.allCases { #expect(checks.contains(outcome.name(in: language))) }
      #expect(checks.contains(HTML.escaped(ReasonCode.canaryLate.remedy(in: language))))
    }
  }

  @Test("hostile words stay words, wherever they come from", arguments: Language.allCases)
  func hostile(_ language: Language) {
    var page = PageFixture.snapshot(.stopped, reason: .killSwitch)
    let attack = Self.attack
    page.diagnosis.summary = attack
    page.diagnosis.summaryDe = attack
    page.diagnosis.reason = attack
    page.diagnosis.profile = attack
    page.diagnosis.evidence = [Evidence(attack, attack)]
    page.diagnosis.refusals = [attack: 1]
    page.status.symbols = [attack]
    page.status.notices = [attack]
    page.status.checkpointFailure = attack
    page.status.feed.failure = attack
    page.status.stages[0].failure = attack
    page.status.account?.killSwitch = attack
    page.status.account?.positions[0].symbol = attack
    page.gate?.state = .stopped
    page.gate?.actor = attack
    page.gate?.checks[0].reason = attack
    page.gate?.checks[0].evidence = [GateVerdict.Evidence(attack, attack, source: attack)]
    page.timeline?.storeFailure = attack
    page.timeline?.intervals[0].verdict = .broken
    page.timeline?.intervals[0].reason = attack
    page.tradesFailure = attack
    page.incidents = PageFixture.incidents(attack)
    page.block = PageFixture.block(hours: 30, end: attack, by: attack)
    page.block?.directory = attack
    page.diagnosis.hypotheses = [Hypothesis(en: attack, de: attack, [Evidence(attack, attack)])]
    page.diagnosis.layers[0].refused = [attack: 1]
    page.trades?.orders[0].id = attack
    page.trades?.orders[0].reason = attack
    page.trades?.orders[0].status = attack
    page.trades?.fills[0].side = attack
    for section in PageSection.allCases {
      let html = section.render(page, language)
      let seen = check(html, "\(section): \(MarkupCheck(html.text).faults)")
      #expect(!seen.elements.contains { ["script", "img"].contains($0.name) }, "\(section)")
      #expect(!html.text.contains("\u{202E}") && !html.text.contains("\u{0}"), "\(section)")
    }
    let answer = PageSection.answer.render(page, language).text
    #expect(answer.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
  }

  @Test("what is not there is said, and nothing breaks", arguments: Language.allCases)
  func empty(_ language: Language) {
    let board = PipelineBoard.fixture(startedAt: PageFixture.now)
    let status = board.status()
    let page = PageSnapshot(
      now: PageFixture.now, status: status,
      diagnosis: GateBoard(thresholds: DiagnosisThresholds()).diagnosis(of: status))
    for section in PageSection.allCases {
      let html = section.render(page, language)
      _ = check(html, "\(section): \(MarkupCheck(html.text).faults)")
      if section != .trades { #expect(!html.text.isEmpty, "\(section)") }
    }
  }

  @Test("no figure on the German page has a point, outside of what machines read")
  func decimals() {
    let page = PageFixture.snapshot()
    for section in PageSection.allCases {
      func figures(_ language: Language) -> [String] {
        let text = section.render(page, language).text.replacing(/<code>.*?<\/code>/, with: "")
          .replacing(/aria-label="([^"]*)"/) { "> \($0.output.1) <" }.replacing(/<[^>]*>/, with: " ")
        return text.matches(of: /(?:^|\s)[+−-]?[0-9]+[.,][0-9]+(?=[\s,;]|$)/).map { String($0.output) }
      }
      #expect(figures(.de).allSatisfy { !$0.contains(".") }, "\(section): \(figures(.de))")
      #expect(figures(.en).allSatisfy { !$0.contains(",") }, "\(section): \(figures(.en))")
      if section == .account { #expect(!figures(.de).isEmpty && !figures(.en).isEmpty) }
    }
  }

  @Test("a limit that blocks refuses and is not broken, and what lies behind it is not reached")
  func layersBehindALimit() {
    var page = PageFixture.snapshot()
    page.diagnosis.verdict = .blocked
    page.diagnosis.layer = .risk
    page.diagnosis.layers = [
      LayerReport(layer: .signal, condition: .works, consumed: 10, produced: 3, refused: [:]),
      LayerReport(layer: .risk, condition: .broke, consumed: 3, produced: 0, refused: ["exposure_limit": 3]),
      LayerReport(layer: .execution, condition: .behind, consumed: 0, produced: 0, refused: [:]),
    ]
    let html = PageSection.answer.render(page, .en).text
    #expect(html.contains("not reached: no answer behind risk") && html.contains("layer that refuses"))
    #expect(html.contains(#"<li class="warning"><code>risk</code>"#), "\(html)")
    #expect(
      html.contains(#"<li class="unknown"><code>execution</code>"#) && !html.contains("<span>broke</span>"))
    let german = PageSection.answer.render(page, .de).text
    #expect(
      german.contains("nicht erreicht: keine Antwort hinter risk") && !german.contains("<span>gestört</span>")
    )
    page.diagnosis.verdict = .broken
    #expect(PageSection.answer.render(page, .en).text.contains(#"<li class="bad"><code>risk</code>"#))
  }

  @Test("a block says how far it is, which checkpoints were made and how, and what comes next")
  func block() {
    var page = PageFixture.snapshot()
    var html = PageSection.block.render(page, .en).text
    #expect(html.contains(#"<progress max="100" value="41" aria-label="progress of the block">"#), "\(html)")
    #expect(html.ranges(of: "to come").count == 2 && html.contains("made"))
    #expect(html.contains("it ends by itself"))
    page.block = PageFixture.block(hours: 60, end: "enough")
    page.block?.judgement = .critical
    html = PageSection.block.render(page, .de).text
    #expect(html.contains("beendet") && html.contains("enough") && html.contains("zu spät gemacht"))
    #expect(html.contains("nicht gemacht") && html.contains("cdb block report"))
    #expect(html.contains("gemacht (UTC)"))
    page.block = BlockStatus(BlockStateMachine(), at: PageFixture.now)
    #expect(PageSection.block.render(page, .en).text.contains("None has begun yet."))
    page.block = nil
    #expect(PageSection.block.render(page, .en).text.contains("This run has no blocks."))
  }

  @Test("incidents say how they stand, and lead to their forms", arguments: Language.allCases)
  func incidents(_ language: Language) {
    let page = PageFixture.snapshot()
    #expect(page.incidents.map(\.state).sorted { $0.rawValue < $1.rawValue } == [.closed, .rootCauseWritten])
    let html = PageSection.incidents.render(page, language).text
    let check = MarkupCheck(html)
    #expect(check.elements.count { $0.attributes["class"] == "incident bad" } == 1)
    #expect(html.contains(Incident.State.rootCauseWritten.name(in: language)))
    #expect(html.contains(IncidentSeverity.high.name(in: language)))
    let number = page.incidents.first { $0.state != .closed }?.number ?? 0
    #expect(
      check.values("data-fill") == [
        "op-incident-acknowledge-incident", "op-incident-cause-incident", "op-incident-close-incident",
      ])
    #expect(check.values("data-value") == ["\(number)", "\(number)", "\(number)"])
    let way = language == .de ? "playbooks/de/silent_feed" : "playbooks/silent_feed"
    #expect(check.values("href").contains(way))
  }

  @Test("an imbalance and a canary that waits are seen")
  func trouble() {
    var page = PageFixture.snapshot()
    page.status.flow = .lossy(9)
    page.status.stages[3].lastBarrierWall = PageFixture.ago(9)
    let html = PageSection.pipeline.render(page, .en).text
    #expect(html.contains("barrier 9 does NOT balance: stage core: 3 events"))
    #expect(
      html.contains("the canary waits before</span>")
        || html.contains("the canary waits before <code>execution</code>"))
    #expect(html.contains("dot waiting hop3"))
  }

  @Test("the section of what stands still is the same a second later")
  func steady() {
    var page = PageFixture.snapshot()
    let before = PageSection.allCases.map { $0.render(page, .en) }
    page.now = page.now.advanced(by: 1_000_000_000)
    page.timeline?.asOfNs += 1_000_000_000
    #expect(PageSection.allCases.map { $0.render(page, .en) } == before)
  }
}

extension String {
  /// How often a part is in it.
  func components(of part: String) -> Int { ranges(of: part).count }
}
