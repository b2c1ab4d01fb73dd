import CDBDomain
import Testing

@Suite("Decimals as a language writes them")
struct DecimalLanguageTests {
  @Test("German has a comma, English a point, and what is no plain decimal stays")
  func decimals() {
    #expect(DecimalText.localized("-0.05", in: .de) == "-0,05")
    #expect(DecimalText.localized("-0.05", in: .en) == "-0.05")
    for text in ["", ".", "1.", ".5", "1.2.3", "127.0.0.1", "v1.2", "12", "a.b"] {
      #expect(DecimalText.localized(text, in: .de) == text)
    }
  }

  @Test("of a phrase only the figures change")
  func phrases() {
    let phrase = "took 1.5 s, at 127.0.0.1 (0.25 %); then 2.5, 3.75"
    #expect(
      DecimalText.localizedFigures(phrase, in: .de) == "took 1,5 s, at 127.0.0.1 (0.25 %); then 2,5, 3,75")
    #expect(DecimalText.localizedFigures(phrase, in: .en) == phrase)
    #expect(DecimalText.localizedFigures("  ", in: .de) == "  ")
  }
}
