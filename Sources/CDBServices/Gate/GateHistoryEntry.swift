import CDBDomain
import CDBPipeline

/// One thing that happened to the gate. What does not apply is absent.
public struct GateHistoryEntry: Codable, Sendable, Equatable {
  /// RFC 3339, UTC, with nanoseconds: event time.
  public var time: String
  /// `gate`, `verdict`, `incident`, `stop`, `resume`, or `restart` of the process, after which a gate that was not stopped is closed.
  public var control: String
  public var state: String?
  public var check: String?
  public var outcome: String?
  /// The number of an incident, whose step is ``state``.
  public var incident: UInt64?
  /// Who asked for it; absent for verdicts, and where a version before did not write it.
  public var actor: String?
  /// A reason code, or somebody's own words.
  public var reason: String?

  init(_ record: ControlRecord) {
    time = record.time.rfc3339
    control = record.control.name
    switch record.control {
    case .gate(let change) where change.isRestart:
      // A stop outlives it, so it says nothing of the state.
      control = "restart"
      actor = change.actor
    case .gate(let change):
      state = change.state.rawValue
      actor = change.actor
      reason = change.reason
    case .verdict(let verdict):
      check = verdict.check.rawValue
      outcome = verdict.outcome.rawValue
      reason = verdict.reason == .none ? nil : verdict.reason.code
    case .stop(let words, let who), .resume(let words, let who):
      actor = who
      reason = words
    case .incident(let event):
      incident = event.incident
      state = event.step.rawValue
      actor = event.actor
      reason = event.text ?? event.reason
    case .block(let event):
      actor = event.actor
      reason = "block \(event.block) \(event.change.name)"
    case .configure, .probe, .answer: break
    }
  }

  /// What a restart does to the gate, for a person.
  private static let restarted = "the process began anew; a gate that was not stopped is closed"

  /// For a person, in one line.
  public var line: String {
    let what = [incident.map { "\($0)" }, state, check, outcome].compactMap { $0 }.joined(separator: " ")
    let words = reason ?? (control == GateChange.restart ? Self.restarted : nil)
    let why = [actor, words].compactMap { $0 }.joined(separator: ": ")
    return [time, control + (what.isEmpty ? "" : " " + what), why].filter { !$0.isEmpty }.joined(
      separator: "  ")
  }
}
