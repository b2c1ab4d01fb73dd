import Logging
import Synchronization

/// What a shipper's tasks tell, for who looks. An error is logged when it is another one than the last.
final class ShipperStatus: Sendable {
  /// Without what the board tells.
  private let state = Mutex((statistics: ShipperStatistics(), board: FileBoard()))
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  var statistics: ShipperStatistics {
    var (statistics, board) = state.withLock { $0 }
    board.tell(&statistics)
    return statistics
  }

  func update(_ change: (inout ShipperStatistics, inout FileBoard) -> Void) {
    state.withLock { change(&$0.statistics, &$0.board) }
  }

  func noteRequest(_ outcome: BulkOutcome, items: Int, bytes: Int, isRepetition: Bool, time: Int64) {
    let problem = outcome.problem
    let isNew = state.withLock { all in
      defer { all.statistics.serverError = problem }
      let isNew = problem != nil && problem != all.statistics.serverError
      all.statistics.count(outcome, items: items, bytes: bytes, isRepetition: isRepetition, time: time)
      return isNew
    }
    guard isNew, let problem else { return }
    let metadata: Logger.Metadata = ["event.reason": "log_shipping"]
    if case .forbidden = outcome {
      logger.error("nothing is delivered until somebody sees to it: \(problem)", metadata: metadata)
    } else {
      logger.warning("\(problem)", metadata: metadata)
    }
  }

  func noteFiles(_ problem: String?) {
    warn(state.withLock { Self.replace(&$0.statistics.fileError, by: problem) })
  }

  func noteDisk(_ problem: String?) {
    warn(state.withLock { Self.replace(&$0.statistics.diskError, by: problem) })
  }

  /// - Returns: the problem, where it is another one than before.
  private static func replace(_ place: inout String?, by problem: String?) -> String? {
    defer { place = problem }
    return problem == place ? nil : problem
  }

  private func warn(_ problem: String?) {
    guard let problem else { return }
    logger.warning("\(problem)", metadata: ["event.reason": "log_shipping"])
  }

  func noteDead(_ letters: [DeadLetter]) {
    guard let first = letters.first else { return }
    logger.error(
      "\(letters.count) documents were refused and are in the dead-letter file; the first: \(first.type): \(first.reason)",
      metadata: ["event.reason": "log_shipping"])
  }
}

extension ShipperStatistics {
  fileprivate mutating func count(
    _ outcome: BulkOutcome, items: Int, bytes: Int, isRepetition: Bool, time: Int64
  ) {
    requests[outcome.result, default: 0] += 1
    sentBytes += UInt64(bytes)
    if isRepetition { retried += UInt64(items) }
    if case .verdicts = outcome { lastSuccess = time }
  }
}
