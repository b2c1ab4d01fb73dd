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

  enum CodingKeys: String, CodingKey {
    case accepted, verified, seconds
    case inForce = "in_force"
    case refusedBy = "refused_by"
  }

  /// For a person, in one line; an order that is refused already proves the stop.
  public func text(in language: Language) -> String {
    let time = "\((seconds * 1_000).rounded() / 1_000) s"
    let text =
      if verified {
        Translation(
          en: "stopped: a probe order was refused (\(refusedBy ?? "")), proved in \(time)",
          de: "angehalten: eine Probe-Order wurde abgelehnt (\(refusedBy ?? "")), bewiesen in \(time)")
      } else if inForce {
        Translation(
          en:
            "stopped, and NOT PROVED: the stages have it, but no probe order could be seen refused (\(time))",
          de:
            "angehalten, aber NICHT BEWIESEN: die Stufen haben es, doch keine Probe-Order wurde sichtbar abgelehnt "
            + "(\(time))")
      } else {
        Translation(
          en:
            "accepted, and NOT IN FORCE after \(time): the pipeline takes no input; nothing is accepted meanwhile",
          de:
            "angenommen, aber nach \(time) NICHT IN KRAFT: die Pipeline nimmt nichts an; auch keine Orders "
            + "inzwischen")
      }
    return text[language]
  }
}
