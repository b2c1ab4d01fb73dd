import CDBDomain

extension TimelineReport.Interval {
  /// Whether no process ran: the one before had ended, and the next had not begun.
  public var isBetweenProcesses: Bool { AnswerTimeline.isBetweenProcesses(reason) }
}

extension AnswerTimeline {
  /// Whether an answer of that reason tells of a time in which no process ran.
  static func isBetweenProcesses(_ reason: String?) -> Bool {
    reason.map { restartKinds[$0] != nil } ?? false
  }
}
