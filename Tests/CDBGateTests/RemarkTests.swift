import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

/// What keeps nothing from its work, and stands beside the answer.
@Suite("Remarks")
struct RemarkTests {
  private func kinds(_ situation: Situation) -> [Remark.Kind] { situation.diagnose().remarks.map(\.kind) }

  @Test("where everything works there is none")
  func none() {
    #expect(kinds(Situation()).isEmpty)
    #expect(!Situation().diagnose().text.contains("remark"))
  }

  @Test("a damaged part of the journal is told with file, offset and what to do; the answer stays what it is")
  func journal() throws {
    var situation = Situation()
    situation.status.journalDamage = [
      JournalDamage(
        file: "00000000000000000001.seg", offset: 4_711, bytes: 64, reason: "a record's payload is damaged",
        firstLost: 12, lastLost: 14)
    ]
    let answer = situation.diagnose()
    #expect(answer.verdict == .quiet && answer.layer == nil)
    #expect(Finding.all(in: answer, policy: GatePolicy()).isEmpty)
    let remark = try #require(answer.remarks.first)
    #expect(remark.kind == .journalDamaged && answer.remarks.count == 1)
    #expect(remark.evidence.contains(Evidence("journal_file", "00000000000000000001.seg")))
    #expect(remark.evidence.contains(Evidence("offset", "4711")))
    #expect(remark.evidence.contains(Evidence("lost_records", "12 to 14")))
    for language in Language.allCases {
      let text = answer.text(in: language)
      #expect(text.contains(remark.text(in: language)) && text.contains("4711"), "\(text)")
      #expect(text.contains("docs/04_incident-management/recovery.md"))
    }
    #expect(remark.text != remark.textDe)
  }

