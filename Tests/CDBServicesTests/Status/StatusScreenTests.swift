import CDBGate
import Testing

@testable import CDBDomain
@testable import CDBPipeline
@testable import CDBServices

@Suite("The screen of cdb status")
struct StatusScreenTests {
  private func screen(_ change: (inout StageStatus) -> Void) throws -> StatusScreen {
    let page = PageFixture.snapshot()
    var status = page.status
    var earlier = page.status
    for index in status.stages.indices {
      earlier.stages[index].sinceStart.received = 100
      status.stages[index].sinceStart.received = 150
    }
    let place = try #require(status.stages.firstIndex { $0.stage == .execution })
    change(&status.stages[place])
    return StatusScreen(page.diagnosis, earlier: earlier, status, elapsed: .seconds(1), block: nil)
  }

  private func row(_ screen: StatusScreen, _ language: Language) throws -> String {
    String(
      try #require(
        screen.text(in: language).split(separator: "\n").first { $0.hasPrefix("  execution ") }))
  }

  @Test("a stage whose process has just begun anew says so, and no rates against the process before")
  func beganAnew() throws {
    let screen = try screen {
      $0.beganAnewAt = PageFixture.ago(2)
      $0.lastEventWall = nil
      $0.failure = "its process has begun anew"
      $0.outage = StageOutage(kind: .restarted, since: PageFixture.ago(2))
    }
    let stage = try #require(screen.stages.first { $0.stage == .execution })
    #expect(stage.receivedPerSecond == nil && stage.emittedPerSecond == nil && stage.failure == nil)
    #expect(stage.beganAnewSeconds == 2)
    let row = try row(screen, .en)
    #expect(row.hasSuffix("  –  began anew 2.0 s ago") || row.hasSuffix("  –  began anew 2 s ago"), "\(row)")
    #expect(!row.contains("never") && !row.contains("?"), "\(row)")
    #expect(try self.row(screen, .de).contains("begann neu vor 2"))
    // The others have their rates, and no such words.
    #expect(screen.stages.filter { $0.stage != .execution }.allSatisfy { $0.receivedPerSecond == 50 })
    #expect(screen.text(in: .en).ranges(of: "began anew").count == 1)
  }

  @Test("once both looks were at the new process there are rates again; what failed is said beside it")
  func later() throws {
    let screen = try screen {
      $0.beganAnewAt = PageFixture.ago(30)
      $0.failure = "the disk is full"
    }
    let stage = try #require(screen.stages.first { $0.stage == .execution })
    #expect(stage.receivedPerSecond == 50 && stage.failure == "the disk is full")
    #expect(try row(screen, .en).contains("began anew 30 s ago"))
  }

  @Test("the page's card says the same")
  func page() throws {
    var page = PageFixture.snapshot()
    let place = try #require(page.status.stages.firstIndex { $0.stage == .execution })
    page.status.stages[place].beganAnewAt = PageFixture.ago(3)
    page.status.stages[place].lastEventWall = nil
    let html = PageSection.pipeline.render(page, .en).text
    #expect(html.ranges(of: "<dt>began anew</dt>").count == 1 && !html.contains("never"))
    #expect(PageSection.pipeline.render(page, .de).text.contains("<dt>begann neu</dt>"))
  }

  @Test("layers that refuse say when risk last looked, where that is not now")
  func layersOfBefore() throws {
    var page = PageFixture.snapshot()
    page.status.account?.tripped = [
      TrippedLayer(layer: .stopLoss, instrument: nil, figure: .one, limit: .one, since: PageFixture.ago(90))
    ]
    let fresh = PageSection.account.render(page, .en).text
    #expect(fresh.contains("Layers of risk that refuse now</p>"))
    let place = try #require(page.status.stages.firstIndex { $0.stage == .risk })
    page.status.stages[place].lastEventWall = PageFixture.ago(60)
    let old = PageSection.account.render(page, .en).text
    #expect(old.contains("Layers of risk that refuse now <span class=\"note\">(as risk last saw it "))
    #expect(PageSection.account.render(page, .de).text.contains("wie risk es zuletzt sah"))
  }
}
