import CDBDomain
import CDBPipeline

@testable import CDBGate

/// Drives a machine on a clock of its own, and answers the checks that it asks for.
struct Drive {
  static let second: Int64 = 1_000_000_000
  var machine: GateStateMachine
  var now = EventTime(nanoseconds: 1_700_000_000_000_000_000)
  var controls: [Control] = []
  /// What the checks find; a pass where nothing stands here.
  var findings: [GateCheck: ReasonCode] = [:]
  /// Checks that never answer.
  var silent: Set<GateCheck> = []
  var checked: [GateCheck] = []

  init(_ policy: GatePolicy = GatePolicy(), observed: GateState = .closed) {
    machine = GateStateMachine(policy: policy, observed: observed, at: now)
  }

  mutating func give(_ input: GateStateMachine.Input) {
    var actions = machine.handle(input, at: now)
    while !actions.isEmpty {
      switch actions.removeFirst() {
      case .submit(let control): controls.append(control)
      case .check(let check):
        checked.append(check)
        guard !silent.contains(check) else { continue }
        actions += machine.handle(.verdict(verdict(check)), at: now)
      }
    }
  }

  private func verdict(_ check: GateCheck) -> GateVerdict {
    let reason = findings[check] ?? .none
    let outcome: GateOutcome = reason == .none ? .pass : reason == .checkUnavailable ? .unknown : .fail
    return GateVerdict(check: check, outcome: outcome, reason: reason, at: now)
  }

  mutating func pass(seconds: Double) {
    let end = now.advanced(by: Int64(seconds * Double(Self.second)))
    while now < end {
      now = now.advanced(by: Self.second / 5)
      give(.tick)
    }
  }

  var states: [GateState] {
    controls.compactMap { if case .gate(let change) = $0 { change.state } else { nil } }
  }
}

extension GateStateMachine {
  /// Transitions of a second ago, newest first.
  mutating func remember(_ history: [GateChange]) {
    remember(
      history.map {
        ControlRecord(time: EventTime(nanoseconds: 1_699_999_999_000_000_000), control: .gate($0))
      })
  }
}
