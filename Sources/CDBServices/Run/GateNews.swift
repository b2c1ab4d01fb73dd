import CDBDomain
import CDBGate

/// Which of the gate's states are worth a line at the terminal. A verification that begins by itself and fails for the
/// reason that is known is not.
struct GateNews {
  private var told: (state: GateState, reason: String)?

  mutating func isNews(_ report: GateReport) -> Bool {
    guard let told else {
      self.told = (report.state, report.reason)
      return true
    }
    let keptShut = told.state == .tripped || told.state == .closed && told.reason != GateStateMachine.restart
    if keptShut, report.state == .verifying, !report.actor.hasPrefix("operator") { return false }
    let isShut = report.state == .tripped || report.state == .closed
    guard report.state != told.state || isShut && report.reason != told.reason else { return false }
    self.told = (report.state, report.reason)
    return true
  }
}
