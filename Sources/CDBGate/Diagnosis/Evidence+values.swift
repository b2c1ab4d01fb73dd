import CDBDomain

extension Evidence {
  /// What the value of a piece of evidence says. Its words are English where it comes from, as in the API; in German they are
  /// translated as far as they are known, and figures have a comma. Addresses and codes stay as they are.
  public static func words(of value: String, in language: Language) -> String {
    guard language == .de else { return value }
    if let known = known[value] { return known }
    var text = value
    if text.hasPrefix("refused: ") { text = "abgelehnt: " + text.dropFirst("refused: ".count) }
    let beyond = "beyond its threshold, and asked for nothing"
    if text.hasSuffix(beyond) {
      text = text.dropLast(beyond.count) + "über der Schwelle, und es wurde nichts verlangt"
    }
    if text.hasSuffix(" of its threshold") { text = text.dropLast("of its threshold".count) + "der Schwelle" }
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    return words.enumerated().map { place, word -> String in
      // `4 of 5`.
      if word == "of", words.count == 3, place == 1, words[0].allSatisfy(\.isNumber) { return "von" }
      let trailing = word.hasSuffix(",") || word.hasSuffix(";") ? String(word.suffix(1)) : ""
      return DecimalText.localized(String(word.dropLast(trailing.count)), in: language) + trailing
    }.joined(separator: " ")
  }

  /// What values say in words, in German.
  private static let known = [
    "none": "keine", "any": "irgendeine", "any instrument": "irgendein Instrument", "approved": "genehmigt",
    "not seen": "nicht gesehen", "not crossed": "nicht durchgekommen",
  ]
}
