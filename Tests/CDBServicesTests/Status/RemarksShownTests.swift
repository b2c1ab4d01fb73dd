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
