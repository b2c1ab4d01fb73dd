import CDBDomain
import CDBPipeline

extension GateStateMachine {
  /// How long before the gate's first look the run's own controls may have been made, nanoseconds.
  public static let startUp: Int64 = 10_000_000_000

  /// Takes over what earlier processes left to a person, once the store has all of it: a run that goes on closes the
  /// gate behind everything that was journaled before.
  ///
  /// - Parameters:
  ///   - transitions: the newest of the gate, newest first.
  ///   - stops: the newest stop or resume.
  ///   - begun: when this process's gate began, by the wall clock.
  ///   - process: the name that this process's closing of the gate has; nil where it has none, and is known by its time.
  /// - Returns: false while the store has not come that far, and nothing was taken over.
  public mutating func remember(
    _ transitions: [ControlRecord], stops: [ControlRecord], begunAt begun: EventTime,
    as process: String? = nil
  ) -> Bool {
    let own = transitions.firstIndex { Self.isClosing($0, begunAt: begun, as: process) }
    guard let own else { return false }
    // What somebody asked of this process meanwhile it knows.
    remember(transitions[own...] + stops)
    return true
  }

  /// Whether a transition is a process's closing of the gate at its start: by its name. One without a name, of a version before, is
  /// known by its time; but the time of a recording is long ago.
  ///
  /// - Parameters: see ``remember(_:stops:begunAt:as:)``.
  public static func isClosing(
    _ record: ControlRecord, begunAt begun: EventTime, as process: String?
  ) -> Bool {
    guard case .gate(let change) = record.control, change.isRestart else { return false }
    if let process, let other = change.process { return process == other }
    return record.time >= begun.advanced(by: -startUp)
  }
}
