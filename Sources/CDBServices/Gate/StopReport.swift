import CDBDomain
import CDBPipeline

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
  /// What kept the proof from being seen; nil where it was seen, and where nothing tells.
  public var hinderedBy: Hindrance?
  /// What is known of that, in English; nil where ``hinderedBy`` is.
  public var hindrance: String?

  enum CodingKeys: String, CodingKey {
    case accepted, verified, seconds, underway, hindrance
    case hinderedBy = "hindered_by"
    case inForce = "in_force"
    case refusedBy = "refused_by"
  }

  /// What keeps a probe behind a stop from being seen refused.
  public enum Hindrance: String, Codable, Sendable, CaseIterable {
    /// The store does not answer, or does not show what the stages have.
    case store
    /// No instrument has a price that a probe could be made with.
    case noPrice = "no_price"
  }

  /// What it comes to; an order that is refused already proves the stop.
  enum Finding: Sendable, Hashable {
    case verified, unproved, unprovedByStore, unpriced, underway, notInForce
  }

  private var finding: Finding {
    if verified { return .verified }
    guard inForce else { return underway == true ? .underway : .notInForce }
    return switch hinderedBy {
    case .store: .unprovedByStore
    case .noPrice: .unpriced
    case nil: .unproved
    }
  }

  /// For a person, in one line.
  public func text(in language: Language) -> String {
    Self.words(
      finding, refusedBy: refusedBy ?? "",
      seconds: DecimalText.localized("\((seconds * 1_000).rounded() / 1_000)", in: language),
      hindrance: hindrance ?? "")[language]
  }

  /// - Parameters:
  ///   - refusedBy: the reason of the refusal that proves it.
  ///   - seconds: how long it took.
  ///   - hindrance: what is known of what hinders the proof.
  static func words(
    _ finding: Finding, refusedBy: String, seconds: String, hindrance: String
  ) -> Translation {
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
    case .unprovedByStore:
      Translation(
        en:
          "stopped, and NOT PROVED: the stages have it, but the store does not show the probe order (\(seconds) s): "
          + hindrance,
        de:
          "angehalten, aber NICHT BEWIESEN: die Stufen haben es, doch der Speicher zeigt die Probe-Order nicht "
          + "(\(seconds) s): " + hindrance)
    case .unpriced:
      Translation(
        en:
          "stopped, and NOT PROVED: the stages have it, but no instrument has a price yet to probe with (\(seconds) s)",
        de:
          "angehalten, aber NICHT BEWIESEN: die Stufen haben es, doch noch kein Instrument hat einen Preis für eine "
          + "Probe-Order (\(seconds) s)")
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

extension StopReport {
  /// What kept the probe behind a stop from being seen refused, by what is known once its time is over.
  ///
  /// - Parameters:
  ///   - isSent: whether there was a probe.
  ///   - isStored: whether the store has the stop itself; nil where it could not be asked.
  ///   - readFailure: why the store could not be read last; nil where it could.
  ///   - writer: the stage that writes to the store.
  static func hindrance(
    isSent: Bool, isStored: Bool?, readFailure: String?, writer: StageStatus?
  ) -> (by: Hindrance, words: String)? {
    if let readFailure { return (.store, readFailure) }
    if isStored == false {
      let words = writer?.failure ?? writer?.outage?.text
      return (.store, words ?? "db_writer has not brought the stop into it yet: it is locked, or slow")
    }
    return isSent ? nil : (.noPrice, "no instrument has a price yet")
  }
}
