import CDBDomain
import CDBGate
import CDBPipeline

/// Words that several parts of the page use.
enum PageWords {
  static func ago(_ seconds: Double, _ language: Language) -> String {
    let age = age(seconds, language)
    return language == .de ? "vor \(age)" : "\(age) ago"
  }

  static func age(_ seconds: Double, _ language: Language) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "?" }
    return seconds < 10
      ? "\(decimal(HTML.coordinate((max(0, seconds) * 10).rounded() / 10), language)) s"
      : AgeText.render(seconds: Int64(seconds))
  }

  static func decimal(_ text: String, _ language: Language) -> String {
    DecimalText.localized(text, in: language)
  }

  /// What a piece of evidence says. Its words are English where it comes from, as in the API; in German they are
  /// translated as far as they are known, and figures have a comma. Addresses and codes stay as they are.
  static func evidence(_ value: String, _ language: Language) -> String {
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
      return decimal(String(word.dropLast(trailing.count)), language) + trailing
    }.joined(separator: " ")
  }

  /// What evidence says in words, in German.
  private static let known = [
    "none": "keine", "any": "irgendeine", "any instrument": "irgendein Instrument", "approved": "genehmigt",
    "not seen": "nicht gesehen", "not crossed": "nicht durchgekommen",
  ]

  static func side(_ code: String, _ language: Language) -> String {
    switch (code, language) {
    case ("buy", .de): "Kauf"
    case ("sell", .de): "Verkauf"
    default: code
    }
  }

  /// A result's status in words; what is unknown as it is.
  static func status(_ code: String?, _ language: Language) -> String {
    guard let code else { return language == .de ? "unterwegs" : "under way" }
    guard let status = OrderStatus.allCases.first(where: { $0.code == code }) else { return code }
    let words =
      switch status {
      case .accepted: Translation(en: "accepted", de: "angenommen")
      case .partiallyFilled: Translation(en: "partially filled", de: "teilweise ausgeführt")
      case .filled: Translation(en: "filled", de: "ausgeführt")
      case .rejected: Translation(en: "rejected", de: "abgelehnt")
      case .cancelled: Translation(en: "cancelled", de: "storniert")
      case .expired: Translation(en: "expired", de: "verfallen")
      }
    return words[language]
  }
}

extension TradingState {
  func name(in language: Language) -> String {
    let words =
      switch self {
      case .active: Translation(en: "active", de: "aktiv")
      case .reducing: Translation(en: "reducing only", de: "nur Abbau")
      case .halted: Translation(en: "halted", de: "angehalten")
      }
    return words[language]
  }

  var tone: Tone {
    switch self {
    case .active: .good
    case .reducing: .warning
    case .halted: .stopped
    }
  }
}
