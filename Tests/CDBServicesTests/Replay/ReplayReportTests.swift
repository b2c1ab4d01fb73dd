import CDBDomain
import Foundation
import Testing

@testable import CDBPipeline
@testable import CDBServices

@Suite("The report of a replay")
struct ReplayReportTests {
  private func report(_ totals: StoreTotals) -> ReplayReport {
    let board = PipelineBoard(thresholds: HealthThresholds(), startedAt: EventTime(nanoseconds: 0))
    return ReplayReport(status: board.status(), totals: totals, digest: "d", seconds: 1, newFrames: 0)
  }

  @Test("orders and their results count the same orders; the gate's probes are named apart")
  func probes() throws {
    var totals = StoreTotals()
    totals.rows = ["orders": 14]
    totals.orders = 8
    totals.results = ["accepted": 7, "filled": 7, "rejected": 1]
    let report = report(totals)
    #expect(
      report.text.contains(
        "\norders     8: accepted 7, filled 7, rejected 1; 0 open; 6 probes of the gate apart\n"))
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(try report.json().utf8)) as? [String: Any])
    #expect(json["orders"] as? Int == 8)
    #expect(json["probes"] as? Int == 6)
  }

  @Test("where no probe was sent, none is spoken of")
  func noProbes() {
    var totals = StoreTotals()
    totals.rows = ["orders": 2]
    totals.orders = 2
    #expect(!report(totals).text.contains("probe"))
  }
}
