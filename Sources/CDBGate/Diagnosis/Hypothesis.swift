import CDBDomain

/// What may be behind an answer, with the figures that speak for it.
public struct Hypothesis: Sendable, Hashable, Codable {
  /// One sentence, in English and in German.
  public var text: String
  public var textDe: String
  public var evidence: [Evidence]

  enum CodingKeys: String, CodingKey {
    case text, evidence
    case textDe = "text_de"
  }

  init(en: String, de: String, _ evidence: [Evidence] = []) {
    text = en
    textDe = de
    self.evidence = evidence
  }

  /// The sentence in a language.
  public func text(in language: Language) -> String { language == .de ? textDe : text }
}

/// What a layer did since the process began.
public struct LayerReport: Sendable, Hashable, Codable {
  public enum Condition: String, Sendable, Hashable, CaseIterable, Codable {
    /// It does its work.
    case works
    /// It is the first that does not.
    case broke
    /// It comes behind the first that broke: its figures say nothing of itself.
    case behind
  }

  public var layer: Layer
  public var condition: Condition
  /// Events that it took in.
  public var consumed: UInt64
  /// Events that came of them.
  public var produced: UInt64
  /// What it took in and did not let pass, by reason.
  public var refused: [String: UInt64]
}
