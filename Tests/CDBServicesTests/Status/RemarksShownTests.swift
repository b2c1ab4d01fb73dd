import CDBDomain
import ServiceRuntime
import Testing

@testable import CDBGate
@testable import CDBPipeline
@testable import CDBServices

/// A remark stands wherever an operator looks, and makes nothing unhealthy.
@Suite("Where remarks are shown")
struct RemarksShownTests {
  private static let damage = JournalDamage(
    file: "7.seg", offset: 512, bytes: 9, reason: "a record's payload is damaged", firstLost: 3, lastLost: 3)

  private func page() throws -> PageSnapshot {
    var page = PageFixture.snapshot()
    page.diagnosis.remarks = [try #require(Remark.journal([Self.damage]))]
    return page
  }

  @Test("cdb health says it of a run that does its work")
  func health() throws {
    let page = try page()
    let report = HealthReport(page.status, page.diagnosis, now: PageFixture.now.nanoseconds)
    #expect(report.status == .ok)
    let told = report.components.filter(\.isRemark)
    #expect(told.map(\.name) == ["journal_damaged"])
    let reason = try #require(told.first?.reason)
    #expect(reason.contains("7.seg") && reason.contains("offset = 512"))
  }

  @Test("ws as a service says it too, and the other stages do not")
  func service() {
    var status = PipelineBoard.fixture(startedAt: PageFixture.now).status()
    for index in status.stages.indices { status.stages[index].health = .healthy }
    func told(_ stage: StageName) -> [String] {
      HealthReport(
        ServicePart(
          stage: stage, instance: "1", at: PageFixture.now, status: status, cuts: [], busFailure: nil)
      ).components.filter(\.isRemark).map(\.name)
    }
    #expect(told(.ws).isEmpty)
    status.journalDamage = [Self.damage]
    #expect(told(.ws) == ["journal_damaged"] && told(.core).isEmpty)
  }

  @Test(
    "so is that processes of a pipeline have other settings, in health, status, the page and once in the log")
  func configurations() throws {
    var page = PageFixture.snapshot()
    var other = ConfigurationDifference(
      process: "risk", fingerprint: "b", wsFingerprint: "a",
      settings: [.init(key: "risk.stop_loss", value: "0.5", wsValue: "0.03")])
    let remark = try #require(Remark.configurations([other]))
    page.diagnosis.remarks = [remark]
    let health = HealthReport(page.status, page.diagnosis, now: PageFixture.now.nanoseconds)
    #expect(
      health.status == .ok && health.components.filter(\.isRemark).map(\.name) == ["configurations_differ"])
    let screen = StatusScreen(
      page.diagnosis, earlier: page.status, page.status, elapsed: .seconds(1), block: nil)
    #expect(screen.text(in: .en).contains("risk = risk.stop_loss 0.5, ws 0.03"))
    #expect(PageSection.answer.render(page, .en).text.contains("risk.stop_loss 0.5, ws 0.03"))

    var news = RemarkNews()
    func told(_ remarks: [Remark], at now: UInt64) -> [Remark] { news.news(in: remarks, at: now) }
    #expect(told([remark], at: 0) == [remark])
    #expect(told([remark], at: RemarkNews.forgetting - 1).isEmpty)
    #expect(told([], at: RemarkNews.forgetting).isEmpty)
    // It was seen a moment ago.
    #expect(told([remark], at: RemarkNews.forgetting + 1).isEmpty)
    #expect(told([remark], at: 3 * RemarkNews.forgetting) == [remark])
    other.process = "core"
    let another = try #require(Remark.configurations([other]))
    #expect(told([another], at: 3 * RemarkNews.forgetting) == [another])
  }

  @Test("what is compared has no secrets, and nothing that is a process's own")
  func shared() throws {
    let settings = try CDBConfiguration.load(
      file: nil, environment: ["CDB_STORE_PASSWORD": "hush"],
      flags: ["risk.stop_loss": "0.5", "data_dir": "/tmp/own", "http.listen": "127.0.0.1:1"])
    let shared = settings.sharedSettings
    #expect(
      shared["risk.stop_loss"] == "0.5" && shared["feed.symbols"] != nil && shared["gate.mode"] == "auto")
    #expect(
      shared["profile"] != nil && shared["strategy.enabled"] != nil && shared["exchange.taker_fee"] != nil)
    #expect(shared.keys.allSatisfy { !$0.hasPrefix("store.") && !$0.hasPrefix("http.") && $0 != "data_dir" })
    #expect(!shared.values.contains("hush"))
  }

  @Test("the page says a cause that is known, and no more that it is unknown")
  func cause() {
    var page = PageFixture.snapshot()
    page.diagnosis.isCauseKnown = true
    page.diagnosis.cause = "nothing listens at <h>"
    page.diagnosis.causeDe = "an <h> lauscht nichts"
    let english = PageSection.answer.render(page, .en).text
    #expect(english.contains("cause: nothing listens at &lt;h&gt;") && !english.contains("cause is unknown"))
    #expect(PageSection.answer.render(page, .de).text.contains("Ursache: an &lt;h&gt; lauscht nichts"))
  }

  @Test("cdb status and the page say it, in both languages")
  func screens() throws {
    let page = try page()
    let remark = try #require(page.diagnosis.remarks.first)
    let screen = StatusScreen(
      page.diagnosis, earlier: page.status, page.status, elapsed: .seconds(1), block: nil)
    #expect(screen.text(in: .en).contains("  remark      " + remark.line(in: .en)))
    #expect(screen.text(in: .de).contains("  Bemerkung   " + remark.line(in: .de)))
    for language in Language.allCases {
      let html = PageSection.answer.render(page, language).text
      #expect(html.contains("7.seg") && html.contains("offset = 512"))
    }
  }
}
