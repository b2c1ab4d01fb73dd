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

  /// The value of a piece of evidence, in the words of a language.
  static func evidence(_ value: String, _ language: Language) -> String {
    Evidence.words(of: value, in: language)
  }

  /// A piece of evidence as a sentence, with the name that the API has for it; as name and value where it has none.
  static func evidence(_ item: Evidence, _ language: Language) -> HTML {
    guard let sentence = item.sentence(in: language) else {
      return "<code>\(item.name)</code> = \(evidence(item.value, language))"
    }
    return "\(sentence) <code>\(item.name)</code>"
  }

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
