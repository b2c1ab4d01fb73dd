import CDBDomain

/// What became of an emergency stop.
public struct StopReport: Codable, Sendable {
  public var accepted: Bool
  /// Whether the stages have it already.
  public var inForce: Bool
  /// Whether a probe order behind it was seen refused.
  public var verified: Bool
  /// The reason of that refusal.
  public var refusedBy: String?
  public var seconds: Double
  /// True where the stages are other processes and have it not yet; it is sent until they have.
  public var underway: Bool?

  enum CodingKeys: String, CodingKey {
    case accepted, verified, seconds, underway
    case inForce = "in_force"
    case refusedBy = "refused_by"
  }

  /// What it comes to; an order that is refused already proves the stop.
  enum Finding: Sendable {
    case verified, unproved, underway, notInForce
  }

  private var finding: Finding {
    verified ? .verified : inForce ? .unproved : underway == true ? .underway : .notInForce
  }

  /// For a person, in one line.
  public func text(in language: Language) -> String {
    Self.words(
      finding, refusedBy: refusedBy ?? "",
      seconds: DecimalText.localized("\((seconds * 1_000).rounded() / 1_000)", in: language))[language]
  }

  /// - Parameters:
  ///   - refusedBy: the reason of the refusal that proves it.
  ///   - seconds: how long it took.
  static func words(_ finding: Finding, refusedBy: String, seconds: String) -> Translation {
    switch finding {
    case .verified:
      Translation(
        en: "stopped: a probe order was refused (\(refusedBy)), proved in \(seconds) s",
        de: "angehalten: eine Probe-Order wurde abgelehnt (\(refusedBy)), bewiesen in \(seconds) s")
    case .unproved:
      Translation(
        en:
          "stopped, and NOT PROVED: the stages have it, but no probe order could be seen refused (\(seconds) s)",
        de:
          "angehalten, aber NICHT BEWIESEN: die Stufen haben es, doch keine Probe-Order wurde sichtbar abgelehnt "
          + "(\(seconds) s)")
    case .underway:
      Translation(
        en:
          "accepted, and NOT IN FORCE after \(seconds) s: it has not come through to risk and execution, which go on "
          + "until then; it is sent until it has",
        de:
          "angenommen, aber nach \(seconds) s NICHT IN KRAFT: es ist nicht bis zu risk und execution gekommen, und sie "
          + "machen so lange weiter; es wird gesendet, bis es ankommt")
    case .notInForce:
      Translation(
        en:
          "accepted, and NOT IN FORCE after \(seconds) s: the pipeline takes no input; nothing is accepted meanwhile",
        de:
          "angenommen, aber nach \(seconds) s NICHT IN KRAFT: die Pipeline nimmt nichts an; auch keine Orders "
          + "inzwischen")
    }
  }
}
