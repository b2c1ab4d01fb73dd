import CDBDomain
import CDBServices
import Foundation
import Testing

@Suite("One reason by itself")
struct ReasonDetailTests {
  @Test("it has its meaning, its layer, what to do, and its playbook")
  func text() throws {
    let text = try ReasonDetail(code: "silent_feed", in: .en).render(as: .md)
    #expect(text.hasPrefix("silent_feed (\(ReasonCode.silentFeed.rawValue))\n"))
    #expect(text.contains("  meaning   \(ReasonCode.silentFeed.explanation(in: .en))\n"))
    #expect(text.contains("  layer     market_data\n"))
    #expect(text.contains("  to do     \(ReasonCode.silentFeed.remedy(in: .en))\n"))
    #expect(text.contains("  playbook  docs/04_incident-management/playbooks/silent_feed.md\n"))
    let german = try ReasonDetail(code: "silent_feed", in: .de).render(as: .md)
    #expect(german.contains("  Bedeutung \(ReasonCode.silentFeed.explanation(in: .de))\n"))
    #expect(german.contains("playbooks/de/silent_feed.md\n"))
    // A layer of risk that refuses with it is named, too.
    let layer = RiskLayerName.stopLoss
    #expect(
      try ReasonDetail(code: layer.reason.code, in: .en).render(as: .md).contains("risk (\(layer.rawValue))"))
  }

  @Test("every reason that an answer can have is known to it", arguments: Language.allCases)
  func all(language: Language) throws {
    let codes = ReasonCode.allCases.map(\.code) + AnswerReason.allCases.map(\.rawValue)
    for code in codes {
      let detail = try ReasonDetail(code: code, in: language)
      #expect(detail.code == code && !detail.explanation.isEmpty && !detail.remedy.isEmpty)
    }
    #expect(try ReasonDetail(code: "no_signal", in: language).render(as: .md).hasPrefix("no_signal\n"))
  }

  @Test("as JSON it is one object")
  func json() throws {
    let text = try ReasonDetail(code: "stop_unverified", in: .en).render(as: .json)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["code"] as? String == "stop_unverified" && object["layer"] as? String == "system")
    #expect(object["playbook"] as? String == "docs/04_incident-management/playbooks/stop_unverified.md")
  }

  @Test("a code that there is not names the nearest, and is wrong usage")
  func unknown() {
    #expect(throws: UnknownReason(code: "silent_fed")) { try ReasonDetail(code: "silent_fed", in: .en) }
    #expect(
      UnknownReason(code: "silent_fed").description
        == "there is no reason silent_fed; did you mean silent_feed?")
    #expect(
      UnknownReason(code: "x" + String(repeating: "?", count: 90)).description.hasSuffix(
        "cdb reasons lists all of them"))
    #expect(UnknownReason(code: "").exitCode == 2)
  }
}
