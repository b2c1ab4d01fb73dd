import CDBDomain
import Testing

@testable import CDBPipeline
@testable import CDBServices

@Suite("What is said of an emergency stop")
struct StopReportTests {
  private func writer(_ failure: String? = nil) -> StageStatus? {
    let board = PipelineBoard.fixture(startedAt: PageFixture.now)
    if let failure { board.monitor(.dbWriter).setFailure(failure) }
    return board.status().stage(.dbWriter)
  }

  private func unproved(_ hindrance: (by: StopReport.Hindrance, words: String)?) -> StopReport {
    StopReport(
      accepted: true, inForce: true, verified: false, seconds: 1, hinderedBy: hindrance?.by,
      hindrance: hindrance?.words)
  }

  @Test("a store that cannot be read, or has not come to the stop, is named as what hinders the proof")
  func store() throws {
    let unread = try #require(
      StopReport.hindrance(isSent: true, isStored: nil, readFailure: "it is busy", writer: writer()))
    #expect(unread.by == .store && unread.words == "it is busy")
    let locked = try #require(
      StopReport.hindrance(
        isSent: true, isStored: false, readFailure: nil,
        writer: writer("the store does not take rows: locked")))
    #expect(locked.by == .store && locked.words == "the store does not take rows: locked")
    let slow = try #require(
      StopReport.hindrance(isSent: true, isStored: false, readFailure: nil, writer: writer()))
    #expect(slow.by == .store && slow.words.contains("db_writer has not brought the stop into it yet"))
    #expect(
      unproved(locked).text(in: .en)
        == "stopped, and NOT PROVED: the stages have it, but the store does not show the probe order (1.0 s): "
        + "the store does not take rows: locked")
    #expect(
      unproved(locked).text(in: .de).contains(
        "doch der Speicher zeigt die Probe-Order nicht (1,0 s): the store"))
  }

  @Test(
    "without prices there is no probe; where the store has the stop and a probe was sent nothing is blamed")
  func others() throws {
    let unpriced = try #require(
      StopReport.hindrance(isSent: false, isStored: true, readFailure: nil, writer: writer()))
    #expect(unpriced.by == .noPrice)
    #expect(unproved(unpriced).text(in: .en).contains("no instrument has a price yet to probe with"))
    #expect(StopReport.hindrance(isSent: true, isStored: true, readFailure: nil, writer: writer()) == nil)
    #expect(unproved(nil).text(in: .en).contains("no probe order could be seen refused"))
  }

  @Test("the page says the same as the command, the hindrance included")
  func page() throws {
    let report = unproved((.store, "locked"))
    let answer = try #require(
      OperationWords.byName["stop"]?.answers.first {
        $0.when.allSatisfy { ["in_force": "true", "hindered_by": "store"][$0.key] == $0.value }
      })
    #expect(
      answer.say.en.replacing("{seconds}", with: "1.0").replacing("{hindrance}", with: "locked")
        == report.text(in: .en))
  }

  @Test("what is to be done of an unproved stop has the commands that go on")
  func remedy() {
    for language in Language.allCases {
      let text = ReasonCode.stopUnverified.remedy(in: language)
      #expect(text.contains("cdb resume --justification") && text.contains("cdb gate open --justification"))
    }
  }
}
