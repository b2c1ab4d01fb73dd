import Testing

@testable import CDBDomain

@Suite("Reason codes")
struct ReasonCodeTests {
  @Test("no two reasons share a code")
  func unique() {
    #expect(Set(ReasonCode.allCases.map(\.code)).count == ReasonCode.allCases.count)
  }

  @Test("a code is snake_case, reads back, and is explained in one sentence", arguments: ReasonCode.allCases)
  func code(reason: ReasonCode) {
    #expect(reason.code.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil)
    #expect(ReasonCode(code: reason.code) == reason)
    #expect(!reason.explanation.isEmpty)
    #expect(!reason.explanation.contains("\n") && !reason.explanation.hasSuffix("."))
  }

  @Test("the catalogue has every code once, in the order of their numbers")
  func catalogue() {
    #expect(ReasonCatalogue.entries.map(\.reason) == ReasonCode.allCases.sorted { $0.rawValue < $1.rawValue })
    #expect(ReasonCode.allCases.allSatisfy { ReasonCatalogue[$0].reason == $0 })
  }

  @Test(
    "each is told in every language, and no two languages say it with the same words",
    arguments: ReasonCode.allCases)
  func languages(reason: ReasonCode) {
    for language in Language.allCases {
      for text in [reason.explanation(in: language), reason.remedy(in: language)] {
        #expect(!text.isEmpty && !text.contains("\n") && !text.contains("|") && !text.hasSuffix("."))
        #expect(text == text.trimmingPrefix(while: \.isWhitespace) && text.last?.isWhitespace == false)
      }
    }
    #expect(reason.explanation(in: .en) != reason.explanation(in: .de))
    #expect(reason.remedy(in: .en) != reason.remedy(in: .de))
    #expect(reason.explanation == reason.explanation(in: .en))
  }

  @Test("in a language no two reasons mean the same", arguments: Language.allCases)
  func distinct(language: Language) {
    #expect(Set(ReasonCode.allCases.map { $0.explanation(in: language) }).count == ReasonCode.allCases.count)
  }

  @Test("German is written with its umlauts, not around them")
  func umlauts() {
    let german = ReasonCatalogue.entries.flatMap { [$0.explanation.de, $0.remedy.de] }
    let avoided = [
      "fuer", "ueber", "boerse", "pruef", "erhoeh", "aender", "koenn", "waehr", "laeuf", "haelt", "loes",
      "gross ",
      "groess", "muess", "zurueck", "gueltig", "verfueg", "naechst",
    ]
    for text in german {
      #expect(!avoided.contains { text.lowercased().contains($0) }, "\(text)")
    }
    #expect(german.contains { $0.contains("ü") } && german.contains { $0.contains("ä") })
  }

  @Test("a layer's reason is its own and stands under risk")
  func layers() {
    #expect(Set(RiskLayerName.allCases.map(\.reason)).count == RiskLayerName.allCases.count)
    for layer in RiskLayerName.allCases {
      #expect(ReasonCatalogue[layer.reason].layer == layer && ReasonCatalogue[layer.reason].area == .risk)
    }
    #expect(ReasonCatalogue[.openOrderPending].layer == nil)
  }

  @Test("an unknown code is no reason")
  func unknown() {
    #expect(ReasonCode(code: "because") == nil)
    #expect(ReasonCode(code: "") == nil)
  }

  @Test("every other code is unique and stable too")
  func others() {
    #expect(Set(EventKind.allCases.map(\.code)).count == EventKind.allCases.count)
    #expect(Side.allCases.map(\.code) == ["buy", "sell"])
    #expect(
      OrderStatus.allCases.map(\.code)
        == ["accepted", "partially_filled", "filled", "rejected", "cancelled", "expired"])
    #expect(OrderStatus.allCases.filter(\.isFinal) == [.filled, .rejected, .cancelled, .expired])
    #expect(
      RiskLayerName.allCases.map(\.rawValue) == [
        "kill_switch", "drawdown_daily", "drawdown_total", "spread", "slippage", "data_staleness", "exposure",
        "position_size", "order_rate", "stop_loss",
      ])
  }

  @Test("numbers are unique and below the 128 counters that a ledger has for them")
  func numbers() {
    #expect(Set(ReasonCode.allCases.map(\.rawValue)).count == ReasonCode.allCases.count)
    #expect(ReasonCode.allCases.allSatisfy { $0.rawValue < 128 })
  }
}
