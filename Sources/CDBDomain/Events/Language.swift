/// The languages in which the suite speaks to a person.
public enum Language: String, Sendable, Hashable, CaseIterable, Codable {
  case en
  case de
}

/// One text in every language.
public struct Translation: Sendable, Hashable {
  public let en: String
  public let de: String

  public init(en: String, de: String) {
    self.en = en
    self.de = de
  }

  public subscript(_ language: Language) -> String {
    switch language {
    case .en: en
    case .de: de
    }
  }
}