  @Test("processes with other settings than ws are told with what differs, and the answer stays what it is")
  func configurations() throws {
    var situation = Situation()
    let settings = (1...7).map {
      ConfigurationDifference.Setting(key: "k\($0)", value: "\($0)", wsValue: nil)
    }
    situation.status.configurations = [
      ConfigurationDifference(
        process: "core at h:8011", fingerprint: "bb", wsFingerprint: "aa",
        settings: [.init(key: "risk.stop_loss", value: "0.5", wsValue: String(repeating: "x", count: 70))]),
      ConfigurationDifference(process: "risk", fingerprint: "cc", wsFingerprint: "aa", settings: []),
      ConfigurationDifference(
        process: "execution", fingerprint: "cc", wsFingerprint: "aa", settings: settings),
    ]
    let answer = situation.diagnose()
    #expect(answer.verdict == .quiet && Finding.all(in: answer, policy: GatePolicy()).isEmpty)
    let remark = try #require(answer.remarks.first)
    #expect(remark.kind == .configurationsDiffer && answer.remarks.count == 1)
    #expect(remark.text == "core at h:8011, risk, execution were started with other settings than ws")
    #expect(
      remark.textDe == "core at h:8011, risk, execution wurden mit anderen Einstellungen gestartet als ws")
    #expect(
      remark.evidence == [
        Evidence("core at h:8011", "risk.stop_loss 0.5, ws " + String(repeating: "x", count: 60) + "…"),
        Evidence("risk", "fingerprint cc, ws aa"),
        Evidence("execution", "k1 1, ws -; k2 2, ws -; k3 3, ws -; k4 4, ws -; k5 5, ws -; … 2"),
      ])
    for language in Language.allCases {
      let text = answer.text(in: language)
      #expect(text.contains(remark.text(in: language)) && text.contains("risk.stop_loss"), "\(text)")
      #expect(text.contains("docs/03_stacks/services.md"))
    }
  }

  /// A minute in which so much came and so much of it could not be used.
  private func minute(_ received: UInt64, _ dropped: [ReasonCode: UInt64]) -> Situation {
    var situation = Situation()
    var counts = ReasonCounts()
    for (reason, count) in dropped { counts[reason] = count }
    situation.stage(.ws) {
      $0.lately = RecentIntake(received: received, dropped: counts, seconds: 60)
    }
    return situation
  }

  @Test("a share of frames that cannot be used is told with its figures, and on the line of ws")
  func unusable() throws {
    let answer = minute(1_000, [.malformedFrame: 290, .unknownSymbol: 10]).diagnose()
    #expect(answer.verdict == .quiet)
    let remark = try #require(answer.remarks.first)
    #expect(remark.kind == .undecodableFrames)
    #expect(remark.text.hasPrefix("30.0 % of what came lately cannot be used: "))
    #expect(remark.textDe.hasPrefix("30,0 % dessen, was zuletzt kam, ist unbrauchbar: "))
    #expect(remark.text.hasSuffix(ReasonCode.malformedFrame.explanation(in: .en)))
    #expect(remark.evidence.contains(Evidence("unusable", "300 of 1000 in 60 s")))
    #expect(remark.evidence.contains(Evidence("reasons", "malformed_frame 290, unknown_symbol 10")))
    let lines = answer.text.split(separator: "\n").filter {
      $0.hasSuffix("30.0 % of the last minute unusable")
    }
    #expect(lines.count == 1 && lines.first?.hasPrefix("  ws ") == true)
    #expect(answer.text(in: .de).contains("30,0 % der letzten Minute unbrauchbar"))
  }

  @Test("a frame now and then is nothing, however few come, and a book's gap is no frame that cannot be used")
  func harmless() {
    #expect(kinds(minute(1, [.malformedFrame: 1])).isEmpty)
    #expect(kinds(minute(20, [.malformedFrame: 9])).isEmpty)
    #expect(kinds(minute(1_000, [.malformedFrame: 10])).isEmpty)
    #expect(kinds(minute(1_000, [.malformedFrame: 11])) == [.undecodableFrames])
    #expect(kinds(minute(20, [.malformedFrame: 10])) == [.undecodableFrames])
    #expect(kinds(minute(1_000, [.bookGap: 400])).isEmpty)
    #expect(kinds(minute(0, [:])).isEmpty)
  }

  @Test("what is the answer is no remark as well")
  func answered() {
    var situation = minute(1_000, [.malformedFrame: 900])
    situation.stage(.ws) {
      $0.sinceStart.dropped[.malformedFrame] = 900
      $0.health = .degraded
    }
    #expect(situation.diagnose().reason == "malformed_frame")
    #expect(kinds(situation).isEmpty)
  }

  private func skewed(_ seconds: Double, lateness: Double = 0, isLive: Bool = true) -> [Remark] {
    var situation = Situation()
    situation.status.feed.isLive = isLive
    situation.status.feed.offsetNanoseconds = Int64(seconds * 1e9)
    return Diagnostician(situation.status, at: situation.now, lateness: lateness).diagnose().remarks
  }

  @Test("clocks that are apart are told with how far and which is behind")
  func clocks() throws {
    let behind = try #require(skewed(-60).first)
    #expect(behind.kind == .clockSkew)
    #expect(behind.text.hasPrefix("this machine's clock is 60.0 s behind the exchange's: one of the two"))
    #expect(behind.textDe.hasPrefix("die Uhr dieses Rechners geht 60,0 s hinter der der Börse"))
    #expect(behind.evidence.map(\.value) == ["-60.0"])
    let ahead = try #require(skewed(60).first)
    #expect(ahead.text.hasPrefix("this machine's clock is 60.0 s ahead of the exchange's"))
    #expect(ahead.evidence.map(\.value) == ["+60.0"])
    #expect(ahead.playbook(in: .de).hasSuffix("playbooks/de/clock_jump.md"))
  }

  @Test("a little of it, a delay that grows, and a recording's old times are no skew")
  func noSkew() {
    #expect(skewed(-1.9).isEmpty && !skewed(-2).isEmpty)
    #expect(skewed(4.9).isEmpty && !skewed(5).isEmpty)
    #expect(skewed(60, lateness: 58).isEmpty)
    #expect(skewed(-60, isLive: false).isEmpty && skewed(1e9, isLive: false).isEmpty)
  }

  @Test("a clock that has just jumped is the answer, and no remark besides")
  func jumped() {
    var situation = Situation()
    situation.status.feed.offsetNanoseconds = -60_000_000_000
    situation.jump = ClockMonitor.Jump(seconds: -60, at: situation.now)
    #expect(situation.diagnose().reason == "clock_jump")
    #expect(kinds(situation).isEmpty)
  }
}
