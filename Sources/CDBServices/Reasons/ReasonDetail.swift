import CDBDomain
import CDBGate
import Foundation
import ServiceRuntime

/// One reason: what it means, whose it is, what to do about it, and the page with the steps.
public struct ReasonDetail: Encodable, Sendable, Hashable {
  /// As metrics, logs and answers have it.
  public var code: String
  /// In events and frames; nil of a reason that only answers have.
  public var number: UInt8?
  /// What it means, in one sentence without a full stop.
  public var explanation: String
  /// The layer that it speaks of; where it was found the answer knows better. Nil of a reason that speaks of none.
  public var layer: Layer?
  /// The layer of risk that refuses with it; nil where none does.
  public var riskLayer: RiskLayerName?
  /// What a person does about it, in one sentence without a full stop.
  public var remedy: String
  /// From the repository's root; nil where nothing is to be done that steps could tell.
  public var playbook: String?
  private let language: Language

  enum CodingKeys: String, CodingKey {
    case code, number, explanation, layer, remedy, playbook
    case riskLayer = "risk_layer"
  }

  /// - Parameter code: a ``CDBDomain/ReasonCode``'s, or an answer's own.
  /// - Throws: ``UnknownReason`` where there is no such code.
  public init(code: String, in language: Language) throws(UnknownReason) {
    if let reason = ReasonCode(code: code) {
      number = reason.rawValue
      explanation = reason.explanation(in: language)
      layer = reason.layer
      riskLayer = ReasonCatalogue[reason].layer
      remedy = reason.remedy(in: language)
    } else if let reason = AnswerReason(rawValue: code) {
      explanation = reason.explanation[language]
      remedy = reason.remedy[language]
    } else {
      throw UnknownReason(code: code)
    }
    self.code = code
    self.language = language
    playbook = Diagnosis.playbook(ofReason: code, in: language)
  }

  /// A few lines for a person, or JSON with one object.
  public func render(as format: ReasonCatalogueDocument.Format) throws -> String {
    switch format {
    case .md: return text
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
  }

  private var text: String {
    func row(_ en: String, _ de: String, _ value: String?) -> String? {
      value.map {
        "  " + Translation(en: en, de: de)[language].padding(toLength: 10, withPad: " ", startingAt: 0) + $0
      }
    }
    let layers = [layer?.rawValue, riskLayer.map { "(\($0.rawValue))" }].compactMap { $0 }
    let rows = [
      row("meaning", "Bedeutung", explanation),
      row("layer", "Schicht", layers.isEmpty ? nil : layers.joined(separator: " ")),
      row("to do", "was tun", remedy),
      row("playbook", "Playbook", playbook),
    ]
    return (["\(code)" + (number.map { " (\($0))" } ?? "")] + rows.compactMap { $0 }).joined(separator: "\n")
      + "\n"
  }
}

/// A code that is no reason's. Its words name the nearest.
public struct UnknownReason: Error, Hashable, CustomStringConvertible, ExitCodeProviding {
  private static let longestCode = 60

  /// What was written.
  public let code: String
  /// Wrong usage.
  public var exitCode: Int32 { 2 }

  /// - Parameter code: what was written.
  public init(code: String) { self.code = code }

  public var description: String {
    let codes = ReasonCatalogue.entries.map(\.code) + AnswerReason.allCases.map(\.rawValue)
    let nearest = NearestName.of(code, among: codes)
    return "there is no reason \(code.prefix(Self.longestCode))"
      + (nearest.map { "; did you mean \($0)?" } ?? "; cdb reasons lists all of them")
  }
}
