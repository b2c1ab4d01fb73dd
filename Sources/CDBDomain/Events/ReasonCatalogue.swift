/// Where in the pipeline a reason is given, in the order of its documentation.
public enum ReasonArea: String, Sendable, Hashable, CaseIterable, Codable {
  /// An event did its work and went no further: nothing is wrong.
  case absorbed
  /// ws could not make market data of a frame.
  case feed
  /// risk refused a signal, or cannot be relied on to.
  case risk
  /// The paper exchange answered an order.
  case exchange
  /// The gate let an order not through, or one of its checks failed.
  case gate
  /// A layer of the whole does not do its work.
  case system
  /// Anywhere.
  case pipeline
}

/// What a person is told of one reason code.
public struct ReasonEntry: Sendable, Hashable {
  public let reason: ReasonCode
  /// The code as metrics, logs, stores and people see it.
  public let code: String
  public let area: ReasonArea
  /// What it means, in one sentence without a full stop.
  public let explanation: Translation
  /// What to do about it, in one sentence without a full stop.
  public let remedy: Translation

  /// The layer of risk that refuses with this reason; nil for reasons that are no layer's.
  public var layer: RiskLayerName? { RiskLayerName.allCases.first { $0.reason == reason } }

  init(
    _ reason: ReasonCode, _ code: String, _ area: ReasonArea, en: String, de: String,
    remedy: Translation = ReasonEntry.nothingToDo
  ) {
    self.reason = reason
    self.code = code
    self.area = area
    explanation = Translation(en: en, de: de)
    self.remedy = remedy
  }

  static let nothingToDo = Translation(
    en: "nothing: this is normal", de: "nichts, das ist der Normalfall")
}

/// Every reason code, once, with its texts in every language. Documents, `cdb reasons` and the answers of
/// `cdb why` are views of it.
public enum ReasonCatalogue {
  /// In the order of the codes' numbers.
  public static let entries = [absorbed, feed, risk, exchange, gate, system, pipeline].flatMap { $0 }
    .sorted { $0.reason.rawValue < $1.reason.rawValue }

  public static subscript(_ reason: ReasonCode) -> ReasonEntry { byNumber[Int(reason.rawValue)] }

  /// By the code's number, so that naming a reason is one look-up. A number without an entry says so.
  private static let byNumber: [ReasonEntry] = {
    var table = (0...Int(UInt8.max)).map {
      ReasonEntry(
        .unexpectedEvent, "reason_\($0)", .pipeline, en: "a reason without an entry in the catalogue",
        de: "ein Grund ohne Eintrag im Katalog")
    }
    for entry in entries { table[Int(entry.reason.rawValue)] = entry }
    return table
  }()
}
