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
  /// - Returns: false while the store has not come that far, and nothing was taken over.
  public mutating func remember(
    _ transitions: [ControlRecord], stops: [ControlRecord], begunAt begun: EventTime
  ) -> Bool {
    let earliest = begun.advanced(by: -Self.startUp)
    let own = transitions.firstIndex {
      if case .gate(let change) = $0.control { change.isRestart && $0.time >= earliest } else { false }
    }
    guard let own else { return false }
    // What somebody asked of this process meanwhile it knows.
    remember(transitions[own...] + stops)
    return true
  }
}
