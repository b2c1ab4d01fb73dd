import CDBDomain
import CDBGate

/// Which of the gate's states are worth a line at the terminal. A verification that begins by itself and fails for the
/// reason that is known is not.
struct GateNews {
  private var told: GateChange?

  mutating func isNews(_ report: GateReport) -> Bool {
    guard let told else {
      self.told = report.change
      return true
    }
    let keptShut = told.state == .tripped || told.state == .closed && !told.isRestart
    if keptShut, report.state == .verifying, !report.change.isByOperator { return false }
    let isShut = report.state == .tripped || report.state == .closed
    guard report.state != told.state || isShut && report.reason != told.reason else { return false }
    self.told = report.change
    return true
  }
}
