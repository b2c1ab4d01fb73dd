import CDBDomain
import Testing

@Suite("Reasons of answers that are no codes")
struct AnswerReasonTests {
  @Test("each is snake_case, and no code of the catalogue", arguments: AnswerReason.allCases)
  func code(reason: AnswerReason) {
    #expect(reason.rawValue.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil)
    #expect(ReasonCode(code: reason.rawValue) == nil)
  }

  @Test("what journals and stores hold stays as it is")
  func stored() {
    #expect(
      AnswerReason.allCases.map(\.rawValue) == [
        "no_signal", "no_order", "no_fill", "planned_restart", "unplanned_restart", "restart",
        "process_held_up",
      ])
  }

  @Test("each is told in every language, in one sentence of its own", arguments: Language.allCases)
  func languages(language: Language) {
    for reason in AnswerReason.allCases {
      for text in [reason.explanation[language], reason.remedy[language]] {
        #expect(!text.isEmpty && !text.contains("\n") && !text.contains("|") && !text.hasSuffix("."))
      }
      #expect(reason.explanation.en != reason.explanation.de && reason.remedy.en != reason.remedy.de)
    }
    #expect(
      Set(AnswerReason.allCases.map { $0.explanation[language] }).count == AnswerReason.allCases.count)
    #expect(Set(AnswerReason.allCases.map { $0.remedy[language] }).count == AnswerReason.allCases.count)
  }
}
