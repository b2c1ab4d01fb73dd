import CDBDomain

/// An emergency stop: by whom, why, and from when until when.
public struct GateStop: Sendable, Hashable, Codable {
  public var actor: String
  public var reason: String
  public var since: EventTime
  /// When somebody resumed; nil while it is in force.
  public var until: EventTime?

  init(actor: String, reason: String, since: EventTime) {
    self.actor = actor
    self.reason = reason
    self.since = since
  }

  /// The sentence that an answer has for it.
  ///
  /// - Parameter actor: nil where it is not known.
  static func summary(actor: String?, reason: String) -> Translation {
    let who = actor.flatMap { $0.isEmpty || $0 == GateStateMachine.unknownActor ? nil : " (\($0))" } ?? ""
    let words = reason.isEmpty ? "" : ": \(reason)"
    return Translation(
      en: "the emergency stop is in force\(who)\(words)", de: "der Not-Halt gilt\(who)\(words)")
  }
}
