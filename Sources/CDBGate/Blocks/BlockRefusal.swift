import CDBDomain

/// Why something cannot be done with a block now. Each says what must come first.
public enum BlockRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  case noBlock
  /// The block runs.
  case running(Int)
  case alreadyEnded(Int)
  case notReported(Int)
  case notAnalysed(Int)
  case incidentOpen(Int, incident: UInt64)
  case gateNotOpen(GateState, reason: String)
  case canaryNotFresh(GateCheck)
  case reasonMissing
  case nothingLearned
  case tooMuchWritten

  public var description: String {
    switch self {
    case .noBlock: "there has been no block yet: cdb block start"
    case .running(let number): "block \(number) runs: it ends by itself, or by cdb block finish --reason …"
    case .alreadyEnded(let number): "block \(number) has ended already"
    case .notReported(let number): "block \(number) has no report yet: cdb block report"
    case .notAnalysed(let number):
      "block \(number) is not analysed: cdb block report --lesson \"what was learned\""
    case .incidentOpen(let number, let incident):
      "incident \(incident) of block \(number) is not closed: cdb incident"
    case .gateNotOpen(let state, let reason):
      "a block begins with an open gate, and it is \(state.rawValue) (\(reason)): cdb gate"
    case .canaryNotFresh(let check):
      "a block begins with a fresh canary, and \(check.rawValue) has not passed lately: cdb gate checks"
    case .reasonMissing: "to end a block before its time needs a reason: --reason …"
    case .nothingLearned: "a lesson is a sentence, and this one is empty"
    case .tooMuchWritten:
      "a block has at most \(BlockStateMachine.mostLessons) lessons and as many to-dos, each of at most "
        + "\(BlockStateMachine.longestText) bytes"
    }
  }
}
